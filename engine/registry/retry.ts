import { setTimeout as pause } from "node:timers/promises";
import { EngineError } from "../base/errors.ts";
import { cancelled, RateLimited } from "./errors.ts";
import type { RegistryTiming } from "./transport.ts";

/**
 * The one place that decides on another try: waits and returns, or throws the error when it is final. `failures` counts
 * those before this one.
 */
export async function pauseOrThrow(
  error: unknown,
  failures: number,
  { backoffMs, patienceMs }: RegistryTiming,
  signal: AbortSignal | undefined,
): Promise<void> {
  const backOff = backoffMs[failures];
  if (!(error instanceof EngineError) || !error.details.retryable || backOff === undefined) throw error;
  // Without a time to wait a limit is a matter of hours.
  const asked = error instanceof RateLimited ? (error.retryAfterMs ?? Number.POSITIVE_INFINITY) : 0;
  if (asked > patienceMs) throw error;
  try {
    await pause(Math.max(backOff, asked), undefined, signal ? { signal } : {});
  } catch {
    throw cancelled();
  }
}

export async function retrying<T>(
  timing: RegistryTiming,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await work();
    } catch (error) {
      await pauseOrThrow(error, failures, timing, signal);
    }
  }
}
