import type { ContextEntry, SelectedSource } from "../context/types.ts";
import type { CopyOp } from "../graph/graph.ts";
import type { PlainTar } from "./archive.ts";
import { notAFolder } from "./errors.ts";
import { type ModeChange, parseChmod } from "./mode.ts";
import type { Owner } from "./owner.ts";
import type { LayerContent, LayerEntry, TargetTree } from "./target-tree.ts";
import { unpackInto } from "./unpack.ts";

interface Placing {
  readonly op: CopyOp;
  readonly selected: readonly SelectedSource[];
  /** Of --chown; undefined: each entry's own, root for what comes from a context. */
  readonly owner: Owner | undefined;
  /** ADD: what of `selected` is unpacked. */
  readonly archives?: ReadonlyMap<SelectedSource, PlainTar>;
  /** Device files of archives can be made here. */
  readonly devices?: boolean;
  readonly signal?: AbortSignal;
  /** Time of the files that are written in the Dockerfile itself. */
  readonly now: number;
}

/**
 * Puts what a COPY takes where it belongs, by the reference's rules: of a folder only its contents are copied and its
 * own attributes do not count; a file goes into a folder that exists or is asked for with a trailing slash; links in the
 * destination are followed, also the last one, links below are not.
 * @throws EngineError `build-step-failed` when a file meets a folder or the other way round.
 */
export async function place(tree: TargetTree, placing: Placing): Promise<void> {
  const { op, selected, owner, now, archives, devices = false, signal } = placing;
  const chmod = op.chmod === undefined ? undefined : parseChmod(op.chmod);
  const newest = Math.max(0, ...selected.flatMap(({ entries }) => entries.map((entry) => entry.mtimeMs)));
  const parents = {
    mode: chmod?.octal ?? 0o755,
    uid: owner?.uid ?? 0,
    gid: owner?.gid ?? 0,
    // Of the files rather than of the clock: the same files make the same layer.
    mtimeMs: newest > 0 ? newest : now,
  };
  const wantsFolder = /\/\.?$/.test(op.destination);

  const putFile = (base: string, make: (path: string) => LayerEntry) => {
    const top = tree.resolve(op.destination);
    const into = wantsFolder || tree.typeAt(top) === "directory";
    // A link of this name inside of the folder is replaced; only one that the destination itself names is followed.
    const path = into ? `${top === "/" ? "" : top}/${base}` : top;
    tree.makeFolders(path.slice(0, path.lastIndexOf("/")) || "/", parents);
    tree.putFile(make(path));
  };

  for (const [index, source] of selected.entries()) {
    const { type, entries } = source;
    const archive = archives?.get(source);
    if (archive) {
      const top = tree.resolve(op.destination);
      tree.makeFolders(top, { ...parents, mode: 0o755 });
      await unpackInto(tree, archive, { top, owner, devices, ...(signal ? { signal } : {}) });
      continue;
    }
    if (type === "file") {
      // Files that are named one by one are files of their own.
      for (const { hardLink: _, ...entry } of entries)
        putFile(entry.name, (path) => layerEntry(path, entry, owner, chmod));
      continue;
    }
    const top = tree.resolve(op.destination);
    const there = tree.typeAt(top);
    if (there !== undefined && there !== "directory") throw notAFolder(top);
    tree.makeFolders(top, parents);
    for (const entry of entries) {
      // Names of one file are linked within one folder that is copied, not across several.
      const hardLink = entry.hardLink === undefined ? {} : { hardLink: `${index}:${entry.hardLink}` };
      const made = layerEntry(`${top === "/" ? "" : top}/${entry.name}`, { ...entry, ...hardLink }, owner, chmod);
      if (entry.type === "directory") tree.putFolder(made);
      else tree.putFile(made);
    }
  }
  for (const { name, content } of op.inline) {
    putFile(name, (path) => ({
      path,
      type: "file",
      mode: chmod?.apply(0o644, false) ?? 0o644,
      uid: owner?.uid ?? 0,
      gid: owner?.gid ?? 0,
      mtimeMs: now,
      content: { kind: "text", text: content },
    }));
  }
}

function layerEntry(
  path: string,
  entry: ContextEntry,
  owner: Owner | undefined,
  chmod: ModeChange | undefined,
): LayerEntry {
  const isFolder = entry.type === "directory";
  return {
    path,
    type: entry.type,
    mode: entry.type === "symlink" ? 0o777 : (chmod?.apply(entry.mode, isFolder) ?? entry.mode),
    uid: owner?.uid ?? entry.uid ?? 0,
    gid: owner?.gid ?? entry.gid ?? 0,
    mtimeMs: entry.mtimeMs,
    ...(entry.linkTarget === undefined ? {} : { linkTarget: entry.linkTarget }),
    ...(entry.device === undefined ? {} : { device: entry.device }),
    ...(entry.type === "file" ? { content: contentOf(entry) } : {}),
  };
}

function contentOf({ file, sizeBytes, stamp, hardLink }: ContextEntry): LayerContent {
  return {
    kind: "file",
    file,
    sizeBytes,
    ...(stamp === undefined ? {} : { stamp }),
    ...(hardLink === undefined ? {} : { hardLink }),
  };
}
