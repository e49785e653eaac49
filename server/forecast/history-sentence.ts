import { type Message, msg } from "../../engine/base/message.ts";
import type { Replay, ReplayedStep, ReplayedVariant } from "../../engine/base/replay.ts";

/** What the proposed order changes about the step that cost the most. */
export interface Gain {
  readonly step: ReplayedStep;
  /** How often it would be done in the proposed order. */
  readonly after: number;
}

export function gainOf({ commits, variants }: Replay): Gain | undefined {
  const [now, proposed] = variants;
  if (!now || !proposed || commits.length < 2) return undefined;
  const step = dearest(now);
  if (!step || step.rebuilt === 0) return undefined;
  const after = counterpart(step, proposed);
  return after < step.rebuilt ? { step, after } : undefined;
}

/** "97 of the last 100 commits would run npm ci again; in the proposed order 4." */
export function historySentence(replay: Replay): Message | undefined {
  const gain = gainOf(replay);
  const [now, proposed] = replay.variants;
  if (!gain || !now || !proposed) return undefined;
  const { step, after } = gain;
  const saved = now.totalMs - proposed.totalMs;
  const values = { rebuilt: step.rebuilt, total: replay.commits.length, command: short(step.instruction), after };
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

/** The RUN that cost the most in sum. */
function dearest({ steps }: ReplayedVariant): ReplayedStep | undefined {
  const cost = ({ rebuilt, durationMs = 1 }: ReplayedStep) => rebuilt * durationMs;
  return steps
    .filter(({ instruction }) => /^RUN\b/i.test(instruction))
    .sort((a, b) => cost(b) - cost(a) || a.line - b.line)[0];
}

/** How often the same work is done in the other order, where it may be a part of the step. */
function counterpart({ instruction }: ReplayedStep, { steps }: ReplayedVariant): number {
  const runs = steps.filter((step) => /^RUN\b/i.test(step.instruction));
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
