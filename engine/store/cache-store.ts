import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { type Digest, hexOf, isDigest } from "../base/digest.ts";
import { isDescriptor, isRecord } from "../oci/documents.ts";
import { writeDurably } from "./durable.ts";
import type { CacheRecord, CacheStore, ContentStore } from "./types.ts";

/** One small file a record, `<home>/cache/<hex of the key>.json`. A damaged record is a record that is not there. */
export async function openCacheStore(home: string, content: ContentStore): Promise<CacheStore> {
  const folder = path.join(home, "cache");
  const aside = path.join(home, "ingest");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fileOf = (key: Digest) => path.join(folder, `${hexOf(key)}.json`);

  async function read(key: Digest): Promise<CacheRecord | undefined> {
    const record = await readFile(fileOf(key), "utf8")
      .then(JSON.parse)
      .catch(() => undefined);
    return isCacheRecord(record) && record.key === key ? record : undefined;
  }

  async function keys(): Promise<Digest[]> {
    const names = await readdir(folder);
    return names.map((name) => `sha256:${name.replace(/\.json$/, "")}`).filter(isDigest);
  }

  return {
    async get(key) {
      const record = await read(key);
      return record && content.has(record.layer.descriptor.digest) ? record : undefined;
    },

    async put(record) {
      await writeDurably(aside, fileOf(record.key), JSON.stringify(record));
    },

    async digests() {
      const found = new Set<Digest>();
      for (const key of await keys()) {
        const record = await read(key);
        if (record) found.add(record.layer.descriptor.digest);
      }
      return found;
    },

    async clear() {
      for (const key of await keys()) await rm(fileOf(key), { force: true });
    },
  };
}

function isCacheRecord(value: unknown): value is CacheRecord {
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
