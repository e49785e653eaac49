import type { BuildRun, StepRun } from "../../builds/run.ts";
import { baseOf } from "../../layers/lines.ts";

export interface TimelineStep {
  readonly id: number;
  readonly stage: string;
  readonly text: string;
  /** From 0. */
  readonly line: number;
  readonly state: StepRun["state"];
  /** ms since the build began; absent while it waits. */
  readonly startMs?: number;
  readonly durationMs?: number;
  readonly sizeBytes?: number;
  /** Whether the build would have ended earlier had this step been faster. */
  readonly isCritical: boolean;
}

export interface Timeline {
  readonly steps: readonly TimelineStep[];
  readonly durationMs: number;
  /** Of all steps, one after the other. */
  readonly workMs: number;
  readonly criticalMs: number;
  readonly reused: number;
  /** The most steps at work at the same time. */
  readonly atOnce: number;
}

/** When each step of a build ran, and which of them decided how long the build took. */
export function timelineOf(run: Pick<BuildRun, "steps" | "startedAt" | "endedAt">, nowMs: number): Timeline {
  const end = run.endedAt ?? nowMs;
  const spans = run.steps.map((one) => spanOf(one, end));
  // Clocks of other machines: nothing begins before the build.
  const begin = Math.min(run.startedAt, ...spans.flatMap((span) => (span ? [span.from] : [])));
  // Which steps decide is not known before the end.
  const critical = run.endedAt === undefined ? new Set<number>() : criticalPath(run.steps, spans);
  const steps = run.steps.map(({ step, state, sizeBytes }, at): TimelineStep => {
    const span = spans[at];
    return {
      id: step.id,
      stage: step.stage,
      text: step.text,
      line: step.range.start.line,
      state,
      ...(span ? { startMs: span.from - begin, durationMs: span.to - span.from } : {}),
      ...(sizeBytes === undefined ? {} : { sizeBytes }),
      isCritical: critical.has(at),
    };
  });
  const sum = (list: readonly TimelineStep[]) => list.reduce((total, { durationMs = 0 }) => total + durationMs, 0);
  const worked = spans.filter((span, at) => span && run.steps[at]?.state !== "reused");
  return {
    steps,
    durationMs: Math.max(end, ...spans.map((span) => span?.to ?? 0)) - begin,
    workMs: sum(steps),
    criticalMs: sum(steps.filter(({ isCritical }) => isCritical)),
    reused: steps.filter(({ state }) => state === "reused").length,
    atOnce: mostAtOnce(worked.flatMap((span) => span ?? [])),
  };
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function spanOf({ startedAt, durationMs, state }: StepRun, end: number): Span | undefined {
  if (startedAt === undefined) return undefined;
  const isOpen = durationMs === undefined && (state === "running" || state === "failed");
  return { from: startedAt, to: isOpen ? Math.max(startedAt, end) : startedAt + (durationMs ?? 0) };
}

/** From the step that ended last back to what each one waited for longest. What was reused took no time and is not on it. */
function criticalPath(runs: readonly StepRun[], spans: readonly (Span | undefined)[]): ReadonlySet<number> {
  const path = new Set<number>();
  const needs = dependencies(runs);
  const latest = (list: Iterable<number>) => {
    let found: number | undefined;
    for (const at of list) {
      const span = spans[at];
      // Of two that end together the later one in the file.
      if (span && (found === undefined || span.to >= (spans[found]?.to ?? 0))) found = at;
    }
    return found;
  };
  let at = latest(runs.keys());
  while (at !== undefined && !path.has(at)) {
    path.add(at);
    at = latest(needs[at] ?? []);
  }
  for (const one of path) if (runs[one]?.state === "reused") path.delete(one);
  return path;
}

/** Places of the steps that each one needs: the one before it in its stage, the ends of stages that it is FROM or takes from. */
function dependencies(runs: readonly StepRun[]): readonly (readonly number[])[] {
  const lastOf = new Map<string, number>();
  const ends = new Map<string, number>();
  for (const [at, { step }] of runs.entries()) ends.set(step.stage.toLowerCase(), at);
  return runs.map(({ step }, at) => {
    const stage = step.stage.toLowerCase();
    const before = lastOf.get(stage);
    lastOf.set(stage, at);
    const named = [...step.text.matchAll(/(?:--from=|[,=]from=)([^\s,]+)/g)].map(([, name = ""]) => name);
    if (step.keyword === "FROM") named.push(baseOf(step.text) ?? "");
    const taken = named.map((name) => ends.get(name.toLowerCase()) ?? ends.get(`stage-${name}`));
    return [before, ...taken].filter((one): one is number => one !== undefined && one !== at);
  });
}

function mostAtOnce(spans: readonly Span[]): number {
  const moments = spans
    .filter(({ from, to }) => to > from)
    .flatMap(({ from, to }) => [
      { at: from, change: 1 },
      { at: to, change: -1 },
    ]);
  moments.sort((a, b) => a.at - b.at || a.change - b.change);
  let now = 0;
  let most = 0;
  for (const { change } of moments) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}

/** Even marks for an axis: at most `most`, in steps that people count in. */
export function ticks(durationMs: number, most: number): number[] {
  const steps = [100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000];
  const step = steps.find((one) => durationMs / one <= most) ?? 3_600_000 * Math.ceil(durationMs / most / 3_600_000);
  return Array.from({ length: Math.floor(durationMs / step) + 1 }, (_, at) => at * step);
}
