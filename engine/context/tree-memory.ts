import type { Stats } from "node:fs";
import type { TreeNode } from "./tree.ts";
import type { ContextEntry } from "./types.ts";

const mostNodes = 100_000;
const fields = 7;

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
  #nodes = 0;

  get nodes(): number {
    return this.#nodes;
  }

  folder(path: string): SeenFolder | undefined {
    return this.#folders.get(path);
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
      this.#below.delete(path);
      this.#nodes -= nodes.length;
    }
  }
}

/** The trees that were seen last. */
export class TreeMemory {
  readonly #trees = new Map<string, SeenTree>();

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
