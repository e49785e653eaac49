import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { Digest } from "../base/digest.ts";
import type { Message } from "../base/message.ts";
import { digestSelected } from "../context/digest.ts";
import { sourceNotInStage } from "../context/errors.ts";
import type { FolderContext } from "../context/load.ts";
import { selectAll } from "../context/select.ts";
import { withoutMemory } from "../context/stat-cache.ts";
import { FileTree } from "../context/tree.ts";
import type { SelectedSource } from "../context/types.ts";
import type { CopyOp, MakeDirectoryOp } from "../graph/graph.ts";
import type { Layer, RootMount, Snapshotter } from "../snapshot/types.ts";
import type { ContentStore } from "../store/types.ts";
import { openArchive, type PlainTar } from "./archive.ts";
import { type Reuse, writeLayer } from "./layer-writer.ts";
import { makeDirectory } from "./make-directory.ts";
import { resolveOwner } from "./owner.ts";
import { place } from "./place.ts";
import type { Fetched } from "./remotes.ts";
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
  readonly reuse?: Reuse;
  /** SOURCE_DATE_EPOCH. */
  readonly newestMs?: number;
}

/** Where a COPY takes from. */
type CopySource =
  | { readonly kind: "context"; readonly context: FolderContext }
  | { readonly kind: "layers"; readonly layers: readonly Layer[] };

type Root = Pick<RootMount, "path" | "looks">;

/** Content digest of what a COPY --from takes of a file system that is already there. */
export async function digestInRoot(op: CopyOp, root: Root, signal: AbortSignal): Promise<Digest> {
  return digestSelected(await selectInRoot(op, root, signal), withoutMemory, signal);
}

interface CopyOptions extends FileStepOptions {
  /** ADD: what was fetched. */
  readonly fetched: readonly Fetched[];
  /** For what is unpacked; not there yet, and removed again. */
  readonly folder: string;
}

/** COPY and ADD: a layer with what is taken, where it belongs. */
export async function copyStep(op: CopyOp, source: CopySource, options: CopyOptions): Promise<Layer> {
  const { snapshots, signal, fetched, folder } = options;
  const view = source.kind === "layers" ? await snapshots.mountView(source.layers, signal, { looks: true }) : undefined;
  try {
    const local =
      source.kind === "context"
        ? await source.context.selectAll(op)
        : await selectInRoot(op, view ?? { path: "/" }, signal);
    const remote = (await Promise.all(fetched.map((one) => one.select(op.excludes, signal)))).flat();
    const selected = [...local, ...remote];
    const maybe = op.unpack === undefined ? [] : op.unpack === "all" ? selected : local;
    const archives = await openArchives(maybe, folder, signal);
    // --link knows nothing of what is below: its folders replace whatever is there.
    return await inTarget(op.link ? [] : options.layers, options, async (tree, root) => {
      const owner = op.chown === undefined ? undefined : resolveOwner(op.chown, root, options.warn);
      await place(tree, { op, selected, archives, devices: mayMakeDevices(), owner, now: options.now, signal });
    });
  } finally {
    if (op.unpack !== undefined) await rm(folder, { recursive: true, force: true });
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
  { snapshots, content, signal, onBytes, reuse, newestMs }: FileStepOptions,
  fill: (tree: TargetTree, root: string | undefined) => Promise<void> | void,
): Promise<Layer> {
  const view = layers.length > 0 ? await snapshots.mountView(layers, signal, { looks: true }) : undefined;
  try {
    const tree = new TargetTree(view?.path, newestMs, view?.looks);
    await fill(tree, view?.path);
    return await writeLayer(content, tree.entries(), {
      signal,
      ...(onBytes ? { onBytes } : {}),
      ...(reuse ? { reuse } : {}),
    });
  } finally {
    await view?.release();
  }
}

function selectInRoot(op: CopyOp, { path, looks }: Root, signal: AbortSignal): Promise<readonly SelectedSource[]> {
  return selectAll(new FileTree(path, { owners: true, looks, signal }), op, sourceNotInStage);
}

/** Only files that are named (or matched) themselves are unpacked, not those in a folder. */
async function openArchives(
  selected: readonly SelectedSource[],
  folder: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<SelectedSource, PlainTar>> {
  const archives = new Map<SelectedSource, PlainTar>();
  for (const [index, source] of selected.entries()) {
    const [entry] = source.entries;
    if (source.type !== "file" || entry?.type !== "file") continue;
    const archive = await openArchive(entry, `${folder}/${index}`, signal);
    if (archive) archives.set(source, archive);
  }
  return archives;
}

/** The root of a user namespace is none as far as devices go. */
function mayMakeDevices(): boolean {
  try {
    return process.getuid?.() === 0 && /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync("/proc/self/uid_map", "utf8"));
  } catch {
    return false;
  }
}
