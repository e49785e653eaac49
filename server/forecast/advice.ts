import { type Dockerfile, describe, type Instruction, parse } from "../../engine/analysis.ts";
import type { Forecast, StepForecast } from "../../engine/base/forecast.ts";
import { type Message, msg } from "../../engine/base/message.ts";
import type { Range } from "../../engine/base/ranges.ts";
import type { Replay, ReplayedStep, ReplayedVariant } from "../../engine/base/replay.ts";
import { reorderRule } from "../lint/proposed-order.ts";
import { gainOf, historySentence } from "./history-sentence.ts";
import { shortDuration } from "./words.ts";

const mountRule = "cache/cache-mount";
const argumentRule = "cache/arg-before-expensive";
/** Rules whose weight is what steps cost. */
export const costRules: ReadonlySet<string> = new Set([reorderRule, mountRule, argumentRule]);

/** A finding whose weight is what a step costs, and what heeding it would have been worth. */
export interface Advice {
  readonly rule: string;
  /** From 1. */
  readonly line: number;
  readonly range: Range;
  /** What a build is shorter by when it helps: the most that it can be, if `isAtMost`. Absent: no step of it was measured. */
  readonly savesMs?: number;
  readonly isAtMost?: boolean;
  /** How often it would have helped. Absent: neither history nor records say. */
  readonly helped?: { readonly times: number; readonly of: number; readonly what: "commits" | "builds" };
  /** What the mean build is shorter by: what advice is ordered by. */
  readonly meanMs: number;
  readonly words?: Message;
}

export interface Weighed {
  readonly dockerfile: Dockerfile;
  readonly forecast: Forecast | undefined;
  /** As the Dockerfile is, then in the proposed order if there is one. */
  readonly replay: Replay | undefined;
}

interface CostFinding {
  readonly rule: string;
  readonly range: Range;
  /** The first: what is done again for it. */
  readonly related?: readonly { readonly range: Range }[] | undefined;
}

/** What findings are worth, what pays most first. */
export function adviceOf(findings: readonly CostFinding[], weighed: Weighed): readonly Advice[] {
  return findings
    .filter(({ rule }) => costRules.has(rule))
    .map((finding) => weigh(finding, weighed))
    .sort((a, b) => b.meanMs - a.meanMs || a.line - b.line);
}

/** The same for a text that nobody has open. */
export function adviceOfText(
  text: string,
  findings: readonly CostFinding[],
  known: Omit<Weighed, "dockerfile">,
): readonly Advice[] {
  return adviceOf(findings, { ...known, dockerfile: parse(text) });
}

type Saving = Pick<Advice, "savesMs" | "isAtMost" | "helped" | "words">;

/** A cache is never all that a step needs: what a mount may save at most is taken for half of that. */
const shareOfMount = 0.5;

function weigh(finding: CostFinding, weighed: Weighed): Advice {
  const { rule, range } = finding;
  const saving = savingOf(finding, weighed);
  const { savesMs, isAtMost, helped } = saving;
  const share = helped ? helped.times / Math.max(1, helped.of) : 1;
  const meanMs = (savesMs ?? 0) * share * (isAtMost ? shareOfMount : 1);
  const words = saving.words ?? wordsOf(saving);
  return { rule, line: range.start.line + 1, range, ...saving, meanMs, ...(words ? { words } : {}) };
}

function savingOf({ rule, range, related }: CostFinding, { dockerfile, forecast, replay }: Weighed): Saving {
  const { line } = range.start;
  const stage = dockerfile.stages.findLast(({ from }) => from.range.start.line < line);
  const at = stage ? placeOf(stage.instructions, line) : 0;
  const found = stage?.instructions[at];
  if (!stage || !found) return {};
  const name = stage.name?.text.toLowerCase() ?? `stage-${stage.index}`;
  const steps = forecast && stepsOf(forecast);
  const stepOf = (one: Instruction) => steps?.get(`${name} ${describe(one)}`);
  const after = stage.instructions.slice(at + 1);
  if (rule === mountRule) return ofMount(stepOf(found), timesOf(replay?.variants[0], found));
  if (rule === argumentRule) return ofArgument(found, after, stepOf);
  const again = related?.[0]?.range.start.line;
  const run = again === undefined ? undefined : stage.instructions[placeOf(stage.instructions, again)];
  return ofOrder(run && stepOf(run), name, replay);
}

/** Of the last that begins at this line or before: a long file may have many findings. */
function placeOf(instructions: readonly Instruction[], line: number): number {
  let from = 0;
  let to = instructions.length;
  while (to - from > 1) {
    const middle = (from + to) >> 1;
    if ((instructions[middle]?.range.start.line ?? 0) <= line) from = middle;
    else to = middle;
  }
  return from;
}

const indexes = new WeakMap<Forecast, ReadonlyMap<string, StepForecast>>();

/** By stage and words: the text may be newer than the forecast. */
function stepsOf(forecast: Forecast): ReadonlyMap<string, StepForecast> {
  let index = indexes.get(forecast);
  if (!index) {
    index = new Map(forecast.steps.map((step) => [`${step.stage} ${step.instruction}`, step]));
    indexes.set(forecast, index);
  }
  return index;
}

function ofMount(step: StepForecast | undefined, replayed: Advice["helped"]): Saving {
  const helped = replayed ?? pastOf(step);
  return { ...saves(step?.durationMs, true), ...(helped ? { helped } : {}) };
}

/** All that is done again for the argument between its place and its first use. */
function ofArgument(
  found: Instruction,
  after: readonly Instruction[],
  stepOf: (one: Instruction) => StepForecast | undefined,
): Saving {
  const names = [...found.rest.text.matchAll(/(?:^|\s)([A-Za-z_]\w*)(?==|\s|$)/g)].flatMap(([, name]) => name ?? []);
  const use = after.findIndex(({ rest, heredocs }) =>
    [rest.text, ...heredocs.map(({ content }) => content)].some((text) => names.some((name) => mentions(text, name))),
  );
  const until = use < 0 ? after : after.slice(0, use);
  // What stands on nothing but files is not done again.
  const first = until.findIndex(({ keyword }) => keyword === "RUN");
  const steps = first < 0 ? [] : until.slice(first).flatMap((one) => stepOf(one) ?? []);
  const times = steps.map(({ past }) => Math.max(0, ...names.map((name) => past?.for?.[name] ?? 0)));
  const of = Math.max(0, ...steps.map(({ past }) => past?.builds ?? 0));
  return {
    ...saves(sumOf(steps), false),
    ...(of > 1 ? { helped: { times: Math.max(0, ...times), of, what: "builds" as const } } : {}),
  };
}

function mentions(text: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(text);
}

/** `run`: the step that installs. What is saved of one that does more is not known apart. */
function ofOrder(run: StepForecast | undefined, stage: string, replay: Replay | undefined): Saving {
  const isAtMost = /&&|;|<</.test(run?.instruction ?? "");
  if (!replay || replay.variants.length < 2 || replay.commits.length < 2) {
    const helped = pastOf(run);
    return { ...saves(run?.durationMs, isAtMost), ...(helped ? { helped } : {}) };
  }
  const of = replay.commits.length;
  const gain = gainOf(replay, stage);
  if (!gain) return { helped: { times: 0, of, what: "commits" } };
  const times = gain.step.rebuilt - gain.after;
  const saved = gain.step.durationMs === undefined ? undefined : gain.savedMs / times;
  const words = historySentence(replay, gain);
  return { ...saves(saved, isAtMost), helped: { times, of, what: "commits" }, words };
}

function timesOf(variant: ReplayedVariant | undefined, { range }: Instruction): Advice["helped"] | undefined {
  const step: ReplayedStep | undefined = variant?.steps.find(({ line }) => line === range.start.line + 1);
  return step && variant && variant.costMs.length > 1
    ? { times: step.rebuilt, of: variant.costMs.length, what: "commits" }
    : undefined;
}

/** The first build of a step says nothing of how often it is done. */
function pastOf(step: StepForecast | undefined): Advice["helped"] | undefined {
  const { builds = 0, redone = 0 } = step?.past ?? {};
  return builds > 2 ? { times: Math.max(0, redone - 1), of: builds - 1, what: "builds" } : undefined;
}

function saves(ms: number | undefined, isAtMost: boolean): Pick<Saving, "savesMs" | "isAtMost"> {
  if (ms === undefined) return {};
  return { savesMs: Math.max(0, Math.round(ms)), ...(isAtMost ? { isAtMost } : {}) };
}

function sumOf(steps: readonly StepForecast[]): number | undefined {
  const measured = steps.flatMap(({ durationMs }) => durationMs ?? []);
  return measured.length === 0 ? undefined : measured.reduce((sum, ms) => sum + ms, 0);
}

/** Below this nobody gains anything. */
const worthMs = 100;

function wordsOf({ savesMs, isAtMost, helped }: Saving): Message | undefined {
  if (helped?.times === 0)
    return helped.what === "commits"
      ? msg("In the last {of} commits it would have saved nothing.", { of: helped.of })
      : msg("In the last {of} builds it would have saved nothing.", { of: helped.of });
  if (savesMs === undefined || savesMs < worthMs) return undefined;
  const time = shortDuration(savesMs);
  const saving = isAtMost ? msg("up to {duration}", { duration: time }) : msg("about {duration}", { duration: time });
  if (!helped) return msg("Saves {saving} each time that the step is done again.", { saving });
  return helped.what === "commits"
    ? msg("Saves {saving} a rebuild: in {times} of the last {of} commits.", { saving, ...helped })
    : msg("Saves {saving} a rebuild: in {times} of the last {of} builds.", { saving, ...helped });
}

/** What weighs so much is no longer a hint, or no longer more than one. */
export function severityBy({ savesMs, helped, meanMs }: Advice): "warning" | "info" | "hint" | undefined {
  if (meanMs >= 10_000) return "warning";
  if (meanMs >= 1000) return "info";
  const isNothing = helped?.times === 0 || (savesMs !== undefined && savesMs < worthMs);
  return isNothing ? "hint" : undefined;
}
