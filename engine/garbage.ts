import type { Digest } from "./base/digest.ts";
import type { Containers } from "./containers/types.ts";
import type { Snapshotter } from "./snapshot/types.ts";
import type { CacheStore, ImageStore } from "./store/types.ts";

export interface GarbageOptions {
  readonly images: ImageStore;
  readonly cache: CacheStore;
  readonly containers: Containers;
  readonly snapshots: Snapshotter;
  /** Builds and pulls hold leases on blobs, but not on unpacked layers. */
  readonly isWorking: () => boolean;
}

/** Frees blobs and unpacked layers that neither an image nor a container nor the cache needs. Returns bytes of blobs. */
export async function collectGarbage(options: GarbageOptions): Promise<number> {
  const { images, cache, containers, snapshots, isWorking } = options;
  if (isWorking()) return 0;
  const freed = await images.collect(new Set(containers.list().map(({ imageId }) => imageId)));

  // Unpacked layers go by diff id. The layers that builds make are stored as plain tars, so theirs is the blob's digest.
  const used = (await images.list()).flatMap(({ config }) => config.rootfs.diff_ids);
  const keep = new Set<Digest>([...used, ...(await cache.digests())]);
  if (!isWorking()) await snapshots.collect(keep);
  return freed;
}
