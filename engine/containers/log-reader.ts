import { watch } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { decodeRecord } from "./log-format.ts";
import type { LogLine, LogOptions } from "./types.ts";

const blockBytes = 256 * 1024;
/** Only where the kernel has no inotify watch left for us. */
const pollMs = 250;

/**
 * The records of a json-file log. With `follow` it goes on until the writer is gone (`onEnd` calls back; absent: nobody
 * writes) and the file is read to its end; `signal` ends it at once.
 */
export async function* readLog(
  file: string,
  options: LogOptions,
  onEnd?: (ended: () => void) => () => void,
): AsyncGenerator<LogLine> {
  const doorbell = options.follow ? new Doorbell(file, options.signal) : undefined;
  let over = !options.follow || onEnd === undefined;
  const stopListening = onEnd?.(() => {
    over = true;
    doorbell?.ring();
  });
  const close = () => {
    stopListening?.();
    doorbell?.close();
  };
  let handle: FileHandle;
  try {
    handle = await open(file, "r");
  } catch {
    // Never started: nothing was written.
    close();
    return;
  }
  try {
    const { size } = await handle.stat();
    let position = await findStart(handle, size, options);
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      // Asked before reading: what was written until the writer's end is read after it.
      const last = over;
      const limit = options.follow ? blockBytes : Math.min(blockBytes, size - position);
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(limit), 0, limit, position);
      if (options.signal?.aborted) return;
      if (bytesRead === 0) {
        if (last) return;
        await doorbell?.rung();
        continue;
      }
      position += bytesRead;
      const data = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      const end = data.lastIndexOf(10) + 1;
      rest = data.subarray(end);
      for (const text of data.toString("utf8", 0, end).split("\n")) {
        const line = text === "" ? undefined : decodeRecord(text);
        if (line === undefined || !wanted(line, options)) continue;
        if (options.untilNs !== undefined && line.timeNs > options.untilNs) return;
        yield line;
        if (options.signal?.aborted) return;
      }
    }
  } finally {
    close();
    await handle.close();
  }
}

function wanted(line: LogLine, options: LogOptions): boolean {
  if (!(line.stream === "stdout" ? options.stdout : options.stderr)) return false;
  return options.sinceNs === undefined || line.timeNs >= options.sinceNs;
}

/**
 * Where reading begins, found from the end so that the last lines of a large log cost nothing: times only grow, so the
 * first record that is too old ends the search.
 */
async function findStart(handle: FileHandle, size: number, options: LogOptions): Promise<number> {
  const { tail, sinceNs } = options;
  if (tail === undefined && sinceNs === undefined) return 0;
  if (tail === 0) return size;
  let found = 0;
  let start = size;
  for await (const { at, text } of linesBackwards(handle, size)) {
    const line = decodeRecord(text);
    if (line === undefined) continue;
    if (sinceNs !== undefined && line.timeNs < sinceNs) return start;
    start = at;
    if (wanted(line, options)) found += 1;
    if (found === tail) return start;
  }
  return 0;
}

/** Lines from the last to the first with their positions in the file. */
async function* linesBackwards(handle: FileHandle, size: number): AsyncGenerator<{ at: number; text: string }> {
  let end = size;
  let rest: Buffer = Buffer.alloc(0);
  while (end > 0) {
    const start = Math.max(0, end - blockBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(end - start), 0, end - start, start);
    const data = Buffer.concat([buffer.subarray(0, bytesRead), rest]);
    let lineEnd = data.length;
    while (lineEnd > 0) {
      const newline = lineEnd < 2 ? -1 : data.lastIndexOf(10, lineEnd - 2);
      // Without a newline before it, the line may begin in the block before.
      if (newline < 0 && start > 0) break;
      yield { at: start + newline + 1, text: data.toString("utf8", newline + 1, lineEnd) };
      lineEnd = newline + 1;
    }
    rest = data.subarray(0, lineEnd);
    end = start;
  }
}

/** Wakes a reader when the file has grown. Rings that come while nobody waits are kept. */
class Doorbell {
  #rings = false;
  #wake: (() => void) | undefined;
  readonly #close: () => void;

  constructor(file: string, signal: AbortSignal | undefined) {
    const ring = () => this.ring();
    const stopWatching = watchFile(file, ring);
    signal?.addEventListener("abort", ring);
    this.#close = () => {
      stopWatching();
      signal?.removeEventListener("abort", ring);
    };
  }

  ring(): void {
    this.#rings = true;
    this.#wake?.();
  }

  async rung(): Promise<void> {
    if (!this.#rings) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#rings = false;
    this.#wake = undefined;
  }

  close(): void {
    this.#close();
  }
}

function watchFile(file: string, changed: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const poll = () => {
    timer ??= setInterval(changed, pollMs);
  };
  try {
    const watcher = watch(file, changed);
    watcher.on("error", poll);
    return () => {
      watcher.close();
      clearInterval(timer);
    };
  } catch {
    poll();
    return () => clearInterval(timer);
  }
}
