import { lstatSync } from "node:fs";
import { type Digest, digestOf } from "../base/digest.ts";
import { mountsContent } from "../cache/keys.ts";
import { digestSelected } from "../context/digest.ts";
import { sourceNotInStage } from "../context/errors.ts";
import type { FolderContext } from "../context/load.ts";
import { type Selection, selectAll } from "../context/select.ts";
import { withoutMemory } from "../context/stat-cache.ts";
import { FileTree } from "../context/tree.ts";
import type { SelectedSource } from "../context/types.ts";
import type { CopyOp, RunOp } from "../graph/graph.ts";
import { mountSources, type SourcedMount } from "../graph/inputs.ts";
import { resolveInRoot } from "../snapshot/root-path.ts";
import type { Layer, Snapshotter } from "../snapshot/types.ts";
import type { CacheRecord, CacheStore, ContentStore } from "../store/types.ts";
import { writeLayer } from "./layer-writer.ts";
import { type MountSource, placed } from "./mounts.ts";
import { place } from "./place.ts";
import { type SelectionMemo, selectionKey } from "./selection-memo.ts";
import { TargetTree } from "./target-tree.ts";

/** The path of a mount as a COPY would select it; there are no wildcards in it. */
export function mountSelection(source: string): Selection {
  return { sources: [source.replace(/[\\*?[]/g, "\\$&")], excludes: [], parents: false };
}

/** Content digest of what a mount takes of the context. The name of a single file is no part of it: it is mounted under another. */
export async function digestInContext(context: FolderContext, source: string, signal: AbortSignal): Promise<Digest> {
  return context.digest((await context.selectAll(mountSelection(source))).map(nameless), signal);
}

/** The same for a file system that is mounted at `root`. Here the folder itself counts as well: it is mounted as it is. */
export async function digestInMountedRoot(root: string, source: string, signal: AbortSignal): Promise<Digest> {
  const tree = new FileTree(root, { owners: true, signal });
  const selected = await selectAll(tree, mountSelection(source), sourceNotInStage);
  const content = await digestSelected(selected.map(nameless), withoutMemory, signal);
  const { mode, uid, gid } = lstatSync(resolveInRoot(root, source));
  return digestOf(JSON.stringify(["drydock-mounted", mode, uid, gid, content]));
}

function nameless(source: SelectedSource): SelectedSource {
  return source.type === "file" ? { ...source, path: "" } : source;
}

/**
 * A layer with exactly what a mount takes of the context, and where in it that is. As in the reference the files become
 * root's, and what .dockerignore hides is not there; the folder on this machine itself is never mounted.
 */
export async function contextLayer(
  context: FolderContext,
  source: string,
  content: ContentStore,
  signal: AbortSignal,
): Promise<Layer> {
  const selection = mountSelection(source);
  const selected = await context.selectAll(selection);
  const tree = new TargetTree(undefined);
  const op: CopyOp = {
    kind: "copy",
    parent: 0,
    from: { kind: "context" },
    ...selection,
    inline: [],
    destination: `${contextRoot}/`,
    link: false,
  };
  await place(tree, { op, selected: selected.map(renamed), owner: undefined, now: 0 });
  return writeLayer(content, tree.entries(), { signal });
}

/** Where in its layer the folder is, or below which the file. */
const contextRoot = "/context";
const fileName = "file";

export function pathInContextLayer(selected: readonly SelectedSource[]): string {
  return selected[0]?.type === "file" ? `${contextRoot}/${fileName}` : contextRoot;
}

function renamed(source: SelectedSource): SelectedSource {
  if (source.type !== "file") return source;
  return { ...source, entries: source.entries.map((entry) => ({ ...entry, name: fileName })) };
}

interface SourceDeps {
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
    if (from.kind === "context") return digestInContext(await contextOf(from.name), source, signal);
    const layers = await layersOf(from.vertex);
    const { snapshots, memo } = this.#deps;
    const key = selectionKey(
      layers.map(({ diffId }) => diffId),
      { mounted: source },
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
    const { layersOf, contextOf } = this.#options;
    if (from.kind === "vertex") return { layers: await layersOf(from.vertex), path: source };
    const context = await contextOf(from.name);
    const selected = await context.selectAll(mountSelection(source));
    return { layers: [await this.#layerOf(context, source, signal)], path: pathInContextLayer(selected) };
  }

  /** The same files are written and unpacked once, whichever build and step mounts them. */
  async #layerOf(context: FolderContext, source: string, signal: AbortSignal): Promise<Layer> {
    const { cache, content, now } = this.#deps;
    const key = digestOf(JSON.stringify(["drydock-mounted-context", await digestInContext(context, source, signal)]));
    const found = await cache.get(key);
    if (found) return found.layer;
    const record = await this.#options.shareWork(key, signal, async (ownSignal) => {
      const startedAt = now();
      const layer = await contextLayer(context, source, content, ownSignal);
      const made = {
        key,
        layer,
        createdAt: now(),
        durationMs: now() - startedAt,
        text: `RUN --mount source=${source}`,
      };
      await cache.put(made);
      return made;
    });
    return record.layer;
  }
}
