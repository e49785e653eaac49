import { type BigIntStats, closeSync, openSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { FileTree, folderFlags } from "./file-tree.ts";

/** Docker's numbers. */
export const changeKinds = { modified: 0, added: 1, deleted: 2 } as const;

export interface FileChange {
  readonly path: string;
  readonly kind: (typeof changeKinds)[keyof typeof changeKinds];
}

export interface FolderDifference {
  /** By path; folders come before what is in them, and those in which something changed count as modified. */
  readonly changes: readonly FileChange[];
  /** Empty files and folders that a run needs to mount on: no change of anybody's. */
  readonly stubs: readonly string[];
}

export const dockerMark = "/.dockerenv";

/** What the engine puts into every container. */
const ownTargets = ["/dev", "/proc", "/sys", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", dockerMark];

export interface ComparedFolders {
  /** The writable layer, in overlayfs's form: where something may have changed. */
  readonly upper: string;
  /** Layers and writable layer together. */
  readonly merged: string;
  /** The layers alone. */
  readonly lower: string;
  /** Where volumes and the like are mounted. */
  readonly targets: readonly string[];
}

/**
 * What a container wrote. Deletions are what the layers have and the merged tree has not, so that nobody has to read overlayfs's
 * marks, which Node cannot. A folder counts as changed by mode and owner, a file by time and size as well, as in Docker.
 */
export async function compareFolders({ upper, merged, lower, targets }: ComparedFolders): Promise<FolderDifference> {
  const trees: FileTree[] = [];
  const open = (folder: string) => {
    const tree = FileTree.open(folder);
    trees.push(tree);
    return tree;
  };
  try {
    const comparison = new Comparison(open(upper), open(merged), open(lower), [...ownTargets, ...targets]);
    await comparison.folder("/", true);
    return {
      changes: comparison.changes.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path))),
      stubs: comparison.stubs,
    };
  } finally {
    for (const tree of trees) tree.close();
  }
}

class Comparison {
  readonly changes: FileChange[] = [];
  readonly stubs: string[] = [];
  readonly #upper: FileTree;
  readonly #merged: FileTree;
  readonly #lower: FileTree;
  readonly #targets: ReadonlySet<string>;
  readonly #aboveTargets: ReadonlySet<string>;

  constructor(upper: FileTree, merged: FileTree, lower: FileTree, targets: readonly string[]) {
    this.#upper = upper;
    this.#merged = merged;
    this.#lower = lower;
    this.#targets = new Set(targets);
    this.#aboveTargets = new Set(targets.flatMap(parents));
  }

  /** A folder that is in the writable layer. `isOld`: the layers have it as well. */
  async folder(path: string, isOld: boolean): Promise<void> {
    const [written, now, before] = await Promise.all([
      namesIn(this.#upper, path),
      namesIn(this.#merged, path),
      isOld ? namesIn(this.#lower, path) : [],
    ]);
    const present = new Set(now);
    const old = new Set(before);
    for (const name of before) {
      if (!present.has(name)) this.changes.push({ path: join(path, name), kind: changeKinds.deleted });
    }
    for (const name of written) {
      if (present.has(name)) await this.#entry(join(path, name), old.has(name));
    }
  }

  async #entry(path: string, isOld: boolean): Promise<void> {
    const stats = await statIn(this.#upper, path);
    if (!stats) return;
    const before = isOld ? await statIn(this.#lower, path) : undefined;
    const at = this.changes.length;
    if (stats.isDirectory()) await this.folder(path, before?.isDirectory() ?? false);
    const isEmpty = stats.isDirectory() ? this.changes.length === at : stats.isFile() && stats.size === 0n;
    if (!before && isEmpty && (this.#targets.has(path) || this.#isLeftAbove(path, stats))) {
      this.stubs.push(path);
      return;
    }
    const inside = stats.isDirectory() && this.changes.length > at;
    if (!before) this.changes.push({ path, kind: changeKinds.added });
    else if (inside || differs(before, stats)) this.changes.push({ path, kind: changeKinds.modified });
  }

  /** A folder that was made to mount below it: there is nothing in it but that. */
  #isLeftAbove(path: string, stats: BigIntStats): boolean {
    return (
      stats.isDirectory() && this.#aboveTargets.has(path) && this.stubs.some((stub) => stub.startsWith(`${path}/`))
    );
  }
}

function differs(before: BigIntStats, now: BigIntStats): boolean {
  if (before.mode !== now.mode || before.uid !== now.uid || before.gid !== now.gid) return true;
  if (before.rdev !== now.rdev) return true;
  return !now.isDirectory() && (before.mtimeNs !== now.mtimeNs || before.size !== now.size);
}

async function namesIn(tree: FileTree, path: string): Promise<readonly string[]> {
  try {
    return await tree.at(path, false, async ({ host, stats }) => {
      if (!stats?.isDirectory()) return [];
      const fd = openSync(host, folderFlags);
      try {
        return await readdir(`/proc/self/fd/${fd}/.`);
      } finally {
        closeSync(fd);
      }
    });
  } catch {
    // Gone, or another thing now.
    return [];
  }
}

async function statIn(tree: FileTree, path: string): Promise<BigIntStats | undefined> {
  try {
    return await tree.at(path, false, ({ stats }) => stats);
  } catch {
    return undefined;
  }
}

function parents(path: string): string[] {
  const cut = path.lastIndexOf("/");
  const parent = path.slice(0, cut);
  return cut <= 0 ? [] : [parent, ...parents(parent)];
}

function join(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}
