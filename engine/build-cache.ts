import { statfs } from "node:fs/promises";
import { type Digest, hexOf } from "./base/digest.ts";
import { collectGarbage, type GarbageOptions } from "./garbage.ts";
import { listCacheMounts, removeCacheMounts } from "./solver/cache-mounts.ts";
import { type CacheItem, type PruneWish, planPrune } from "./store/cache-prune.ts";
import type { ContentStore } from "./store/types.ts";

/** What builds keep for the next build: results of steps, and the folders of cache mounts. */
export interface BuildCache {
  list(): Promise<readonly CacheItem[]>;
  /** `freedBytes` counts what is free on the disk when this returns, not what was promised. */
  prune(wish: PruneWish): Promise<{ readonly ids: readonly string[]; readonly freedBytes: number }>;
}

export interface BuildCacheOptions extends GarbageOptions {
  readonly home: string;
  readonly content: ContentStore;
}

export function createBuildCache(options: BuildCacheOptions): BuildCache {
  const { home, cache, content, images } = options;

  async function list(): Promise<readonly CacheItem[]> {
    const held = new Set((await images.list()).flatMap(({ manifest }) => manifest.layers.map(({ digest }) => digest)));
    const steps = (await cache.list()).map(({ record, usedAt }): CacheItem => {
      const { digest, size } = record.layer.descriptor;
      return {
        id: hexOf(record.key),
        kind: "regular",
        description: record.text,
        storage: digest,
        sizeBytes: content.sizeOf(digest) === undefined ? 0 : size,
        createdAt: record.createdAt,
        usedAt,
        // A build that has found a layer holds it by a lease, whatever happens to the record.
        inUse: false,
        shared: held.has(digest),
      };
    });
    const mounts = (await listCacheMounts(home)).map(
      ({ id, name, sizeBytes, createdAt, lastUsedAt, inUse }): CacheItem => ({
        id,
        kind: "exec.cachemount",
        description: `cache mount ${name}`,
        storage: id,
        sizeBytes,
        createdAt,
        usedAt: lastUsedAt,
        inUse,
        shared: false,
      }),
    );
    return [...steps, ...mounts];
  }

  return {
    list,
    async prune(wish) {
      const gone = planPrune(await list(), wish);
      const idsOf = (kind: CacheItem["kind"]) => gone.filter((item) => item.kind === kind).map(({ id }) => id);
      await cache.remove(idsOf("regular").map((hex) => `sha256:${hex}` as Digest));
      const mounts = await removeCacheMounts(home, idsOf("exec.cachemount"));
      // Layers that an ongoing build may want stay for now; they go when the engine is idle.
      const freedBytes = mounts.freedBytes + (await collectGarbage(options));
      return { ids: [...idsOf("regular"), ...mounts.removed], freedBytes };
    },
  };
}

const gigabyte = 1024 ** 3;

/** A tenth of the disk, but at least 2 and at most 50 GB: room for several projects, and never the disk itself. */
export async function defaultCacheLimit(home: string): Promise<number> {
  const { blocks, bsize } = await statfs(home);
  return Math.min(50 * gigabyte, Math.max(2 * gigabyte, Math.floor((blocks * bsize) / 10)));
}

export interface LimitOptions {
  readonly buildCache: BuildCache;
  /** Of layers and cache mounts that no image holds. */
  readonly limitBytes: () => Promise<number>;
  readonly isWorking: () => boolean;
  readonly everyMs?: number;
  readonly onError: (error: unknown) => void;
}

/** Looks now and then, when builds have been made since and nothing goes on, whether the cache has outgrown its limit. */
export function keepWithinLimit(options: LimitOptions): { stop(): void } {
  const { buildCache, limitBytes, isWorking, everyMs = 30_000, onError } = options;
  let worked = true;
  let looking = false;
  const look = async () => {
    if (isWorking()) {
      worked = true;
      return;
    }
    if (!worked || looking) return;
    worked = false;
    looking = true;
    try {
      const keepBytes = await limitBytes();
      const items = await buildCache.list();
      const gone = planPrune(items, { all: true, keepBytes });
      if (gone.length > 0 && !isWorking()) await buildCache.prune({ all: true, keepBytes });
    } catch (error) {
      onError(error);
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => void look(), everyMs).unref();
  return { stop: () => clearInterval(timer) };
}
