import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Digest, hexOf } from "../base/digest.ts";
import type { Listing } from "../cache/cause.ts";
import type { SelectedSource, StatCache } from "../context/types.ts";

const keptListings = 64;
const mostEntries = 20_000;
const mostReadAgain = 100;

/**
 * `<home>/listings/<content digest>`: what a COPY took, file by file, so that a later build can say which of them changed.
 * It only explains: one that is missing or damaged makes an explanation shorter and nothing else.
 */
export interface Listings {
  read(content: Digest): Promise<Listing | undefined>;
  write(content: Digest, listing: Listing): Promise<void>;
}

export function openListings(home: string): Listings {
  const folder = path.join(home, "listings");
  const fileOf = (content: Digest) => listingFile(home, content);
  return {
    async read(content) {
      try {
        const file = fileOf(content);
        const listing = await readFile(file, "utf8");
        // Used now: the others go first.
        await utimes(file, new Date(), new Date());
        return listing;
      } catch {
        return undefined;
      }
    },
    async write(content, listing) {
      const file = fileOf(content);
      const aside = `${file}.${process.pid}.new`;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(aside, listing, { mode: 0o600 });
        await rename(aside, file);
        await forgetOldest(folder, keptListings);
      } catch {
        await rm(aside, { force: true });
      }
    },
  };
}

export function listingFile(home: string, content: Digest): string {
  return path.join(home, "listings", hexOf(content));
}

/** Undefined when it would be too long to keep, or would mean to read many files again that were written a moment ago. */
export async function listingOf(
  selected: readonly SelectedSource[],
  statCache: StatCache,
): Promise<Listing | undefined> {
  let listing = "";
  let count = 0;
  let readAgain = 0;
  for (const { path: source, type, entries } of selected) {
    for (const entry of entries) {
      const name = type === "file" ? source : source === "" ? entry.name : `${source}/${entry.name}`;
      let what = entry.linkTarget ?? "";
      if (entry.type === "file") {
        const known = statCache.known(entry);
        if (known === undefined && ++readAgain > mostReadAgain) return undefined;
        what = hexOf(known ?? (await statCache.digestOf(entry))).slice(0, 32);
      }
      if (/[\t\n]/.test(name) || what.includes("\n")) continue;
      listing += `${name}\t${entry.mode.toString(8)} ${entry.type} ${what}\n`;
      if (++count > mostEntries) return undefined;
    }
  }
  return listing;
}

/** Keeps the newest files of a folder. */
export async function forgetOldest(folder: string, kept: number): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= kept) return;
  const files = await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      return { file, usedMs: (await stat(file).catch(() => undefined))?.mtimeMs ?? 0 };
    }),
  );
  files.sort((a, b) => b.usedMs - a.usedMs);
  for (const { file } of files.slice(kept)) await rm(file, { force: true });
}
