import type { Digest } from "../base/digest.ts";
import { reachableFrom } from "./image-documents.ts";
import type { ContentStore } from "./types.ts";

export interface CollectOptions {
  /** Manifests and indexes that are named. */
  readonly roots: ReadonlySet<Digest>;
  /** Layers that cache records need. */
  readonly cached: ReadonlySet<Digest>;
  /** Anything else that somebody uses. The id of an image keeps its manifest and layers. */
  readonly keep: ReadonlySet<Digest>;
}

/** Marks what can be reached, then reclaims the rest; leases have the last word. Returns bytes freed. */
export async function collectContent(content: ContentStore, options: CollectOptions): Promise<number> {
  const needed = new Set<Digest>(options.cached);
  for (const root of [...options.roots, ...options.keep]) {
    for (const digest of await reachableFrom(content, root)) needed.add(digest);
  }
  const unneeded = (await content.list()).filter((digest) => !needed.has(digest));

  // An image that was removed while a container uses it: only its id is known, the manifest must be looked for.
  const searching = options.keep.size > 0;
  for (const digest of searching ? unneeded : []) {
    if ((content.sizeOf(digest) ?? 0) > maxManifestBytes) continue;
    const [self, config, ...layers] = await reachableFrom(content, digest);
    if (!self || !config || !options.keep.has(config)) continue;
    for (const kept of [self, config, ...layers]) needed.add(kept);
  }

  let freed = 0;
  for (const digest of unneeded) if (!needed.has(digest)) freed += await content.reclaim(digest);
  return freed;
}

const maxManifestBytes = 4 * 1024 * 1024;
