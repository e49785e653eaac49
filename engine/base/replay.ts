import type { ForecastRequest } from "./forecast.ts";

/** One order of instructions that history is replayed against. */
export interface ReplayVariant {
  readonly id: string;
  readonly text: string;
}

export interface ReplayRequest extends Omit<ForecastRequest, "text"> {
  /** How many commits of the first-parent history, the newest ones. */
  readonly commits: number;
  readonly variants: readonly ReplayVariant[];
}

/** What builds after each of the last commits would have done again. */
export interface Replay {
  /** Oldest first. */
  readonly commits: readonly ReplayedCommit[];
  readonly variants: readonly ReplayedVariant[];
}

export interface ReplayedCommit {
  readonly id: string;
  /** ms since 1970. */
  readonly at: number;
  readonly subject: string;
}

export interface ReplayedVariant {
  readonly id: string;
  /** In the order of a build, FROM included. */
  readonly steps: readonly ReplayedStep[];
  /** By commit: what its build would have cost, by what the steps cost the last time. */
  readonly costMs: readonly number[];
  readonly totalMs: number;
  /** Steps that are done at least once and of which it is not known how long they take: then `totalMs` is too small. */
  readonly unmeasured: number;
}

export interface ReplayedStep {
  /** From 1. */
  readonly line: number;
  readonly stage: string;
  readonly instruction: string;
  /** In so many of the commits it would have been done again. */
  readonly rebuilt: number;
  readonly durationMs?: number;
}
