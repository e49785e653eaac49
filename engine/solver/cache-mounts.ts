import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { lstat, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { digestOf, hexOf } from "../base/digest.ts";

/**
 * The folders of `RUN --mount=type=cache`: `<home>/cache-mounts/<id>/data`, beside it `info.json`. Plain folders, so that they
 * outlive every engine and a person can look into them. A folder is visible only when it is complete. Who uses which is
 * known to this process alone: there is one engine for a home, and it ends what an earlier one left running before it builds.
 */
export interface CacheMountInfo {
  /** For `removeCacheMounts`. */
  readonly id: string;
  /** What the Dockerfile calls it: `id=`, else its target. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly inUse: boolean;
}

export interface CacheMountWish {
  readonly name: string;
  /** What it begins with, as a text that differs when that differs; `` for an empty one. Another seed is another cache. */
  readonly seed: string;
  readonly sharing: "shared" | "private" | "locked";
  /** Fills the new folder. */
  readonly fill: (folder: string) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface CacheMountUse {
  /** Absolute path of the folder to mount. */
  readonly path: string;
  release(): void;
}

interface Use {
  readonly shared: boolean;
  users: number;
  /** Resolves when the folder is there; rejects when it could not be made. */
  readonly ready: Promise<void>;
}

/** By absolute folder. */
const uses = new Map<string, Use>();
const waiting = new Set<() => void>();

/**
 * As the reference: `shared` joins others who share; `locked` waits until nobody uses it; everybody else who finds it in use
 * gets another folder of that name.
 */
export async function useCacheMount(home: string, wish: CacheMountWish): Promise<CacheMountUse> {
  const root = rootOf(home);
  const base = hexOf(digestOf(JSON.stringify([wish.name, wish.seed]))).slice(0, 24);
  for (;;) {
    wish.signal.throwIfAborted();
    const folders = foldersOf(root, base);
    const free = folders.find((folder) => !uses.has(folder));
    const joined = wish.sharing === "shared" ? folders.find((folder) => uses.get(folder)?.shared) : undefined;
    if (joined === undefined && free === undefined && folders.length > 0 && wish.sharing === "locked") {
      await somebodyLeaves(wish.signal);
      continue;
    }
    const folder = joined ?? free ?? path.join(root, `${base}-${nextNumber(folders)}`);
    const use = uses.get(folder) ?? begin(folder, wish);
    use.users += 1;
    try {
      await use.ready;
    } catch (error) {
      leave(folder, use);
      // Whoever only joined tries for himself: perhaps it was the other one who was cancelled.
      if (joined !== undefined) continue;
      throw error;
    }
    touch(folder);
    let isReleased = false;
    return {
      path: path.join(folder, "data"),
      release() {
        if (isReleased) return;
        isReleased = true;
        touch(folder);
        leave(folder, use);
      },
    };
  }
}

/** Every cache of this home, the last used first. Sizes are those on the disk. */
export async function listCacheMounts(home: string): Promise<readonly CacheMountInfo[]> {
  const root = rootOf(home);
  const found: CacheMountInfo[] = [];
  for (const id of idsIn(root)) {
    const folder = path.join(root, id);
    const info = readInfo(folder);
    if (!info) continue;
    const sizeBytes = await sizeOf(path.join(folder, "data"), new Set());
    found.push({ id, ...info, sizeBytes, inUse: uses.has(folder) });
  }
  return found.sort((a, b) => b.lastUsedAt - a.lastUsedAt);
}

/** Removes caches. One that a build is using is left alone, as is one that is not there. */
export async function removeCacheMounts(
  home: string,
  ids: readonly string[],
): Promise<{ readonly removed: readonly string[]; readonly freedBytes: number }> {
  const root = rootOf(home);
  const known = new Set(idsIn(root));
  const removed: string[] = [];
  let freedBytes = 0;
  for (const id of ids) {
    const folder = path.join(root, id);
    if (!known.has(id) || uses.has(folder) || !existsSync(folder)) continue;
    // No build can take it any more from here on; what is left to do may take its time.
    const aside = path.join(root, `.gone-${randomBytes(8).toString("hex")}`);
    renameSync(folder, aside);
    freedBytes += await sizeOf(path.join(aside, "data"), new Set());
    await rm(aside, { recursive: true, force: true });
    removed.push(id);
  }
  return { removed, freedBytes };
}

/** Takes away what an engine that was killed had half made or half removed. Before builds begin. */
export async function sweepCacheMounts(home: string): Promise<void> {
  const root = rootOf(home);
  if (!existsSync(root)) return;
  for (const name of readdirSync(root)) {
    if (name.startsWith(".")) await rm(path.join(root, name), { recursive: true, force: true });
  }
}

function begin(folder: string, wish: CacheMountWish): Use {
  const use: Use = { shared: wish.sharing === "shared", users: 0, ready: make(folder, wish) };
  use.ready.catch(() => undefined);
  uses.set(folder, use);
  return use;
}

async function make(folder: string, { name, fill }: CacheMountWish): Promise<void> {
  if (existsSync(folder)) return;
  const aside = path.join(path.dirname(folder), `.new-${randomBytes(8).toString("hex")}`);
  mkdirSync(path.join(aside, "data"), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(path.join(aside, "info.json"), JSON.stringify({ name, createdAt: Date.now() }), { mode: 0o600 });
    await fill(path.join(aside, "data"));
    renameSync(aside, folder);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw error;
  }
}

function leave(folder: string, use: Use): void {
  use.users -= 1;
  if (use.users > 0 || uses.get(folder) !== use) return;
  uses.delete(folder);
  for (const wake of [...waiting]) wake();
}

function somebodyLeaves(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      waiting.delete(wake);
      signal.removeEventListener("abort", wake);
      resolve();
    };
    waiting.add(wake);
    signal.addEventListener("abort", wake, { once: true });
  });
}

/** On the disk or being made, in the order of their numbers. */
function foldersOf(root: string, base: string): string[] {
  const onDisk = idsIn(root).map((id) => path.join(root, id));
  return [...new Set([...onDisk, ...uses.keys()])]
    .filter((folder) => folder.startsWith(`${path.join(root, base)}-`))
    .sort((a, b) => numberOf(a) - numberOf(b));
}

function nextNumber(folders: readonly string[]): number {
  return folders.length === 0 ? 0 : numberOf(folders.at(-1) ?? "") + 1;
}

function numberOf(folder: string): number {
  return Number(folder.slice(folder.lastIndexOf("-") + 1));
}

function idsIn(root: string): string[] {
  return existsSync(root) ? readdirSync(root).filter((name) => /^[0-9a-f]{24}-\d+$/.test(name)) : [];
}

function rootOf(home: string): string {
  return path.join(path.resolve(home), "cache-mounts");
}

function touch(folder: string): void {
  try {
    utimesSync(path.join(folder, "info.json"), new Date(), new Date());
  } catch {
    // The time of its last use is a courtesy.
  }
}

function readInfo(folder: string): Pick<CacheMountInfo, "name" | "createdAt" | "lastUsedAt"> | undefined {
  try {
    const file = path.join(folder, "info.json");
    const { name, createdAt } = JSON.parse(readFileSync(file, "utf8")) as { name: unknown; createdAt: unknown };
    return { name: String(name), createdAt: Number(createdAt) || 0, lastUsedAt: statSync(file).mtimeMs };
  } catch {
    return undefined;
  }
}

/** A build may be writing: what vanishes on the way does not count. A file with several names counts once. */
async function sizeOf(folder: string, seen: Set<string>): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const place = path.join(folder, entry.name);
    const stats = await lstat(place).catch(() => undefined);
    if (!stats || (stats.nlink > 1 && !entry.isDirectory() && seen.has(`${stats.dev}:${stats.ino}`))) continue;
    if (stats.nlink > 1) seen.add(`${stats.dev}:${stats.ino}`);
    sum += stats.blocks * 512;
    if (entry.isDirectory()) sum += await sizeOf(place, seen);
  }
  return sum;
}
