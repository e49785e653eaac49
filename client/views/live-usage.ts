import { type StatsAnswer, type Usage, usageOf } from "./usage.ts";

interface Options {
  /** One container's samples, about one a second, until the signal is aborted. */
  open(id: string, signal: AbortSignal): AsyncIterable<StatsAnswer>;
  onUsage(id: string, usage: Usage): void;
}

/** Each stream is a connection, and a row out of sight is of no use: no more than fit on a screen. */
const mostStreams = 20;

/** A row changes no more often, however fast an engine tells. */
const leastMs = 900;

/** What running containers use, one stream each, of exactly those that are asked for. */
export class LiveUsage {
  readonly #options: Options;
  readonly #streams = new Map<string, AbortController>();
  readonly #last = new Map<string, { readonly usage: Usage; readonly atMs: number }>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** The last that is known, of a container that is followed. */
  last(id: string): Usage | undefined {
    return this.#last.get(id)?.usage;
  }

  /** Begins and ends streams so that these are followed; none: nothing is asked any more. */
  follow(ids: readonly string[]): void {
    const wanted = new Set(ids.slice(0, mostStreams));
    for (const [id, stop] of this.#streams) {
      if (wanted.has(id)) continue;
      stop.abort();
      this.#streams.delete(id);
      this.#last.delete(id);
    }
    for (const id of wanted) if (!this.#streams.has(id)) void this.#read(id);
  }

  async #read(id: string): Promise<void> {
    const stop = new AbortController();
    this.#streams.set(id, stop);
    try {
      for await (const answer of this.#options.open(id, stop.signal)) {
        if (stop.signal.aborted) return;
        this.#take(id, answer);
      }
    } catch {
      // It has ended, or the engine has: the events of both look at the list again.
    } finally {
      if (this.#streams.get(id) === stop) {
        this.#streams.delete(id);
        this.#last.delete(id);
      }
    }
  }

  #take(id: string, answer: StatsAnswer): void {
    const usage = usageOf(answer);
    const last = this.#last.get(id);
    const now = Date.now();
    if (!usage || (last && now - last.atMs < leastMs)) return;
    this.#last.set(id, { usage, atMs: now });
    this.#options.onUsage(id, usage);
  }
}
