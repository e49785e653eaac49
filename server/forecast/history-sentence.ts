import { type Message, msg } from "../../engine/base/message.ts";
import type { Replay, ReplayedStep } from "../../engine/base/replay.ts";

/** What the proposed order changes about the step that it saves the most of. */
export interface Gain {
  readonly step: ReplayedStep;
  /** How often it would be done in the proposed order. */
  readonly after: number;
  /** Of all steps that were measured. */
  readonly savedMs: number;
}

/** `stage`: of the finding. */
export function gainOf({ commits, variants }: Replay, stage: string): Gain | undefined {
  const [now, proposed] = variants.map(({ steps }) => steps.filter((step) => step.stage === stage));
  if (!now || !proposed || commits.length < 2) return undefined;
  const gains = now
    .filter(({ instruction }) => isRun.test(instruction))
    .map((step) => ({ step, after: counterpart(step, proposed) }))
    .filter(({ step, after }) => after < step.rebuilt);
  const worth = ({ step, after }: (typeof gains)[number]) => (step.rebuilt - after) * (step.durationMs ?? 1);
  const [best] = gains.sort((a, b) => worth(b) - worth(a) || a.step.line - b.step.line);
  return best && { ...best, savedMs: costOf(now) - costOf(proposed) };
}

const isRun = /^RUN\b/i;

function costOf(steps: readonly ReplayedStep[]): number {
  return steps.reduce((sum, { rebuilt, durationMs = 0 }) => sum + rebuilt * durationMs, 0);
}

/** "97 of the last 100 commits would run npm ci again; in the proposed order 4." */
export function historySentence({ commits }: Replay, { step, after, savedMs: saved }: Gain): Message {
  const values = { rebuilt: step.rebuilt, total: commits.length, command: short(step.instruction), after };
  if (saved > 60_000)
    return msg(
      "{rebuilt} of the last {total} commits would run {command} again; in the proposed order {after}. That would have saved about {minutes} minutes.",
      { ...values, minutes: Math.round(saved / 60_000) },
    );
  return saved >= 1000
    ? msg(
        "{rebuilt} of the last {total} commits would run {command} again; in the proposed order {after}. That would have saved about {seconds} seconds.",
        { ...values, seconds: Math.round(saved / 1000) },
      )
    : msg("{rebuilt} of the last {total} commits would run {command} again; in the proposed order {after}.", values);
}

/** How often the same work is done in the other order, where it may be a part of the step. */
function counterpart({ instruction }: ReplayedStep, steps: readonly ReplayedStep[]): number {
  const runs = steps.filter((step) => isRun.test(step.instruction));
  const same = runs.filter((step) => step.instruction === instruction || instruction.startsWith(step.instruction));
  return (same[0] ?? runs.toSorted((a, b) => a.rebuilt - b.rebuilt)[0])?.rebuilt ?? 0;
}

function short(instruction: string): string {
  const text =
    instruction
      .replace(/^RUN\s+(?:--\S+\s+)*/i, "")
      .split(/\n|&&|;/)[0]
      ?.trim() ?? "";
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
