import { closeSync, openSync, readSync } from "node:fs";
import type { Digest } from "../base/digest.ts";
import type { Message } from "../base/message.ts";
import { digestSelected } from "../context/digest.ts";
import { fileError, sourceNotInStage } from "../context/errors.ts";
import type { FolderContext } from "../context/load.ts";
import { selectAll } from "../context/select.ts";
import { withoutMemory } from "../context/stat-cache.ts";
import { FileTree } from "../context/tree.ts";
import type { SelectedSource } from "../context/types.ts";
import type { CopyOp, MakeDirectoryOp } from "../graph/graph.ts";
import type { Layer, Snapshotter } from "../snapshot/types.ts";
import type { ContentStore } from "../store/types.ts";
import { archiveInAdd } from "./errors.ts";
import { writeLayer } from "./layer-writer.ts";
import { makeDirectory } from "./make-directory.ts";
import { resolveOwner } from "./owner.ts";
import { place } from "./place.ts";
import { TargetTree } from "./target-tree.ts";

interface FileStepOptions {
  readonly snapshots: Snapshotter;
  readonly content: ContentStore;
  /** Of the vertex that is written to. */
  readonly layers: readonly Layer[];
  readonly signal: AbortSignal;
  readonly now: number;
  readonly onBytes?: (total: number) => void;
  readonly warn: (message: Message) => void;
}

/** Where a COPY takes from. */
type CopySource =
  | { readonly kind: "context"; readonly context: FolderContext }
  | { readonly kind: "layers"; readonly layers: readonly Layer[] };

/** Content digest of what a COPY --from takes of a file system that is already mounted at `root`. */
export async function digestInRoot(op: CopyOp, root: string, signal: AbortSignal): Promise<Digest> {
  return digestSelected(await selectInRoot(op, root, signal), withoutMemory, signal);
}

/** COPY: a layer with what is taken, where it belongs. */
export async function copyStep(op: CopyOp, source: CopySource, options: FileStepOptions): Promise<Layer> {
  const { snapshots, signal } = options;
  const view = source.kind === "layers" ? await snapshots.mountView(source.layers, signal) : undefined;
  try {
    const selected =
      source.kind === "context"
        ? await source.context.selectAll(op)
        : await selectInRoot(op, view?.path ?? "/", signal);
    if (op.refuseArchives)
      for (const { path, type, entries } of selected) if (type === "file") refuseArchive(path, entries);
    // --link knows nothing of what is below: its folders replace whatever is there.
    return await inTarget(op.link ? [] : options.layers, options, (tree, root) => {
      const owner = op.chown === undefined ? undefined : resolveOwner(op.chown, root, options.warn);
      place(tree, { op, selected, owner, now: options.now });
    });
  } finally {
    await view?.release();
  }
}

/** WORKDIR: a layer with the folders that were missing. */
export async function makeDirectoryStep(op: MakeDirectoryOp, options: FileStepOptions): Promise<Layer> {
  return inTarget(options.layers, options, (tree, root) => {
    const owner = op.user === "" ? { uid: 0, gid: 0 } : resolveOwner(op.user, root, options.warn);
    makeDirectory(tree, op.path, owner);
  });
}

async function inTarget(
  layers: readonly Layer[],
  { snapshots, content, signal, onBytes }: FileStepOptions,
  fill: (tree: TargetTree, root: string | undefined) => void,
): Promise<Layer> {
  const view = layers.length > 0 ? await snapshots.mountView(layers, signal) : undefined;
  try {
    const tree = new TargetTree(view?.path);
    fill(tree, view?.path);
    return await writeLayer(content, tree.entries(), { signal, ...(onBytes ? { onBytes } : {}) });
  } finally {
    await view?.release();
  }
}

function selectInRoot(op: CopyOp, root: string, signal: AbortSignal): Promise<readonly SelectedSource[]> {
  return selectAll(new FileTree(root, { owners: true, signal }), op, sourceNotInStage);
}

const archiveStarts: readonly (readonly [number, readonly number[]])[] = [
  [0, [0x1f, 0x8b]],
  [0, [0x42, 0x5a, 0x68]],
  [0, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  [0, [0x28, 0xb5, 0x2f, 0xfd]],
  [257, [0x75, 0x73, 0x74, 0x61, 0x72]],
];

/** ADD unpacks by content, whatever the name is; silently copying an archive would make another image. */
function refuseArchive(path: string, entries: SelectedSource["entries"]): void {
  for (const { file } of entries) {
    const head = Buffer.alloc(512);
    let handle: number | undefined;
    try {
      handle = openSync(file, "r");
      readSync(handle, head, 0, head.length, 0);
    } catch (error) {
      throw fileError(error, file);
    } finally {
      if (handle !== undefined) closeSync(handle);
    }
    if (archiveStarts.some(([offset, bytes]) => bytes.every((byte, index) => head[offset + index] === byte))) {
      throw archiveInAdd(path);
    }
  }
}
