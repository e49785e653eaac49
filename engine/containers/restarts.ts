import type { RestartPolicy } from "./types.ts";

// As dockerd documents: the pause doubles from 100 ms to a minute, and begins anew after a run of ten seconds.
const firstDelayMs = 100;
const maxDelayMs = 60_000;
const steadyRunMs = 10_000;

export const noRestart: RestartPolicy = { name: "no", maximumRetryCount: 0 };

/** Decides whether and when a process that has ended is started again. */
export class Restarts {
  #policy: RestartPolicy;
  #delayMs = 0;
  #count = 0;
  #over = false;

  constructor(policy: RestartPolicy) {
    this.#policy = policy;
  }

  get count(): number {
    return this.#count;
  }

  /** Somebody wants it to end: it is not started again. */
  get over(): boolean {
    return this.#over;
  }

  end(): void {
    this.#over = true;
  }

  change(policy: RestartPolicy): void {
    this.#policy = policy;
  }

  /** How long to wait before the next start; undefined: there is none. */
  next({ exitCode, ranMs }: { readonly exitCode: number; readonly ranMs: number }): number | undefined {
    if (this.#over || !wants(this.#policy, exitCode, this.#count)) return undefined;
    if (ranMs >= steadyRunMs) this.#delayMs = 0;
    this.#delayMs = this.#delayMs === 0 ? firstDelayMs : Math.min(this.#delayMs * 2, maxDelayMs);
    this.#count += 1;
    return this.#delayMs;
  }
}

function wants({ name, maximumRetryCount }: RestartPolicy, exitCode: number, count: number): boolean {
  if (name === "no") return false;
  if (name !== "on-failure") return true;
  return exitCode !== 0 && (maximumRetryCount === 0 || count < maximumRetryCount);
}

interface Ended {
  readonly policy: RestartPolicy | undefined;
  readonly exitCode: number;
  readonly stoppedByUser: boolean;
  /** It was running as far as anybody knew: a monitor that was killed, or the machine that went down. */
  readonly cutOff: boolean;
  /** The machine was started since an engine last looked. */
  readonly machineRestarted: boolean;
}

/** Whether an engine that finds a container ended starts it again: what its monitor could not do. */
export function startedByEngine({ policy, exitCode, stoppedByUser, cutOff, machineRestarted }: Ended): boolean {
  if (!policy || policy.name === "no") return false;
  if (policy.name === "always" && machineRestarted) return true;
  if (stoppedByUser || !(cutOff || machineRestarted)) return false;
  return policy.name !== "on-failure" || (cutOff && exitCode !== 0);
}
