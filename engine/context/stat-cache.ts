import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, readSync, type Stats } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Digest, hexOf, isDigest, toDigest } from "../base/digest.ts";
import { breather } from "./breathe.ts";
import { changedMeanwhile, fileError } from "./errors.ts";
import { stampOf } from "./tree.ts";
import { TreeMemory } from "./tree-memory.ts";
import type { ContextEntry, StatCache } from "./types.ts";

const version = 1;
/**
 * A file that was written this shortly before it was read may be written again without any of its times changing
 * (their granularity is that of the kernel's clock or of the file system), so it is not remembered.
 */
const racyMs = 2000;
const chunkBytes = 1024 * 1024;
const maxFiles = 400_000;
const pieceLength = 256 * 1024;

/** JSON form: path → [stamp, 64 hexadecimal digits]. */
interface StoredCache {
  readonly version: number;
  readonly files: Readonly<Record<string, readonly [string, string]>>;
}

interface StatCacheOptions {
  readonly now?: () => number;
  /** Who else may know a file: asked once, then it is remembered here too. */
  readonly also?: StatCache["known"];
}

/** By path: stamp and digest. */
type Known = ReadonlyMap<string, readonly [string, Digest]>;

/**
 * Opens the cache kept in `file`; one that is missing, damaged or of another version is empty. Two engines that save
 * at once lose each other's news, never more: the file is replaced as a whole.
 */
export function openStatCache(file: string, options: StatCacheOptions = {}): StatCache {
  const now = options.now ?? Date.now;
  const known = load(file);
  const running = new Map<string, { readonly stamp: string | undefined; readonly digest: Promise<Digest> }>();
  let filesRead = 0;
  let dirty = false;
  let saving: Promise<void> | undefined;

  const remembered: StatCache["known"] = ({ file: name, stamp }) => {
    const found = known.get(name);
    if (found !== undefined && stamp !== undefined && found[0] === stamp) return found[1];
    const digest = stamp === undefined ? undefined : options.also?.({ file: name, stamp });
    if (digest === undefined || stamp === undefined) return undefined;
    known.set(name, [stamp, digest]);
    dirty = true;
    return digest;
  };

  const read = async (entry: ContextEntry, signal?: AbortSignal): Promise<Digest> => {
    const startedAt = now();
    filesRead += 1;
    const { digest, stat } = await hashFile(entry.file, signal);
    const stamp = stampOf(stat);
    if (entry.stamp !== undefined && entry.stamp !== stamp) throw changedMeanwhile(entry.file);
    if (startedAt - Math.max(stat.mtimeMs, stat.ctimeMs) >= racyMs) {
      // Taken out first, so that the order of the map is from long unused to new.
      known.delete(entry.file);
      known.set(entry.file, [entry.stamp ?? stamp, digest]);
      dirty = true;
    }
    return digest;
  };

  const write = async (): Promise<void> => {
    dirty = false;
    const surplus = known.size - maxFiles;
    if (surplus > 0) for (const name of [...known.keys()].slice(0, surplus)) known.delete(name);
    const aside = `${file}.${process.pid}.new`;
    try {
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      await writeFile(aside, inPieces(known), { mode: 0o600 });
      await rename(aside, file);
    } catch (error) {
      await rm(aside, { force: true });
      throw fileError(error, file);
    }
  };

  return {
    get filesRead() {
      return filesRead;
    },
    known: remembered,
    trees: new TreeMemory(),
    async digestOf(entry, signal) {
      const digest = remembered(entry);
      if (digest !== undefined) return digest;
      const { file: name, stamp } = entry;
      const reading = running.get(name);
      if (reading?.stamp === stamp && reading) return reading.digest;
      // Without the caller's signal: others may be waiting for the same file.
      const started = { stamp, digest: read(entry).finally(() => running.delete(name)) };
      running.set(name, started);
      signal?.throwIfAborted();
      return started.digest;
    },
    async save() {
      // Who waited for one may meet the next, begun by another who waited: what is known now may be in that one only.
      while (saving) await saving;
      if (!dirty) return;
      saving = write().finally(() => {
        saving = undefined;
      });
      await saving;
    },
  };
}

/** The JSON piece by piece: in one it would be several times as large as what it says, in memory. */
function* inPieces(known: Known): Generator<string> {
  let piece = `{"version":${version},"files":{`;
  let isFirst = true;
  for (const [name, [stamp, digest]] of known) {
    piece += `${isFirst ? "" : ","}${JSON.stringify(name)}:${JSON.stringify([stamp, hexOf(digest)])}`;
    isFirst = false;
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = "";
  }
  yield `${piece}}}`;
}

/** For trees that are seen once, like mounted stages: remembering their paths would only fill the cache. */
export const withoutMemory: StatCache = {
  filesRead: 0,
  known: () => undefined,
  async digestOf(entry, signal) {
    return (await hashFile(entry.file, signal)).digest;
  },
  save: async () => undefined,
};

async function hashFile(file: string, signal?: AbortSignal): Promise<{ digest: Digest; stat: Stats }> {
  const breathe = breather(signal);
  let handle: number | undefined;
  try {
    handle = openSync(file, "r");
    const hash = createHash("sha256");
    const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(1, fstatSync(handle).size + 1)));
    for (let count = readSync(handle, buffer); count > 0; count = readSync(handle, buffer)) {
      hash.update(buffer.subarray(0, count));
      const pause = breathe();
      if (pause) await pause;
    }
    return { digest: toDigest(hash), stat: fstatSync(handle) };
  } catch (error) {
    throw fileError(error, file);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function load(file: string): Map<string, readonly [string, Digest]> {
  const known = new Map<string, readonly [string, Digest]>();
  try {
    const stored = JSON.parse(readFileSync(file, "utf8")) as Partial<StoredCache>;
    if (stored.version !== version || typeof stored.files !== "object" || !stored.files) return known;
    for (const [name, value] of Object.entries(stored.files)) {
      const digest = `sha256:${String(value?.[1])}`;
      if (typeof value?.[0] === "string" && isDigest(digest)) known.set(name, [value[0], digest]);
    }
  } catch {
    // A cache that cannot be read is an empty cache.
  }
  return known;
}
