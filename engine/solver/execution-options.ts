import type { BuildEvent, BuildRequest } from "../base/build-events.ts";
import type { Message } from "../base/message.ts";
import type { FolderContext } from "../context/load.ts";
import type { StatCache } from "../context/types.ts";
import type { BuildGraph, Vertex } from "../graph/graph.ts";
import type { Platform } from "../oci/types.ts";
import type { HostFacts, Runtime } from "../runtime/types.ts";
import type { Layer, Snapshotter } from "../snapshot/types.ts";
import type { CacheRecord, CacheStore, ContentStore } from "../store/types.ts";
import type { GitAccess } from "./git.ts";
import type { LayerIndexes } from "./layer-index.ts";
import type { Remotes } from "./remotes.ts";
import type { SelectionMemo } from "./selection-memo.ts";
import type { SharedWork } from "./shared-work.ts";
import type { Explainer } from "./why.ts";

/** What a step tells while it runs, to every build that waits for it. */
export type StepEvent =
  | { readonly kind: "line"; readonly stream: "stdout" | "stderr"; readonly text: string }
  | { readonly kind: "bytes"; readonly item: string; readonly total: number }
  | { readonly kind: "warning"; readonly message: Message };

export interface ExecutionDeps {
  /** State root of the engine. */
  readonly home: string;
  readonly facts: HostFacts;
  readonly content: ContentStore;
  readonly cache: CacheStore;
  readonly snapshots: Snapshotter;
  readonly runtime: Runtime | undefined;
  /** Why there is no runtime, and the cure. */
  readonly runtimeNote?: Message;
  readonly memo: SelectionMemo;
  readonly layerIndexes: LayerIndexes;
  readonly statCache: StatCache;
  readonly work: SharedWork<CacheRecord, StepEvent>;
  readonly remotes: Remotes;
  /** Of the machine. */
  readonly platform: Platform;
  readonly now: () => number;
  /** A fresh name and folder for one RUN. */
  readonly scratch: () => { readonly id: string; readonly folder: string };
}

export interface ExecutionOptions {
  readonly buildId: string;
  readonly request: Pick<BuildRequest, "secrets" | "ssh" | "noCache" | "noCacheFilter">;
  readonly graph: BuildGraph;
  readonly context: FolderContext;
  readonly namedContext: (name: string) => Promise<FolderContext>;
  /** Layers of each image vertex. */
  readonly imageLayers: (vertex: Vertex) => readonly Layer[];
  readonly signal: AbortSignal;
  /** How repositories are logged in to. */
  readonly access?: GitAccess;
  /** Number of a vertex in the events; undefined for one that nobody sees. */
  readonly stepOf: (vertex: number) => number | undefined;
  readonly emit: (event: BuildEvent) => void;
  readonly explainer: Explainer;
}
