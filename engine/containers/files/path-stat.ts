import type { BigIntStats } from "node:fs";
import path from "node:path";
import type { FileTree } from "./file-tree.ts";

/** What `docker cp` asks about a path before it copies (X-Docker-Container-Path-Stat). */
export interface PathStat {
  readonly name: string;
  readonly size: number;
  /** Go's os.FileMode. */
  readonly mode: number;
  /** RFC 3339 with nanoseconds. */
  readonly mtime: string;
  /** Of a link: where it leads in the end, as far as that can be told. */
  readonly linkTarget: string;
}

/** Go's names for kinds of files (package io/fs, FileMode), by the kind in st_mode. */
const goKinds: Readonly<Record<number, number>> = {
  9604: 2 ** 31,
  21609: 2 ** 27,
  14406: 2 ** 26,
  4802: 2 ** 26 + 2 ** 21,
  2401: 2 ** 25,
  26411: 2 ** 24,
};

export async function pathStat(tree: FileTree, wanted: string, stats: BigIntStats): Promise<PathStat> {
  return {
    name: path.posix.basename(wanted) || "/",
    size: Number(stats.size),
    mode: goMode(Number(stats.mode)),
    mtime: isoNs(stats.mtimeNs),
    linkTarget: stats.isSymbolicLink() ? await linkEnd(tree, wanted) : "",
  };
}

function goMode(mode: number): number {
  const special = (mode & 0o4000 ? 2 ** 23 : 0) + (mode & 0o2000 ? 2 ** 22 : 0) + (mode & 0o1000 ? 2 ** 20 : 0);
  return (goKinds[mode & 0o170000] ?? 0) + special + (mode & 0o777);
}

async function linkEnd(tree: FileTree, wanted: string): Promise<string> {
  try {
    return await tree.at(wanted, true, (spot) => spot.path);
  } catch {
    // It leads nowhere, or in a circle.
    return wanted;
  }
}

function isoNs(timeNs: bigint): string {
  const seconds = timeNs / 1_000_000_000n;
  const rest = (timeNs % 1_000_000_000n).toString().padStart(9, "0").replace(/0+$/, "");
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}${rest === "" ? "" : `.${rest}`}Z`;
}
