import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * How often a function must run before V8 compiles it once more, thoroughly: an eleventh as often as usual. A key is a
 * millisecond of work that is done once in a while; on two cores compiling makes keys wait for 5 ms and more, and files of
 * 10,000 lines still get it. Patterns are compiled when they are first used, and not a second time. Young objects keep the
 * room that they had at first: a long file would make it 32 MB for good. The heap may grow by half before old garbage is
 * looked for, not to the fourfold. To be called behind the start: once a flag is set, Node reads its own modules slower.
 */
export function tune(): void {
  // Newer ones have it no more, and say so to everybody.
  if (process.versions.v8?.startsWith("11.")) setFlagsFromString("--interrupt-budget=1500000");
  setFlagsFromString("--no-regexp-tier-up");
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=50");
}

/** Long enough for an editor's other questions about a key, and well before the next key. */
const quietMs = 8;

/** Half of what V8 lets young objects take at first. */
const muchBytes = 400_000;

/**
 * Takes the garbage of young objects away while nobody waits: a key finds room for all it makes. Without it every third
 * key waits a millisecond or more for that.
 */
export class Sweeper {
  /** Made with the first garbage: making it takes a millisecond of the start. */
  #collect: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #usedBytes = 0;
  readonly #isBusy: () => boolean;

  constructor(isBusy: () => boolean) {
    this.#isBusy = isBusy;
  }

  /** There is garbage soon. */
  schedule(): void {
    if (this.#timer) this.#timer.refresh();
    else this.#timer = setTimeout(() => this.#sweep(), quietMs).unref();
  }

  #sweep(): void {
    if (this.#isBusy()) {
      this.#timer?.refresh();
      return;
    }
    if (Math.abs(getHeapStatistics().used_heap_size - this.#usedBytes) < muchBytes) return;
    this.#collect ??= minorCollection();
    this.#collect();
    this.#usedBytes = getHeapStatistics().used_heap_size;
  }
}

/** Does nothing in a runtime that does not offer it. */
function minorCollection(): () => void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("typeof gc === 'function' ? gc : undefined");
  setFlagsFromString("--no-expose-gc");
  return typeof collect === "function" ? () => void collect({ type: "minor" }) : () => {};
}
