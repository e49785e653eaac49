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

/** Go's bits for kinds of files (package io/fs, FileMode). */
function goKind(stats: BigIntStats): number {
  if (stats.isDirectory()) return 2 ** 31;
  if (stats.isSymbolicLink()) return 2 ** 27;
  if (stats.isBlockDevice()) return 2 ** 26;
  if (stats.isCharacterDevice()) return 2 ** 26 + 2 ** 21;
  if (stats.isFIFO()) return 2 ** 25;
  return stats.isSocket() ? 2 ** 24 : 0;
}

export async function pathStat(tree: FileTree, wanted: string, stats: BigIntStats): Promise<PathStat> {
  return {
    name: path.posix.basename(wanted) || "/",
    size: Number(stats.size),
    mode: goKind(stats) + goPermissions(Number(stats.mode)),
    mtime: isoNs(stats.mtimeNs),
    linkTarget: stats.isSymbolicLink() ? await linkEnd(tree, wanted) : "",
  };
}

function goPermissions(mode: number): number {
  const special = (mode & 0o4000 ? 2 ** 23 : 0) + (mode & 0o2000 ? 2 ** 22 : 0) + (mode & 0o1000 ? 2 ** 20 : 0);
  return special + (mode & 0o777);
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
