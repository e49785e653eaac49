import { readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Digest, isDigest } from "../base/digest.ts";

const maxEntries = 10_000;

/**
 * Remembers what a COPY --from selects: the content digest of some paths of a file system is decided by its layers alone,
 * so it never has to be mounted and read again. A file that is missing or damaged is an empty memory.
 */
export interface SelectionMemo {
  get(key: Digest): Digest | undefined;
  set(key: Digest, content: Digest): void;
  save(): Promise<void>;
}

export function openSelectionMemo(file: string): SelectionMemo {
  const known = new Map(load(file));
  let dirty = false;
  return {
    get: (key) => known.get(key),
    set(key, content) {
      known.delete(key);
      known.set(key, content);
      dirty = true;
    },
    async save() {
      if (!dirty) return;
      dirty = false;
      for (const key of [...known.keys()].slice(0, Math.max(0, known.size - maxEntries))) known.delete(key);
      const aside = `${file}.${process.pid}.new`;
      try {
        await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
        await writeFile(aside, JSON.stringify(Object.fromEntries(known)), { mode: 0o600 });
        await rename(aside, file);
      } catch {
        // A memory that cannot be kept costs the next build some time, and must not fail this one.
        await rm(aside, { force: true });
      }
    },
  };
}

function load(file: string): [Digest, Digest][] {
  try {
    const stored: unknown = JSON.parse(readFileSync(file, "utf8"));
    return Object.entries(stored as object).flatMap(([key, value]) =>
      isDigest(key) && typeof value === "string" && isDigest(value) ? [[key, value]] : [],
    );
  } catch {
    return [];
  }
}
