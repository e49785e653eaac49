import type { Digest } from "./base/digest.ts";
import type { Containers } from "./containers/types.ts";
import type { Snapshotter } from "./snapshot/types.ts";
import type { ContentStore, ImageStore } from "./store/types.ts";

export interface GarbageOptions {
  readonly content: ContentStore;
  readonly images: ImageStore;
  readonly containers: Containers;
  readonly snapshots: Snapshotter;
  /** Builds and pulls hold leases on blobs, but not on unpacked layers. */
  readonly isWorking: () => boolean;
}

/** Frees blobs and unpacked layers that neither an image nor a container nor the cache needs. Returns bytes of blobs. */
export async function collectGarbage(options: GarbageOptions): Promise<number> {
  const { content, images, containers, snapshots, isWorking } = options;
  if (isWorking()) return 0;
  const freed = await images.collect(new Set(containers.list().map(({ imageId }) => imageId)));
  if (!isWorking()) await snapshots.collect(new Set<Digest>(await content.list()));
  return freed;
}
