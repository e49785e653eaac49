import { existsSync } from "node:fs";
import path from "node:path";
import type { Digest } from "../base/digest.ts";
import { openStatCache } from "../context/stat-cache.ts";
import type { TreeMemory } from "../context/tree-memory.ts";
import type { StatCache } from "../context/types.ts";

export interface ForecastStats extends StatCache {
  readonly trees: TreeMemory;
  /** Lets the engine's own memory be asked for what is not known here; it is large, so that it is let go again. */
  borrow<T>(work: () => Promise<T>): Promise<T>;
  /** The content of these files may be another, whatever their stats say. */
  forget(files: readonly string[] | undefined): void;
}

/**
 * Content digests of files. What the engine knows is taken over; what was found out here is kept in a file of its own,
 * because two processes that write one file lose each other's news.
 */
export function openForecastStats(home: string, now?: () => number): ForecastStats {
  let lent: StatCache | undefined;
  const own = openStatCache(path.join(home, "forecast-stats.json"), {
    ...(now ? { now } : {}),
    also: (file) => lent?.known(file),
  });
  const { trees } = own;
  if (!trees) throw new Error("a stat cache remembers trees");
  /** Files that were written a moment before they were read: somebody watches them, and tells when they are written again. */
  const fresh = new Map<string, { readonly stamp: string | undefined; readonly digest: Digest }>();

  const known: StatCache["known"] = (entry) => {
    const found = fresh.get(entry.file);
    return found && found.stamp === entry.stamp ? found.digest : own.known(entry);
  };
  return {
    trees,
    get filesRead() {
      return own.filesRead;
    },
    known,
    async digestOf(entry, signal) {
      const before = known(entry);
      if (before !== undefined) return before;
      const digest = await own.digestOf(entry, signal);
      if (own.known(entry) === undefined) fresh.set(entry.file, { stamp: entry.stamp, digest });
      return digest;
    },
    async borrow(work) {
      lent = openStatCache(path.join(home, "stat-cache.json"));
      try {
        return await work();
      } finally {
        lent = undefined;
      }
    },
    forget(files) {
      if (files === undefined) fresh.clear();
      for (const file of files ?? []) fresh.delete(file);
      for (const known of fresh.keys())
        if (files?.some((folder) => known.startsWith(`${folder}/`))) fresh.delete(known);
    },
    async save() {
      // Whoever has no engine yet has nothing to forecast either.
      if (existsSync(home)) await own.save();
    },
  };
}
