import type { CodeLens, Hover, InlayHint, InlayHintLabelPart } from "vscode-languageserver";
import { MarkupKind } from "vscode-languageserver";
import type { Instruction } from "../../engine/analysis.ts";
import type { Forecast, StepForecast } from "../../engine/base/forecast.ts";
import type { ForecastNews } from "../../engine/base/language-api.ts";
import { type Message, msg } from "../../engine/base/message.ts";
import type { Position, Range } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import type { Advice } from "../forecast/advice.ts";
import { explanation, hintText, summary } from "../forecast/words.ts";

type Translate = (message: Message) => string;

/** `quiet`: only what is not reused. */
export type ForecastLevel = "off" | "quiet" | "full";

/** At the end of each instruction's first line: what the next build does with it, and what that costs. */
export function forecastHints(
  { uri, dockerfile: { lines, instructions } }: Analysis,
  forecast: Forecast,
  range: Range,
  level: ForecastLevel,
  translate: Translate,
): InlayHint[] {
  if (level === "off") return [];
  return forecast.steps.flatMap((step): InlayHint[] => {
    const line = step.range.start.line;
    if (line < range.start.line || line > range.end.line || line >= lines.count) return [];
    if (level === "quiet" && step.outcome === "hit") return [];
    const below = placeOfCause(step) ?? placeOfValue(step, instructions);
    const part: InlayHintLabelPart = {
      value: hintText(step, translate),
      tooltip: { kind: MarkupKind.Markdown, value: explanation(step, forecast, translate) },
      // A click leads to the step that it hangs on.
      ...(below === undefined
        ? {}
        : { location: { uri, range: { start: { line: below, character: 0 }, end: { line: below, character: 0 } } } }),
    };
    return [{ position: { line, character: lines.at(line).length }, label: [part], paddingLeft: true }];
  });
}

/** Line, from 0. */
function placeOfCause({ cause }: StepForecast): number | undefined {
  if (cause === undefined || !("line" in cause) || cause.line === undefined) return undefined;
  return cause.line - 1;
}

/** Line, from 0, of the nearest ARG or ENV above that sets the variable whose value is another. */
function placeOfValue({ cause, range }: StepForecast, instructions: readonly Instruction[]): number | undefined {
  const [change] = cause?.kind === "environment-changed" ? (cause.changes ?? []) : [];
  const { name = "" } = change ?? {};
  if (!/^\w+$/.test(name)) return undefined;
  const sets = new RegExp(`(?:^|\\s)${name}(?:[=\\s]|$)`);
  return instructions.findLast(
    ({ keyword, rest, range: { start } }) =>
      start.line < range.start.line && (keyword === "ARG" || keyword === "ENV") && sets.test(rest.text),
  )?.range.start.line;
}

/** Adds what is foretold to what is said of an instruction's keyword; alone where nothing else is said. */
export function withForecast(
  said: Hover | null | undefined,
  analysis: Analysis,
  position: Position,
  forecast: Forecast | undefined,
  advice: readonly Advice[],
  translate: Translate,
): Hover | null {
  const instruction = analysis.instructionAt(position);
  const keyword = instruction?.keywordWord.range;
  const isOnKeyword =
    keyword !== undefined && position.line === keyword.start.line && position.character <= keyword.end.character;
  const step = forecast?.steps.find(({ range }) => range.start.line === instruction?.range.start.line);
  if (!isOnKeyword || !forecast || !step) return said ?? null;
  const paying =
    instruction?.keyword === "FROM" ? mostPaying(stageRange(analysis, instruction), advice, translate) : undefined;
  const text = [explanation(step, forecast, translate), paying].filter((part) => part !== undefined).join("\n\n");
  const contents = said?.contents;
  const before = contents && typeof contents === "object" && "value" in contents ? `${contents.value}\n\n---\n\n` : "";
  return { contents: { kind: MarkupKind.Markdown, value: before + text }, range: said?.range ?? keyword };
}

/** Lines of a stage, from 1. */
function stageRange({ dockerfile: { stages } }: Analysis, from: Instruction): readonly [first: number, last: number] {
  const stage = stages.find((one) => one.from === from);
  const last = stage?.instructions.at(-1) ?? from;
  return [from.range.start.line + 1, last.range.end.line + 1];
}

/** What is worth most in a stage, on its FROM. */
function mostPaying(
  [first, last]: readonly [number, number],
  advice: readonly Advice[],
  translate: Translate,
): string | undefined {
  const rows = advice.flatMap(({ line, words, helped }) =>
    words && helped?.times !== 0 && line >= first && line <= last
      ? [`- ${translate(msg("Line {line}: {advice}", { line, advice: words }))}`]
      : [],
  );
  return rows.length === 0 ? undefined : [`**${translate(msg("What would pay most"))}**`, ...rows].join("\n");
}

/** Above each stage that would be built: how much of it is reused. */
export function forecastLenses(
  { dockerfile: { stages } }: Analysis,
  { steps }: Forecast,
  command: string,
  translate: Translate,
): CodeLens[] {
  return stages.flatMap(({ name, index, from }) => {
    const stage = name?.text.toLowerCase() ?? `stage-${index}`;
    const own = steps.filter((step) => step.stage.toLowerCase() === stage);
    if (own.length === 0) return [];
    return [
      {
        range: from.keywordWord.range,
        command: { title: `$(history)\u00a0${summary(own, translate)}`, command, arguments: [] },
      },
    ];
  });
}

interface Said {
  readonly forecast: Forecast;
  readonly advice: readonly Advice[];
}

export function forecastNews(
  uri: string,
  version: number,
  { forecast, advice }: Said,
  translate: Translate,
): ForecastNews {
  const { steps, totals, problem, isEstimate } = forecast;
  return {
    uri,
    version,
    steps: steps.map(({ range, outcome, instruction, reason, durationMs }) => ({
      line: range.start.line,
      outcome,
      instruction,
      reason: translate(reason),
      ...(durationMs === undefined ? {} : { durationMs }),
    })),
    hits: totals.hits,
    expectedMs: totals.expectedMs,
    unmeasured: totals.unmeasured,
    words: translate(totals.words),
    isEstimate,
    advice: advice.flatMap(({ line, words, helped, meanMs }) =>
      words && helped?.times !== 0 ? [{ line: line - 1, words: translate(words), meanMs }] : [],
    ),
    ...(problem ? { problem: translate(problem.message) } : {}),
  };
}
