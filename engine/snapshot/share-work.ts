import { cancelled } from "./errors.ts";

interface Shared<T> {
  readonly result: Promise<T>;
  readonly stop: AbortController;
  waiting: number;
}

/** Calls with the same key while one is under way share it. It is stopped when all of them have given up. */
export function shareWork<A, T>(
  keyOf: (argument: A) => string,
  work: (argument: A, signal: AbortSignal) => Promise<T>,
): (argument: A, signal?: AbortSignal) => Promise<T> {
  const running = new Map<string, Shared<T>>();
  const start = (key: string, argument: A): Shared<T> => {
    const stop = new AbortController();
    const result = work(argument, stop.signal).finally(() => {
      if (running.get(key)?.stop === stop) running.delete(key);
    });
    // Somebody always waits for it, but perhaps not to the end.
    result.catch(() => {});
    const shared = { result, stop, waiting: 0 };
    running.set(key, shared);
    return shared;
  };
  return async (argument, signal) => {
    if (signal?.aborted) throw cancelled();
    const key = keyOf(argument);
    const current = running.get(key);
    const shared = current && !current.stop.signal.aborted ? current : start(key, argument);
    shared.waiting++;
    let give: (() => void) | undefined;
    try {
      if (!signal) return await shared.result;
      const gaveUp = new Promise<never>((_, reject) => {
        give = () => reject(cancelled());
        signal.addEventListener("abort", give, { once: true });
      });
      return await Promise.race([shared.result, gaveUp]);
    } finally {
      if (give) signal?.removeEventListener("abort", give);
      if (--shared.waiting === 0) shared.stop.abort();
    }
  };
}
