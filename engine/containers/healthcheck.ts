import type { Healthcheck as ImageHealthcheck } from "../oci/types.ts";
import type { HealthPlan } from "./folder.ts";
import type { Healthcheck } from "./types.ts";

const nsPerMs = 1e6;

/** What the caller asked for over what the image says, by Docker's rules. Undefined: its health is not asked for. */
export function mergeHealthcheck(
  own: Healthcheck | undefined,
  image: ImageHealthcheck | undefined,
): Healthcheck | undefined {
  const test = own?.test.length ? own.test : (image?.Test ?? []);
  if (test.length === 0 || test[0] === "NONE") return undefined;
  const ms = (mine: number | undefined, theirs: number | undefined) => mine || (theirs ?? 0) / nsPerMs;
  return {
    test,
    intervalMs: ms(own?.intervalMs, image?.Interval),
    timeoutMs: ms(own?.timeoutMs, image?.Timeout),
    startPeriodMs: ms(own?.startPeriodMs, image?.StartPeriod),
    startIntervalMs: ms(own?.startIntervalMs, image?.StartInterval),
    retries: own?.retries || (image?.Retries ?? 0),
  };
}

/** argv of a check; undefined for one of a kind that nobody knows. */
export function healthCommand(
  [kind, ...rest]: readonly string[],
  shell: readonly string[],
): readonly string[] | undefined {
  if (kind === "CMD" && rest.length > 0) return rest;
  return kind === "CMD-SHELL" ? [...shell, rest.join(" ")] : undefined;
}

/** Docker's defaults for what nobody said. */
export function healthTimes(check: Healthcheck): Omit<HealthPlan, "process"> {
  return {
    intervalMs: check.intervalMs || 30_000,
    timeoutMs: check.timeoutMs || 30_000,
    startPeriodMs: check.startPeriodMs ?? 0,
    startIntervalMs: check.startIntervalMs || 5000,
    retries: check.retries || 3,
  };
}
