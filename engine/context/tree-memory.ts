import type { Stats } from "node:fs";
import type { TreeNode } from "./tree.ts";
import type { ContextEntry } from "./types.ts";

const mostNodes = 100_000;
const fields = 7;
/** Of so many changes at once each folder is looked at again. */
const mostChanges = 500;

/** What a folder held when it was last read, and of each node the numbers of its stat. */
interface SeenFolder {
  readonly nodes: readonly TreeNode[];
  readonly stats: Float64Array;
}

/** What was made of the listings of a folder and of all below it. */
interface SeenBelow {
  readonly listings: readonly (readonly TreeNode[])[];
  readonly entries: readonly ContextEntry[];
}

/**
 * One tree as the builds before have seen it. It spares making everything anew, never looking: each folder is read again
 * and each file's stat compared. What has not changed at all is the same object as before.
 */
export class SeenTree {
  readonly #folders = new Map<string, SeenFolder>();
  readonly #below = new Map<string, SeenBelow>();
  /** Folders that have not changed since they were read, by the word of somebody who watches them. */
  readonly #current = new Set<string>();
  #changes = 0;
  #nodes = 0;

  get nodes(): number {
    return this.#nodes;
  }

  folder(path: string): SeenFolder | undefined {
    return this.#folders.get(path);
  }

  /** Looks since it was first seen: what tests count. */
  looks = { folders: 0, stats: 0 };

  count(stats: number): void {
    this.looks.folders += 1;
    this.looks.stats += stats;
  }

  /** How often it was told of changes. */
  get changes(): number {
    return this.#changes;
  }

  /** What a folder held, if it need not be looked at again. */
  current(path: string): SeenFolder | undefined {
    return this.#current.has(path) ? this.#folders.get(path) : undefined;
  }

  /** A folder has been read. `since`: `changes` before that; a change in between may have been missed. */
  noteRead(path: string, since: number): void {
    if (since === this.#changes) this.#current.add(path);
  }

  /**
   * Something at these paths (relative to the root, `` for all) has changed, come or gone. The folders above are read again
   * too: whether they are shown may depend on what is in them.
   */
  invalidate(paths: readonly string[]): void {
    this.#changes += 1;
    if (paths.length > mostChanges || paths.includes("")) {
      this.#current.clear();
      return;
    }
    for (const path of paths) {
      this.#current.delete("");
      for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
        this.#current.delete(path.slice(0, end));
      }
      if (!this.#folders.has(path)) continue;
      for (const folder of this.#current) {
        if (folder === path || folder.startsWith(`${path}/`)) this.#current.delete(folder);
      }
    }
  }

  keep(path: string, folder: SeenFolder): void {
    const before = this.#folders.get(path)?.nodes ?? [];
    const now = new Set(folder.nodes.map(({ entry }) => entry.name));
    for (const { path: gone, entry } of before) {
      if (entry.type === "directory" && !now.has(entry.name)) this.#forget(gone);
    }
    const nodes = this.#nodes + folder.nodes.length - before.length;
    if (nodes > mostNodes) return;
    this.#nodes = nodes;
    this.#folders.set(path, folder);
  }

  /** What `make` made of these listings the last time, when they are the same still. */
  async below(
    path: string,
    listings: readonly (readonly TreeNode[])[],
    make: () => Promise<readonly ContextEntry[]>,
  ): Promise<readonly ContextEntry[]> {
    const known = this.#below.get(path);
    const isSame =
      known?.listings.length === listings.length && known.listings.every((one, at) => one === listings[at]);
    if (isSame) return known.entries;
    const entries = await make();
    if (entries.length <= mostNodes) this.#below.set(path, { listings, entries });
    return entries;
  }

  #forget(folder: string): void {
    for (const [path, { nodes }] of this.#folders) {
      if (path !== folder && !path.startsWith(`${folder}/`)) continue;
      this.#folders.delete(path);
      this.#current.delete(path);
      this.#below.delete(path);
      this.#nodes -= nodes.length;
    }
  }
}

/** The trees that were seen last. */
export class TreeMemory {
  readonly #trees = new Map<string, SeenTree>();

  /** Of whatever is ignored. */
  invalidate(root: string, paths: readonly string[]): void {
    for (const [key, tree] of this.#trees) {
      if ((JSON.parse(key) as string[])[0] === root) tree.invalidate(paths);
    }
  }

  get looks(): { readonly folders: number; readonly stats: number } {
    const sum = { folders: 0, stats: 0 };
    for (const { looks } of this.#trees.values()) {
      sum.folders += looks.folders;
      sum.stats += looks.stats;
    }
    return sum;
  }

  of(root: string, ignored: readonly string[]): SeenTree {
    const key = JSON.stringify([root, ...ignored]);
    const tree = this.#trees.get(key) ?? new SeenTree();
    // Taken out first, so that the order of the map is from long unused to new.
    this.#trees.delete(key);
    this.#trees.set(key, tree);
    let nodes = [...this.#trees.values()].reduce((sum, one) => sum + one.nodes, 0);
    for (const [oldest, { nodes: freed }] of this.#trees) {
      if (nodes <= mostNodes || oldest === key) break;
      this.#trees.delete(oldest);
      nodes -= freed;
    }
    return tree;
  }
}

/** Room for the stats of so many nodes. */
export function statsOf(nodes: number): Float64Array {
  return new Float64Array(nodes * fields);
}

export function noteStat(stats: Float64Array, at: number, stat: Stats): void {
  const from = at * fields;
  stats[from] = stat.ino;
  stats[from + 1] = stat.ctimeMs;
  stats[from + 2] = stat.mtimeMs;
  stats[from + 3] = stat.size;
  stats[from + 4] = stat.mode;
  stats[from + 5] = stat.nlink;
  stats[from + 6] = stat.dev;
}

export function hasStat(stats: Float64Array, at: number, stat: Stats): boolean {
  const from = at * fields;
  return (
    stats[from] === stat.ino &&
    stats[from + 1] === stat.ctimeMs &&
    stats[from + 2] === stat.mtimeMs &&
    stats[from + 3] === stat.size &&
    stats[from + 4] === stat.mode &&
    stats[from + 5] === stat.nlink &&
    stats[from + 6] === stat.dev
  );
}
