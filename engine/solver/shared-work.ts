/**
 * Work that several builds may want at once and that is done once. It goes on while anybody wants it: one who is
 * cancelled leaves; when the last has left, it is aborted.
 */
export class SharedWork<T, E> {
  readonly #jobs = new Map<string, Job<T, E>>();

  /**
   * Joins the running job of that key, or starts one. `onEvent` gets everything the job emits, also what it emitted
   * before one joined. When the last one leaves, the promise settles only after the job has cleaned up.
   */
  async join(
    key: string,
    signal: AbortSignal,
    onEvent: (event: E) => void,
    start: (emit: (event: E) => void, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    let job = this.#jobs.get(key);
    while (job?.abort.signal.aborted) {
      await job.done.catch(() => undefined);
      job = this.#jobs.get(key);
    }
    signal.throwIfAborted();
    const joined = job ?? this.#start(key, start);
    for (const event of joined.past) onEvent(event);
    joined.listeners.add(onEvent);
    joined.members += 1;
    try {
      return await leaveOnAbort(joined, signal);
    } finally {
      joined.listeners.delete(onEvent);
    }
  }

  #start(key: string, start: (emit: (event: E) => void, signal: AbortSignal) => Promise<T>): Job<T, E> {
    const abort = new AbortController();
    const past: E[] = [];
    const listeners = new Set<(event: E) => void>();
    const emit = (event: E) => {
      past.push(event);
      if (past.length > maxPast) past.shift();
      for (const listener of listeners) listener(event);
    };
    const done = start(emit, abort.signal).finally(() => {
      if (this.#jobs.get(key)?.done === done) this.#jobs.delete(key);
    });
    done.catch(() => undefined);
    const job: Job<T, E> = { abort, done, past, listeners, members: 0 };
    this.#jobs.set(key, job);
    return job;
  }
}

/** A late joiner does not need the whole log of a long step. */
const maxPast = 1000;

interface Job<T, E> {
  readonly abort: AbortController;
  readonly done: Promise<T>;
  readonly past: E[];
  readonly listeners: Set<(event: E) => void>;
  members: number;
}

function leaveOnAbort<T, E>(job: Job<T, E>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      job.members -= 1;
      if (job.members > 0) {
        reject(signal.reason);
        return;
      }
      job.abort.abort(signal.reason);
      job.done.then(
        () => reject(signal.reason),
        () => reject(signal.reason),
      );
    };
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted) leave();
    const forget = () => signal.removeEventListener("abort", leave);
    job.done.finally(forget).catch(() => undefined);
    job.done.then(resolve, reject);
  });
}
