import { Emitter } from "../base/events.ts";
import { waitCancelled } from "./errors.ts";
import type { Container, Containers } from "./types.ts";

/** Who waits for a container's process to end, for its end for good, for its removal. */
export class Endings {
  /** A process has ended, perhaps to be started again. */
  readonly exits = new Emitter<number>();
  /** It has ended and stays so. */
  readonly ends = new Emitter<void>();
  readonly removals = new Emitter<void>();

  /** The next end for good: call it before what causes it. */
  nextEnd(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.ends.on(() => {
        stop();
        resolve();
      });
    });
  }

  /** As Docker: whoever waits for `not-running` hears of every end of the process. @throws EngineError `cancelled` */
  wait(
    condition: Parameters<Containers["wait"]>[1],
    now: () => { readonly container: Container; readonly running: boolean },
    signal?: AbortSignal,
  ): Promise<number> {
    const exitCode = () => now().container.exitCode ?? 0;
    if (condition === "not-running" && !now().running) return Promise.resolve(exitCode());
    if (signal?.aborted) return Promise.reject(waitCancelled());
    return new Promise((resolve, reject) => {
      const stops: (() => void)[] = [];
      const settle = (answer: () => void) => {
        for (const stop of stops) stop();
        answer();
      };
      if (condition !== "removed") stops.push(this.exits.on((code) => settle(() => resolve(code))));
      stops.push(this.removals.on(() => settle(() => resolve(exitCode()))));
      const abort = () => settle(() => reject(waitCancelled()));
      signal?.addEventListener("abort", abort);
      stops.push(() => signal?.removeEventListener("abort", abort));
    });
  }
}

/** Whether a promise settles in time. */
export async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  return Promise.race([promise.then(() => true), late]).finally(() => clearTimeout(timer));
}
