import type { CodeLens, Hover, InlayHint, InlayHintLabelPart } from "vscode-languageserver";
import { MarkupKind } from "vscode-languageserver";
import type { Forecast, StepForecast } from "../../engine/base/forecast.ts";
import type { ForecastNews } from "../../engine/base/language-api.ts";
import type { Message } from "../../engine/base/message.ts";
import type { Position, Range } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { explanation, hintText, summary } from "../forecast/words.ts";

type Translate = (message: Message) => string;

/** `quiet`: only what is not reused. */
export type ForecastLevel = "off" | "quiet" | "full";

/** At the end of each instruction's first line: what the next build does with it, and what that costs. */
export function forecastHints(
  { uri, dockerfile: { lines } }: Analysis,
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
    const below = placeOfCause(step);
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

/** Adds what is foretold to what is said of an instruction's keyword; alone where nothing else is said. */
export function withForecast(
  said: Hover | null | undefined,
  analysis: Analysis,
  position: Position,
  forecast: Forecast | undefined,
  translate: Translate,
): Hover | null {
  const instruction = analysis.instructionAt(position);
  const keyword = instruction?.keywordWord.range;
  const isOnKeyword =
    keyword !== undefined && position.line === keyword.start.line && position.character <= keyword.end.character;
  const step = forecast?.steps.find(({ range }) => range.start.line === instruction?.range.start.line);
  if (!isOnKeyword || !forecast || !step) return said ?? null;
  const text = explanation(step, forecast, translate);
  const contents = said?.contents;
  const before = contents && typeof contents === "object" && "value" in contents ? `${contents.value}\n\n---\n\n` : "";
  return { contents: { kind: MarkupKind.Markdown, value: before + text }, range: said?.range ?? keyword };
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

export function forecastNews(uri: string, version: number, forecast: Forecast, translate: Translate): ForecastNews {
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
    ...(problem ? { problem: translate(problem.message) } : {}),
  };
}
