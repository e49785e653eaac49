import type { EventEmitter } from "node:events";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** V8 gives the room of young objects back only when few were made in the last five seconds. */
const quietMs = 8000;
/** A collection takes 20 ms; for less it is not worth it. */
const muchBytes = 4 * 1024 * 1024;

/**
 * What makes the C library give back what was freed, as `env` of the daemon (mallopt(3); other libraries do not look). V8
 * compiles in pieces of 32 KiB on several threads: each thread has a heap of its own by default, full of holes soon. Measured
 * after 30 runs and execs: 34 MB of anonymous memory instead of 46, in the same CPU time.
 */
export const tidyAllocation: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: "1",
  MALLOC_MMAP_THRESHOLD_: "32768",
  MALLOC_TRIM_THRESHOLD_: "32768",
};

/** Collects garbage once after each time that something went on. An engine in which nothing goes on does nothing. */
export function tidyWhenQuiet({
  requests,
  isWorking,
  later = inQuietTime,
  heapBytes = () => getHeapStatistics().total_heap_size,
  collect = collectGarbage,
}: {
  /** Emits `request`. */
  readonly requests: EventEmitter;
  readonly isWorking: () => boolean;
  /** Calls once so much later that it was quiet; `refresh` begins the time anew, also after the call. */
  readonly later?: (call: () => void) => { refresh(): void };
  readonly heapBytes?: () => number;
  readonly collect?: () => void;
}): void {
  let kept = 0;
  const timer = later(() => {
    if (isWorking()) {
      timer.refresh();
    } else if (heapBytes() > kept + muchBytes) {
      collect();
      kept = heapBytes();
    }
  });
  requests.on("request", () => timer.refresh());
}

function inQuietTime(call: () => void): NodeJS.Timeout {
  return setTimeout(call, quietMs).unref();
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("typeof gc === 'function' ? gc : undefined");
  setFlagsFromString("--no-expose-gc");
  if (typeof gc === "function") gc();
}
