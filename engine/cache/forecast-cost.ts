import type { ForecastTotals, StepForecast } from "../base/forecast.ts";
import { formatDuration } from "../base/format.ts";
import { type Message, msg } from "../base/message.ts";

/** `inputs`: by step, the steps that have to be done before it. */
export function totalsOf(steps: readonly StepForecast[], inputs: readonly (readonly number[])[]): ForecastTotals {
  const count = (outcome: StepForecast["outcome"]) => steps.filter((step) => step.outcome === outcome).length;
  const missed = steps.filter(({ outcome }) => outcome === "miss");
  const totals = {
    hits: count("hit"),
    misses: missed.length,
    unknown: count("unknown"),
    expectedMs: longestWay(steps, inputs, (step) => step.outcome === "miss"),
    atMostMs: longestWay(steps, inputs, (step) => step.outcome !== "hit"),
    sizeBytes: missed.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0),
    unmeasured: missed.filter(({ durationMs }) => durationMs === undefined).length,
  };
  const failing = failingLine(steps);
  const words = failing === undefined ? wordsFor(totals) : msg("the build will fail in line {line}", { line: failing });
  return { ...totals, words };
}

/** Time says nothing of a build that does not get to its end. */
function failingLine(steps: readonly StepForecast[]): number | undefined {
  for (const { cause, line } of steps) if (cause?.kind === "fails") return cause.line ?? line;
  return undefined;
}

function longestWay(
  steps: readonly StepForecast[],
  inputs: readonly (readonly number[])[],
  isDone: (step: StepForecast) => boolean,
): number {
  const ends: number[] = [];
  let last = 0;
  for (const [at, step] of steps.entries()) {
    let end = 0;
    for (const input of inputs[at] ?? []) end = Math.max(end, ends[input] ?? 0);
    if (isDone(step)) end += step.durationMs ?? 0;
    ends.push(end);
    last = Math.max(last, end);
  }
  return last;
}

function wordsFor({ misses, unknown, expectedMs, atMostMs, unmeasured }: Omit<ForecastTotals, "words">): Message {
  const duration = formatDuration(expectedMs);
  const most = formatDuration(atMostMs);
  if (misses + unknown === 0) return msg("everything is reused");
  if (misses === 0) return msg("at most {duration}", { duration: most });
  if (unmeasured === misses) return msg("how long it takes is not known: there is no record of these steps");
  if (unmeasured > 0)
    return msg("more than {duration}: of {count} steps there is no record", { duration, count: unmeasured });
  if (unknown > 0 && most !== duration) return msg("{duration} to {most}", { duration, most });
  return msg("about {duration}", { duration });
}
