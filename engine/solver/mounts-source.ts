import { lstatSync } from "node:fs";
import { type Digest, digestOf } from "../base/digest.ts";
import { mountedSelection, mountsContent, selectionKey } from "../cache/keys.ts";
import { digestSelected } from "../context/digest.ts";
import { sourceNotInStage } from "../context/errors.ts";
import type { FolderContext } from "../context/load.ts";
import { digestMounted, mountSelection, nameless } from "../context/mounted.ts";
import { selectAll } from "../context/select.ts";
import { withoutMemory } from "../context/stat-cache.ts";
import { FileTree } from "../context/tree.ts";
import type { StatCache } from "../context/types.ts";
import type { RunOp } from "../graph/graph.ts";
import { mountSources, type SourcedMount } from "../graph/inputs.ts";
import { resolveInRoot } from "../snapshot/root-path.ts";
import type { Layer, Snapshotter } from "../snapshot/types.ts";
import type { CacheRecord, CacheStore, ContentStore } from "../store/types.ts";
import { type MountSource, placed } from "./mounts.ts";
import { contextLayers } from "./mounts-context.ts";
import type { SelectionMemo } from "./selection-memo.ts";

/** The same for a file system that is mounted at `root`. Here the folder itself counts as well: it is mounted as it is. */
export async function digestInMountedRoot(root: string, source: string, signal: AbortSignal): Promise<Digest> {
  const tree = new FileTree(root, { owners: true, signal });
  const selected = await selectAll(tree, mountSelection(source), sourceNotInStage);
  const content = await digestSelected(selected.map(nameless), withoutMemory, signal);
  const { mode, uid, gid } = lstatSync(resolveInRoot(root, source));
  return digestOf(JSON.stringify(["drydock-mounted", mode, uid, gid, content]));
}

interface SourceDeps {
  readonly home: string;
  readonly statCache: StatCache;
  readonly content: ContentStore;
  readonly cache: CacheStore;
  readonly snapshots: Snapshotter;
  readonly memo: SelectionMemo;
  readonly now: () => number;
}

interface SourceOptions {
  /** Does once what several builds want at once. */
  readonly shareWork: (
    key: Digest,
    signal: AbortSignal,
    make: (signal: AbortSignal) => Promise<CacheRecord>,
  ) => Promise<CacheRecord>;
  readonly signal: AbortSignal;
  readonly layersOf: (vertex: number) => Promise<readonly Layer[]>;
  readonly contextOf: (name: string | undefined) => Promise<FolderContext>;
}

/** What the mounts of one build's steps take: its digest for keys, and its layers when a step has to be done. */
export class MountedSources {
  readonly #deps: SourceDeps;
  readonly #options: SourceOptions;

  constructor(deps: SourceDeps, options: SourceOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Undefined for a RUN that takes nothing. */
  async digest(op: RunOp): Promise<Digest | undefined> {
    const sources = mountSources(op);
    if (sources.length === 0) return undefined;
    return mountsContent(await Promise.all(sources.map((mount) => placed(mount, () => this.#digestOf(mount)))));
  }

  async #digestOf({ from, source }: SourcedMount): Promise<Digest> {
    const { signal, layersOf, contextOf } = this.#options;
    if (from.kind === "context") return digestMounted(await contextOf(from.name), source, signal);
    const layers = await layersOf(from.vertex);
    const { snapshots, memo } = this.#deps;
    const key = selectionKey(
      layers.map(({ diffId }) => diffId),
      mountedSelection(source),
    );
    const remembered = memo.get(key);
    if (remembered) return remembered;
    const view = await snapshots.mountView(layers, signal);
    try {
      const digest = await digestInMountedRoot(view.path, source, signal);
      memo.set(key, digest);
      return digest;
    } finally {
      await view.release();
    }
  }

  async sourceOf({ from, source }: SourcedMount, signal: AbortSignal): Promise<MountSource> {
    const { layersOf, contextOf, shareWork } = this.#options;
    if (from.kind === "vertex") return { layers: await layersOf(from.vertex), path: source };
    const context = await contextOf(from.name);
    const [selected] = await context.selectAll(mountSelection(source));
    if (!selected) throw sourceNotInStage(source);
    const deps = { ...this.#deps, shareWork };
    return contextLayers(deps, context, selected, await context.digest([nameless(selected)], signal), signal);
  }
}
