import { once } from "node:events";
import { closeSync, createReadStream, createWriteStream, fstatSync, openSync, readSync } from "node:fs";
import { mkdir, statfs } from "node:fs/promises";
import path from "node:path";
import { compressionOf, decompressed } from "../context/compression.ts";
import { fileError } from "../context/errors.ts";
import { isTarHeader } from "../context/tar-index.ts";
import { stampOf } from "../context/tree.ts";
import type { ContextEntry } from "../context/types.ts";
import { diskTooSmall } from "./errors.ts";

/** A tar on disk, not compressed. */
export interface PlainTar {
  /** What errors call it. */
  readonly name: string;
  readonly file: string;
  readonly sizeBytes: number;
  /** Of the file, where it is a person's: it must not change while it is read. */
  readonly stamp?: string;
}

const headBytes = 512;
/** What must stay free on the disk, whatever an archive or a download says of itself. */
const reserveBytes = 256 * 1024 * 1024;
const checkEveryBytes = 32 * 1024 * 1024;

/**
 * Looks into a file by the reference's rule: it is unpacked when it is a tar, whatever its name, also behind a compression.
 * A compressed one is written to `folder`, so that its members can be read from their places: nothing is held in memory.
 * Undefined for any other file. @throws EngineError `disk-full`, `unsupported`, `invalid-argument`
 */
export async function openArchive(
  { file, name, sizeBytes }: Pick<ContextEntry, "file" | "name" | "sizeBytes">,
  folder: string,
  signal: AbortSignal,
): Promise<PlainTar | undefined> {
  const { head, stamp } = readHead(file);
  const compression = compressionOf(head);
  if (compression === undefined) return isTarHeader(head) ? { name, file, sizeBytes, stamp } : undefined;

  const chunks = decompressed(createReadStream(file, { highWaterMark: 1 << 18 }), compression);
  try {
    let first: Buffer = Buffer.alloc(0);
    while (first.length < headBytes) {
      const next = await chunks.next();
      if (next.done) break;
      first = Buffer.concat([first, next.value]);
    }
    if (!isTarHeader(first.subarray(0, headBytes))) return undefined;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const plain = path.join(folder, `${path.basename(name)}.unpacked`.slice(-200));
    const all = async function* () {
      yield first;
      yield* chunks;
    };
    return { name, file: plain, sizeBytes: await writeBounded(all(), plain, signal) };
  } catch (error) {
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : fileError(error, file);
  } finally {
    await chunks.return(undefined);
  }
}

/** Writes a stream to a new file, as long as enough of the disk stays free. Resolves to its size. */
export async function writeBounded(
  source: AsyncIterable<Uint8Array>,
  file: string,
  signal: AbortSignal,
  onBytes?: (total: number) => void,
): Promise<number> {
  const sink = createWriteStream(file, { flags: "wx", mode: 0o600, flush: true });
  const ended = once(sink, "close");
  let failure: unknown;
  sink.on("error", (error) => {
    failure = error;
  });
  let total = 0;
  let checked = -checkEveryBytes;
  try {
    for await (const chunk of source) {
      signal.throwIfAborted();
      if (failure !== undefined) throw failure;
      if (total - checked >= checkEveryBytes) {
        checked = total;
        await checkSpace(path.dirname(file), chunk.length, path.basename(file));
      }
      total += chunk.length;
      onBytes?.(total);
      if (!sink.write(chunk)) await Promise.race([once(sink, "drain"), ended]);
    }
    sink.end();
    await ended;
    if (failure !== undefined) throw failure;
    return total;
  } finally {
    sink.destroy();
  }
}

/** @throws EngineError `disk-full` when `wantedBytes` more would leave too little. */
export async function checkSpace(folder: string, wantedBytes: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize - wantedBytes < reserveBytes) throw diskTooSmall(what);
}

function readHead(file: string): { head: Buffer; stamp: string } {
  let handle: number | undefined;
  try {
    handle = openSync(file, "r");
    const head = Buffer.alloc(headBytes);
    const count = readSync(handle, head, 0, headBytes, 0);
    return { head: head.subarray(0, count), stamp: stampOf(fstatSync(handle)) };
  } catch (error) {
    throw fileError(error, file);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
