const sliceMs = 8;

/**
 * Lets a long run of synchronous file operations (which are several times faster than asynchronous ones) yield to the
 * event loop every few milliseconds. Await the result only when there is one; throws when the signal is aborted.
 */
export function breather(signal?: AbortSignal): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < sliceMs) return undefined;
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        since = performance.now();
        if (signal?.aborted) reject(signal.reason);
        else resolve();
      });
    });
  };
}
