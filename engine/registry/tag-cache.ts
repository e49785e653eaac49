import type { Reference } from "../oci/reference.ts";
import type { RegistryClient } from "./types.ts";

/** Tags are moved a few times a day; a person who types asks a few times a second. */
const keptMs = 5 * 60_000;
const mostRepositories = 100;

interface Kept {
  readonly tags: Promise<readonly string[]>;
  readonly askedAt: number;
  readonly abort: AbortController;
  waiting: number;
  done: boolean;
}

/**
 * The tags of repositories for completion: a registry is asked once in some minutes, whoever asks. A question that nobody
 * waits for any more is taken back; a failure is told to those who wait and not kept.
 */
export class TagCache {
  readonly #registry: Pick<RegistryClient, "tags">;
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();

  constructor(registry: Pick<RegistryClient, "tags">, now: () => number = () => performance.now()) {
    this.#registry = registry;
    this.#now = now;
  }

  async tags({ registry, repository }: Reference, signal: AbortSignal): Promise<readonly string[]> {
    signal.throwIfAborted();
    const key = `${registry}/${repository}`;
    let kept = this.#kept.get(key);
    if (!kept || kept.abort.signal.aborted || this.#now() - kept.askedAt > keptMs) {
      kept = this.#ask(key, { registry, repository });
    }
    return kept.done ? kept.tags : this.#wait(kept, signal);
  }

  #ask(key: string, reference: Reference): Kept {
    const abort = new AbortController();
    const tags = this.#registry.tags(reference, { signal: abort.signal });
    const kept: Kept = { tags, askedAt: this.#now(), abort, waiting: 0, done: false };
    this.#kept.delete(key);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size >= mostRepositories) this.#kept.delete(oldest);
    this.#kept.set(key, kept);
    tags.then(
      () => {
        kept.done = true;
      },
      () => {
        if (this.#kept.get(key) === kept) this.#kept.delete(key);
      },
    );
    return kept;
  }

  #wait(kept: Kept, signal: AbortSignal): Promise<readonly string[]> {
    kept.waiting += 1;
    return new Promise<readonly string[]>((resolve, reject) => {
      const leave = () => {
        reject(signal.reason);
        if (kept.waiting === 1 && !kept.done) kept.abort.abort(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      kept.tags.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
      if (signal.aborted) leave();
    }).finally(() => {
      kept.waiting -= 1;
    });
  }
}
