import { randomBytes } from "node:crypto";
import { type BigIntStats, closeSync, constants, openSync, readlinkSync } from "node:fs";
import { mkdir, open, readdir, rename, unlink } from "node:fs/promises";
import path from "node:path";
import type { FileEntry, FileList, FileType } from "../../base/files-api.ts";
import {
  alreadyThere,
  isMountPoint,
  missingPath,
  notAFile,
  notAFolder,
  notEmpty,
  onAnotherMount,
  throwIfAborted,
} from "./errors.ts";
import { type FileTree, folderFlags, type Spot, statOf } from "./file-tree.ts";
import { checkWritable, failure, putInPlace, removeAll } from "./write-entry.ts";

/** A tree, and what of it may not be changed. */
export interface Browsed {
  readonly tree: FileTree;
  isReadOnly(path: string): boolean;
}

/** Many files in one folder are looked at in pieces, so that others get their turn. */
const atOnce = 500;

export async function listFiles({ tree, isReadOnly }: Browsed, wanted: string, follow = true): Promise<FileList> {
  return guarded(wanted, () =>
    tree.at(wanted, follow, async (spot) => {
      const isVirtual = !spot.stats && tree.mountedIn(spot.path).length > 0;
      if (!spot.stats && !isVirtual) throw missingPath(wanted);
      const writable = !spot.readOnly && !isReadOnly(spot.path);
      const entry = await entryOf(tree, spot, path.posix.basename(spot.path) || "/");
      if (entry.type !== "folder") return { entry, writable };
      const mounted = new Set(tree.mountedIn(spot.path));
      const entries = isVirtual ? [] : await entriesIn(tree, spot, mounted);
      for (const name of mounted) {
        const child = path.posix.join(spot.path, name);
        const found = await tree.at(child, false, (inner) => entryOf(tree, inner, name)).catch(() => undefined);
        if (found) entries.push(found);
      }
      entries.sort((a, b) => (a.name < b.name ? -1 : 1));
      return { entry, entries, writable };
    }),
  );
}

export interface FileRange {
  readonly start: number;
  /** The last byte. */
  readonly end: number;
}

/** Opens a plain file and gives its bytes away. `range`: which of them, when the size is known. */
export async function readFileAt<R>(
  { tree }: Browsed,
  wanted: string,
  range: (size: number) => FileRange | undefined,
  deliver: (file: {
    readonly size: number;
    readonly mtimeMs: number;
    readonly range: FileRange | undefined;
    readonly content: AsyncIterable<Uint8Array>;
  }) => Promise<R>,
): Promise<R> {
  const handle = await guarded(wanted, () =>
    tree.at(wanted, true, async ({ host, stats }) => {
      if (!stats) throw missingPath(wanted);
      if (!stats.isFile()) throw notAFile(wanted);
      return open(host, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    }),
  );
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw notAFile(wanted);
    const part = range(stats.size);
    // Files of the kernel say that they are empty: they are read to their end.
    const limits = part ? { start: part.start, end: part.end } : {};
    const content = handle.createReadStream({ ...limits, autoClose: false, highWaterMark: 256 * 1024 });
    return await deliver({ size: stats.size, mtimeMs: stats.mtimeMs, range: part, content });
  } finally {
    await handle.close();
  }
}

/** The old file or the whole new one; owner and mode of the old one stay. Returns what is there now. */
export async function writeFileAt(
  { tree, isReadOnly }: Browsed,
  wanted: string,
  content: AsyncIterable<Uint8Array>,
  { create, signal }: { readonly create: boolean; readonly signal: AbortSignal },
): Promise<FileEntry> {
  return guarded(wanted, () =>
    tree.at(wanted, true, async (spot) => {
      const { stats } = spot;
      if (!stats && !create) throw missingPath(wanted);
      if (stats && !stats.isFile()) throw notAFile(wanted);
      checkWritable(spot, isReadOnly);
      const aside = `${path.dirname(spot.host)}/.drydock-${randomBytes(8).toString("hex")}`;
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
      const handle = await open(aside, flags, 0o600);
      try {
        for await (const chunk of content) {
          throwIfAborted(signal);
          await handle.writeFile(chunk);
        }
        if (stats) await handle.chown(Number(stats.uid), Number(stats.gid));
        await handle.chmod(stats ? Number(stats.mode) & 0o7777 : 0o644);
        await handle.close();
        await putInPlace(aside, spot);
      } catch (error) {
        await handle.close().catch(() => {});
        await unlink(aside).catch(() => {});
        throw error;
      }
      return tree.at(spot.path, false, (now) => entryOf(tree, now, path.posix.basename(now.path)));
    }),
  );
}

export async function renameAt(
  { tree, isReadOnly }: Browsed,
  from: string,
  to: string,
  overwrite: boolean,
): Promise<void> {
  await guarded(from, () =>
    tree.at(from, false, (old) =>
      tree.at(to, false, async (spot) => {
        if (!old.stats) throw missingPath(from);
        if (old.isMount || tree.holdsMounts(old.path)) throw isMountPoint(from);
        if (spot.isMount || tree.holdsMounts(spot.path)) throw isMountPoint(to);
        checkWritable(old, isReadOnly);
        checkWritable(spot, isReadOnly);
        if (spot.stats && !overwrite) throw alreadyThere(to);
        if (spot.stats && old.path !== spot.path && !(old.stats.isFile() && spot.stats.isFile())) await removeAll(spot);
        await rename(old.host, spot.host).catch((error: NodeJS.ErrnoException) => {
          throw error.code === "EXDEV" ? onAnotherMount(from, to) : error;
        });
      }),
    ),
  );
}

/** A folder that is there already is no error with `parents` only. */
export async function makeFolderAt({ tree, isReadOnly }: Browsed, wanted: string, parents: boolean): Promise<void> {
  const names = wanted.split("/").filter((name) => name !== "" && name !== ".");
  const steps = parents ? names.map((_, at) => `/${names.slice(0, at + 1).join("/")}`) : [wanted];
  for (const step of steps) {
    await guarded(step, () =>
      tree.at(step, true, async (spot) => {
        if (spot.stats && !parents) throw alreadyThere(wanted);
        if (spot.stats && !spot.stats.isDirectory()) throw notAFolder(step);
        if (spot.stats) return;
        checkWritable(spot, isReadOnly);
        await mkdir(spot.host, 0o755);
      }),
    );
  }
}

export async function removeAt({ tree, isReadOnly }: Browsed, wanted: string, recursive: boolean): Promise<void> {
  await guarded(wanted, () =>
    tree.at(wanted, false, async (spot) => {
      if (!spot.stats) throw missingPath(wanted);
      checkWritable(spot, isReadOnly);
      if (spot.isMount || tree.holdsMounts(spot.path)) throw isMountPoint(wanted);
      if (spot.stats.isDirectory() && !recursive && (await namesIn(spot)).length > 0) throw notEmpty(wanted);
      await removeAll(spot);
    }),
  );
}

/** Looked at from the open folder: going to each from the root again would take ten times as long. */
async function entriesIn(tree: FileTree, folder: Spot, mounted: ReadonlySet<string>): Promise<FileEntry[]> {
  const fd = openSync(folder.host, folderFlags);
  try {
    const entries: FileEntry[] = [];
    // From one folder the same link leads to the same place: programs of busybox are four hundred links to one file.
    const ends: LinkEnds = new Map();
    for (const name of await readdir(`/proc/self/fd/${fd}/.`)) {
      if (mounted.has(name)) continue;
      if (entries.length % atOnce === atOnce - 1) await new Promise((resolve) => setImmediate(resolve));
      const host = `/proc/self/fd/${fd}/${name}`;
      const stats = statOf(host);
      const child = path.posix.join(folder.path, name);
      const spot = { host, path: child, stats, readOnly: false, isMount: tree.isMount(child) };
      if (stats) entries.push(await entryOf(tree, spot, name, ends));
    }
    return entries;
  } finally {
    closeSync(fd);
  }
}

async function entryOf(tree: FileTree, spot: Spot, name: string, ends: LinkEnds = new Map()): Promise<FileEntry> {
  const { stats } = spot;
  if (!stats) return { name, type: "folder", size: 0, mode: 0o755, uid: 0, gid: 0, mtimeMs: 0 };
  const type = typeOf(stats);
  return {
    name,
    type,
    size: Number(stats.size),
    mode: Number(stats.mode) & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    mtimeMs: Number(stats.mtimeNs / 1_000_000n),
    ...(type === "link" ? await linkOf(tree, spot, ends) : {}),
    ...(spot.isMount && spot.path !== "/" ? { isMount: true } : {}),
  };
}

type LinkEnds = Map<string, FileType | undefined>;

async function linkOf(
  tree: FileTree,
  spot: Spot,
  ends: LinkEnds,
): Promise<Pick<FileEntry, "linkTarget" | "targetType">> {
  try {
    const linkTarget = readlinkSync(spot.host);
    if (!ends.has(linkTarget)) {
      const end = await tree.at(spot.path, true, ({ stats }) => stats).catch(() => undefined);
      ends.set(linkTarget, end && typeOf(end));
    }
    const targetType = ends.get(linkTarget);
    return { linkTarget, ...(targetType ? { targetType } : {}) };
  } catch {
    // It is another thing now.
    return {};
  }
}

function typeOf(stats: BigIntStats): FileType {
  if (stats.isDirectory()) return "folder";
  if (stats.isFile()) return "file";
  if (stats.isSymbolicLink()) return "link";
  if (stats.isFIFO()) return "fifo";
  if (stats.isSocket()) return "socket";
  return stats.isCharacterDevice() ? "character-device" : "block-device";
}

async function namesIn({ host }: Spot): Promise<readonly string[]> {
  const fd = openSync(host, folderFlags);
  try {
    return await readdir(`/proc/self/fd/${fd}/.`);
  } finally {
    closeSync(fd);
  }
}

async function guarded<R>(wanted: string, body: () => Promise<R>): Promise<R> {
  try {
    return await body();
  } catch (error) {
    throw failure(error, wanted);
  }
}
