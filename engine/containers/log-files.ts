import { type FileHandle, open, stat } from "node:fs/promises";
import { decodeRecordAt } from "./log-format.ts";
import type { LogLine, LogOptions } from "./types.ts";

export const blockBytes = 256 * 1024;

/** One file of a log, open: it can be read to its end also when it has been renamed or removed meanwhile. */
export interface OpenLogFile {
  readonly handle: FileHandle;
  readonly inode: number;
  /** When it was opened. */
  readonly size: number;
}

/**
 * The files of a rotated log, oldest first: `<file>.2`, `<file>.1`, `<file>`. `after`: only those that are newer than the one
 * with this inode. They are opened from the newest on, so that a rotation in between shows none of them twice and loses none.
 */
export async function openLogFiles(file: string, after?: number): Promise<OpenLogFile[]> {
  const files: OpenLogFile[] = [];
  for (let number = 0; ; number += 1) {
    let handle: FileHandle;
    try {
      handle = await open(number === 0 ? file : `${file}.${number}`, "r");
    } catch {
      // In the midst of a rotation the newest is missing, the next one is not.
      if (number === 0) continue;
      return files.reverse();
    }
    const { ino, size } = await handle.stat();
    const known = files.some(({ inode }) => inode === ino);
    if (known || ino === after) await handle.close();
    else files.push({ handle, inode: ino, size });
    if (ino === after) return files.reverse();
  }
}

/** Whether the log goes on in another file. */
export async function isRotated(file: string, { inode }: OpenLogFile): Promise<boolean> {
  try {
    return (await stat(file)).ino !== inode;
  } catch {
    return false;
  }
}

export interface LogStart {
  /** Of the file. */
  readonly index: number;
  readonly position: number;
}

/** Where reading begins, found without reading what comes before it. */
export async function findStart(files: readonly OpenLogFile[], options: LogOptions): Promise<LogStart> {
  const { tail, sinceNs } = options;
  const last = files.length - 1;
  if (tail === 0) return { index: last, position: files[last]?.size ?? 0 };
  if (tail === undefined && sinceNs === undefined) return { index: 0, position: 0 };
  let found = 0;
  for (let index = last; index >= 0; index -= 1) {
    const file = files[index];
    if (!file) break;
    const floor = sinceNs === undefined ? 0 : await positionOf(file, sinceNs);
    if (tail !== undefined) {
      for await (const { at, line } of linesBackwards(file)) {
        if (at < floor) break;
        if (line && isWanted(line, options)) found += 1;
        if (found === tail) return { index, position: at };
      }
    }
    if (floor > 0) return { index, position: floor };
  }
  return { index: 0, position: 0 };
}

/** `until` is not looked at: the first line behind it ends the reading. */
export function isWanted(line: LogLine, options: LogOptions): boolean {
  if (!(line.stream === "stdout" ? options.stdout : options.stderr)) return false;
  return options.sinceNs === undefined || line.timeNs >= options.sinceNs;
}

/** Where the first record begins that is not older. Times grow, so that the file is halved until one block is left. */
async function positionOf({ handle, size }: OpenLogFile, timeNs: bigint): Promise<number> {
  let [low, high] = [0, size];
  while (high - low > blockBytes) {
    const middle = low + Math.floor((high - low) / 2);
    const record = await firstRecord(handle, middle, high);
    if (record && record.timeNs < timeNs) low = record.at;
    else high = middle;
  }
  const { buffer, bytesRead } = await handle.read(
    Buffer.allocUnsafe(size - low),
    0,
    Math.min(size - low, 2 * blockBytes),
    low,
  );
  const data = buffer.subarray(0, bytesRead);
  for (let at = 0; at < data.length; ) {
    const newline = data.indexOf(10, at);
    const end = newline < 0 ? data.length : newline;
    const line = decodeRecordAt(data, at, end);
    if (line && line.timeNs >= timeNs) return low + at;
    at = end + 1;
  }
  return low + data.length;
}

/** The first whole record behind a place in the file. */
async function firstRecord(
  handle: FileHandle,
  from: number,
  to: number,
): Promise<{ readonly at: number; readonly timeNs: bigint } | undefined> {
  const { buffer, bytesRead } = await handle.read(
    Buffer.allocUnsafe(blockBytes),
    0,
    Math.min(blockBytes, to - from),
    from,
  );
  const data = buffer.subarray(0, bytesRead);
  for (let at = data.indexOf(10) + 1; at > 0; ) {
    const newline = data.indexOf(10, at);
    if (newline < 0) return undefined;
    const line = decodeRecordAt(data, at, newline);
    if (line) return { at: from + at, timeNs: line.timeNs };
    at = newline + 1;
  }
  return undefined;
}

/** Records from the last to the first with their positions in the file. */
async function* linesBackwards({
  handle,
  size,
}: OpenLogFile): AsyncGenerator<{ at: number; line: LogLine | undefined }> {
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
      const textEnd = data[lineEnd - 1] === 10 ? lineEnd - 1 : lineEnd;
      yield { at: start + newline + 1, line: decodeRecordAt(data, newline + 1, textEnd) };
      lineEnd = newline + 1;
    }
    rest = data.subarray(0, lineEnd);
    end = start;
  }
}
