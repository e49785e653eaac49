import { Readable } from "node:stream";
import { cancelled } from "./errors.ts";

/**
 * The same chunks, but a signal ends the wait for the next one at once, even when the source has stalled. The source is
 * told to stop; nobody waits for it to do so.
 */
export async function* interruptible<T>(source: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  if (!signal) return yield* source;
  const iterator = source[Symbol.asyncIterator]();
  let stopWaiting = (_: unknown): void => undefined;
  const abort = () => stopWaiting(cancelled());
  signal.addEventListener("abort", abort, { once: true });
  let finished = false;
  try {
    for (;;) {
      if (signal.aborted) throw cancelled();
      // Not Promise.race with one promise for the signal: that would keep every chunk's reaction until the end.
      const next = await new Promise<IteratorResult<T>>((resolve, reject) => {
        stopWaiting = reject;
        iterator.next().then(resolve, reject);
      });
      if (next.done) {
        finished = true;
        return;
      }
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    if (!finished) stop(source, iterator);
  }
}

function stop<T>(source: AsyncIterable<T>, iterator: AsyncIterator<T>): void {
  // The iterator of a stream that waits for data would answer `return` only after that data.
  if (source instanceof Readable) source.destroy();
  Promise.resolve(iterator.return?.()).catch(() => undefined);
}
