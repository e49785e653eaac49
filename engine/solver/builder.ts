import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import type { Digest } from "../base/digest.ts";
import type { Message } from "../base/message.ts";
import type { StatCache } from "../context/types.ts";
import type { Platform } from "../oci/types.ts";
import type { PullProgress, Registry, RegistryClient } from "../registry/types.ts";
import type { HostFacts, Runtime } from "../runtime/types.ts";
import type { Snapshotter } from "../snapshot/types.ts";
import type { CacheRecord, CacheStore, ContentStore, ImageRecord, ImageStore } from "../store/types.ts";
import { Build } from "./build.ts";
import { sweepCacheMounts } from "./cache-mounts.ts";
import type { StepEvent } from "./execution-options.ts";
import { type LayerIndexes, openLayerIndexes } from "./layer-index.ts";
import { type Listings, openListings } from "./listings.ts";
import { memoryName } from "./mounts.ts";
import type { Exporter } from "./outputs.ts";
import { openRemotes, type Remotes } from "./remotes.ts";
import { returnMemory } from "./return-memory.ts";
import { releaseMemory } from "./secrets.ts";
import { openSelectionMemo } from "./selection-memo.ts";
import { SharedWork } from "./shared-work.ts";
import type { Builder } from "./types.ts";

interface BuilderDeps {
  /** State root of the engine. */
  readonly home: string;
  readonly images: ImageStore;
  readonly content: ContentStore;
  readonly cache: CacheStore;
  readonly snapshots: Snapshotter;
  /** Without `push` caches cannot be exported to a registry. */
  readonly registry: Registry & Partial<Pick<RegistryClient, "push">>;
  /** Undefined where nothing can run containers: then everything but RUN works. */
  readonly runtime: Runtime | undefined;
  readonly facts: HostFacts;
  readonly statCache: StatCache;
  /** For outputs; undefined: builds only go into the store. */
  readonly exporter?: Exporter;
  /** Of the machine. */
  readonly platform: Platform;
  /** ms since 1970. */
  readonly now?: () => number;
}

/** What all builds of one engine share. */
export interface BuildServices extends Omit<BuilderDeps, "now"> {
  readonly now: () => number;
  readonly memo: ReturnType<typeof openSelectionMemo>;
  readonly layerIndexes: LayerIndexes;
  readonly listings: Listings;
  readonly work: SharedWork<CacheRecord, StepEvent>;
  readonly pulls: SharedWork<ImageRecord, PullProgress>;
  readonly remotes: Remotes;
  readonly runtimeNote?: Message;
  readonly scratch: () => { readonly id: string; readonly folder: string };
}

/** Removes what an engine that was killed left of its RUN steps; call it once, before builds begin. */
export async function sweepBuilds(
  home: string,
  snapshots: Snapshotter,
  { tools }: Pick<HostFacts, "tools">,
): Promise<void> {
  const folder = scratchFolder(home);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await sweepCacheMounts(home);
  for (const id of readdirSync(folder)) {
    await snapshots.remove(id);
    await releaseMemory(path.join(folder, id, memoryName), { tools });
    rmSync(path.join(folder, id), { recursive: true, force: true });
  }
}

export function createBuilder(deps: BuilderDeps): Builder {
  const note = deps.facts.notes[0];
  const services: BuildServices = {
    ...deps,
    now: deps.now ?? Date.now,
    memo: openSelectionMemo(path.join(deps.home, "selections.json")),
    layerIndexes: openLayerIndexes(deps.home),
    listings: openListings(deps.home),
    work: new SharedWork(),
    pulls: new SharedWork(),
    remotes: openRemotes(deps.home),
    ...(note ? { runtimeNote: note } : {}),
    scratch: () => {
      // The folder's name is the snapshot's id: after a crash it says which snapshot to remove.
      const id = `build-${randomBytes(8).toString("hex")}`;
      return { id, folder: path.join(scratchFolder(deps.home), id) };
    },
  };
  let activeBuilds = 0;
  return {
    get activeBuilds() {
      return activeBuilds;
    },
    async build(request, options): Promise<Digest | undefined> {
      activeBuilds += 1;
      const lease = deps.content.lease();
      try {
        return await new Build(services, request, options).run();
      } finally {
        lease.release();
        activeBuilds -= 1;
        if (activeBuilds === 0) {
          services.remotes.prune();
          setImmediate(returnMemory);
        }
      }
    },
  };
}

function scratchFolder(home: string): string {
  return path.join(home, "runs");
}
