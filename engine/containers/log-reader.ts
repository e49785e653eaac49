import { watch } from "node:fs";
import path from "node:path";
import { blockBytes, findStart, isRotated, isWanted, openLogFiles } from "./log-files.ts";
import { decodeRecordAt } from "./log-format.ts";
import type { LogLine, LogOptions } from "./types.ts";

/** Only where the kernel has no inotify watch left for us. */
const pollMs = 250;

/**
 * The records of a json-file log, over all the files into which it was rotated. With `follow` it goes on until the writer is
 * gone (`onEnd` calls back; absent: nobody writes) and everything is read; `signal` ends it at once.
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
  const files = await openLogFiles(file);
  try {
    const start = await findStart(files, options);
    for (const { handle } of files.splice(0, start.index)) await handle.close();
    let position = start.position;
    let rest: Buffer = Buffer.alloc(0);
    const block = Buffer.allocUnsafe(blockBytes);
    for (;;) {
      const [current] = files;
      if (!current) return;
      // Asked before reading: what was written until then is read after it.
      const last = over;
      const rotated = files.length > 1 || (options.follow && (await isRotated(file, current)));
      const limit = options.follow ? blockBytes : Math.min(blockBytes, current.size - position);
      const { bytesRead } = await current.handle.read(block, 0, limit, position);
      if (options.signal?.aborted) return;
      if (bytesRead === 0) {
        if (rotated && files.length === 1) files.push(...(await openLogFiles(file, current.inode)));
        if (files.length > 1) {
          files.shift();
          await current.handle.close();
          [position, rest] = [0, Buffer.alloc(0)];
        } else if (last) return;
        else await doorbell?.rung();
        continue;
      }
      position += bytesRead;
      const data = Buffer.concat([rest, block.subarray(0, bytesRead)]);
      const end = data.lastIndexOf(10) + 1;
      rest = data.subarray(end);
      for (let at = 0; at < end; ) {
        const newline = data.indexOf(10, at);
        const line = decodeRecordAt(data, at, newline);
        at = newline + 1;
        if (line === undefined || !isWanted(line, options)) continue;
        if (options.untilNs !== undefined && line.timeNs > options.untilNs) return;
        yield line;
        if (options.signal?.aborted) return;
      }
    }
  } finally {
    stopListening?.();
    doorbell?.close();
    for (const { handle } of files) await handle.close();
  }
}

/** Wakes a reader when the file has grown. Rings that come while nobody waits are kept. */
class Doorbell {
  #rings = false;
  #wake: (() => void) | undefined;
  readonly #close: () => void;

  constructor(file: string, signal: AbortSignal | undefined) {
    const ring = () => this.ring();
    const stopWatching = watchLog(file, ring);
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

/** The folder is watched, because the file may be renamed and another one take its place. */
function watchLog(file: string, changed: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const poll = () => {
    timer ??= setInterval(changed, pollMs);
  };
  const name = path.basename(file);
  try {
    const watcher = watch(path.dirname(file), (_event, entry) => {
      if (entry === name || entry === null) changed();
    });
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
