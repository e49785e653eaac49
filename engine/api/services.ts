import type { Readable } from "node:stream";
import type { EngineSettings, EngineStatus } from "../base/drydock-api.ts";
import type { ContainerFiles } from "../containers/files/container-files.ts";
import type { Networks } from "../containers/networks/types.ts";
import type { ContainerConnections, ContainerControls, Containers } from "../containers/types.ts";
import type { Volumes } from "../containers/volumes/types.ts";
import type { RegistryClient } from "../registry/types.ts";
import type { Builder } from "../solver/types.ts";
import type { CacheItem, PruneWish } from "../store/cache-prune.ts";
import type { CacheStore, ContentStore, ImageStore } from "../store/types.ts";
import type { EventLog } from "./event-log.ts";

/** What the API stands on. Everything is an interface or a function, so that tests bring their own. */
export interface Services {
  readonly containers: Containers & ContainerControls & ContainerConnections;
  readonly networks: Networks;
  readonly volumes: Volumes;
  readonly files: ContainerFiles;
  readonly content: ContentStore;
  readonly images: ImageStore;
  readonly cache: CacheStore;
  readonly registry: RegistryClient;
  readonly builder: Builder;
  readonly events: EventLog;
  readonly settings: SettingsStore;
  /** A folder of the engine's own for uploads; swept at start. */
  readonly scratchDir: string;
  /** Unpacks an uploaded build context (tar, perhaps compressed) into a folder, which it makes. */
  extractContext(source: Readable, folder: string, options: { readonly signal: AbortSignal }): Promise<void>;
  readonly buildCache: BuildCacheService;
  /** Bytes of what a container itself wrote. */
  containerSize(id: string, signal?: AbortSignal): Promise<number>;
  status(): EngineStatus;
  /** Frees blobs and layers that nothing needs. Returns bytes. Does nothing while something is being pulled or built. */
  collectGarbage(): Promise<number>;
  /** Counts as work until the returned function is called: no garbage collection, no idle exit. */
  busy(): () => void;
  /** Ends the engine after the answer has been sent. Running containers go on. */
  shutdown(): void;
  log(line: string): void;
}

/** What builds keep for the next one (engine/build-cache.ts). */
export interface BuildCacheService {
  list(): Promise<readonly CacheItem[]>;
  prune(wish: PruneWish): Promise<{ readonly ids: readonly string[]; readonly freedBytes: number }>;
}

export interface SettingsStore {
  read(): Promise<EngineSettings>;
  /** @throws EngineError `invalid-argument` */
  write(value: unknown): Promise<EngineSettings>;
}
