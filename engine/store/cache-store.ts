import { readFileSync } from "node:fs";
import { mkdir, readdir, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { type Digest, hexOf, isDigest } from "../base/digest.ts";
import { isDescriptor, isRecord } from "../oci/documents.ts";
import { writeDurably } from "./durable.ts";
import type { CacheEntry, CacheRecord, CacheStore, ContentStore } from "./types.ts";

/** A record that is used all the time need not be written to each time. */
const usedGrainMs = 5 * 60_000;

/**
 * One small file a record, `<home>/cache/<hex of the key>.json`. A damaged record is a record that is not there. Its time of
 * last use is the file's own, set at most every few minutes.
 */
export async function openCacheStore(home: string, content: ContentStore): Promise<CacheStore> {
  const folder = path.join(home, "cache");
  const aside = path.join(home, "ingest");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const noted = new Map<Digest, number>();
  const fileOf = (key: Digest) => path.join(folder, `${hexOf(key)}.json`);

  /** Synchronously: it is small, and each step of a build waits for it. */
  function read(key: Digest): CacheRecord | undefined {
    try {
      const record: unknown = JSON.parse(readFileSync(fileOf(key), "utf8"));
      return isCacheRecord(record) && record.key === key ? record : undefined;
    } catch {
      return undefined;
    }
  }

  async function noteUse(key: Digest): Promise<void> {
    const now = Date.now();
    if (now - (noted.get(key) ?? 0) < usedGrainMs) return;
    noted.set(key, now);
    // Removed a moment ago, or a file system that is read-only: then it is not noted.
    await utimes(fileOf(key), new Date(now), new Date(now)).catch(() => undefined);
  }

  async function keys(): Promise<Digest[]> {
    const names = await readdir(folder);
    return names.map((name) => `sha256:${name.replace(/\.json$/, "")}`).filter(isDigest);
  }

  return {
    async get(key) {
      const record = read(key);
      if (!record || !content.has(record.layer.descriptor.digest)) return undefined;
      await noteUse(key);
      return record;
    },

    async put(record) {
      await writeDurably(aside, fileOf(record.key), JSON.stringify(record));
    },

    async digests() {
      const found = new Set<Digest>();
      for (const key of await keys()) {
        const record = read(key);
        if (record) found.add(record.layer.descriptor.digest);
      }
      return found;
    },

    async list() {
      const found: CacheEntry[] = [];
      for (const key of await keys()) {
        const record = read(key);
        const times = await stat(fileOf(key)).catch(() => undefined);
        if (record && times) found.push({ record, usedAt: times.mtimeMs });
      }
      return found;
    },

    async remove(gone) {
      for (const key of gone) {
        noted.delete(key);
        await rm(fileOf(key), { force: true });
      }
    },

    async clear() {
      for (const key of await keys()) await rm(fileOf(key), { force: true });
    },
  };
}

export function isCacheRecord(value: unknown): value is CacheRecord {
  if (!isRecord(value) || !isRecord(value.layer)) return false;
  return (
    isDescriptor(value.layer.descriptor) &&
    typeof value.layer.diffId === "string" &&
    isDigest(value.layer.diffId) &&
    typeof value.key === "string" &&
    typeof value.createdAt === "number" &&
    typeof value.durationMs === "number" &&
    typeof value.text === "string"
  );
}
