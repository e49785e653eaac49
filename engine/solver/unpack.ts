import { closeSync, fstatSync, openSync } from "node:fs";
import { msg } from "../base/message.ts";
import { breather } from "../context/breathe.ts";
import { badArchive, changedMeanwhile } from "../context/errors.ts";
import { type TarMember, tarMembers } from "../context/tar-index.ts";
import { stampOf } from "../context/tree.ts";
import type { PlainTar } from "./archive.ts";
import { archiveDevice, archiveEscapes } from "./errors.ts";
import type { Owner } from "./owner.ts";
import type { LayerEntry, TargetTree } from "./target-tree.ts";

interface Unpacking {
  /** Folder in the image, links resolved, which exists. */
  readonly top: string;
  /** Of --chown: everything is theirs. */
  readonly owner: Owner | undefined;
  /** Device files can be made here. */
  readonly devices: boolean;
  readonly signal?: AbortSignal;
}

/**
 * ADD of a tar: its members become entries whose bytes stay where they are in the archive. As in the reference the
 * destination is the archive's root: links lead no further up, absolute names begin there, and a member replaces whatever
 * is there, but for a folder that meets a folder. Folders that no member makes are root's.
 * @throws EngineError `invalid-argument` for a damaged or hostile archive.
 */
export async function unpackInto(
  tree: TargetTree,
  archive: PlainTar,
  { top, owner, devices, signal }: Unpacking,
): Promise<void> {
  const base = top === "/" ? "" : top;
  const links = new HardLinks(tree, archive.file);
  const breathe = breather(signal);
  const handle = openSync(archive.file, "r");
  try {
    if (archive.stamp !== undefined && stampOf(fstatSync(handle)) !== archive.stamp)
      throw changedMeanwhile(archive.file);
    let parents = { path: "", inside: "/" };
    const placeOf = (name: string): string => {
      const inside = insideOf(name, archive.name);
      const cut = inside.lastIndexOf("/");
      const folder = inside.slice(0, cut) || "/";
      // Members of one folder come together: its links are followed once.
      if (parents.inside !== folder || parents.path === "") {
        parents = { inside: folder, path: `${base}${tree.resolveBelow(base, folder)}` };
      }
      return `${parents.path.replace(/\/$/, "")}${inside.slice(cut)}`;
    };
    for (const member of tarMembers(handle, archive.sizeBytes, archive.name)) {
      const pause = breathe();
      if (pause) await pause;
      if (insideOf(member.name, archive.name) === "/") continue;
      const path = placeOf(member.name);
      const above = path.slice(0, path.lastIndexOf("/")) || "/";
      tree.makeFolders(above, { mode: 0o755, uid: 0, gid: 0, mtimeMs: member.mtimeMs });
      const look = { path, mode: member.mode, uid: owner?.uid ?? member.uid, gid: owner?.gid ?? member.gid };
      const entry = { ...look, mtimeMs: member.mtimeMs, ...(member.xattrs.size > 0 ? { xattrs: member.xattrs } : {}) };
      if (member.type !== "directory" && member.type !== "link") parents = { path: "", inside: "/" };
      if (member.type === "link") {
        const from = placeOf(member.linkName);
        if (!links.join(from, entry))
          throw badArchive(archive.name, msg("the hard link {name} leads nowhere", { name: member.name }));
        continue;
      }
      if (!devices && /device/.test(member.type)) throw archiveDevice(archive.name, member.name);
      tree.replace(entryOf(member, entry, archive));
    }
    links.finish();
  } finally {
    closeSync(handle);
  }
}

type Look = Omit<LayerEntry, "type">;

function entryOf(member: TarMember, look: Look, archive: PlainTar): LayerEntry {
  const { type, linkName, device, offset, sizeBytes } = member;
  if (type === "symlink") return { ...look, type, mode: 0o777, linkTarget: linkName };
  if (type === "character-device" || type === "block-device") return { ...look, type, device };
  if (type !== "file") return { ...look, type: type === "link" ? "file" : type };
  const { file, stamp } = archive;
  return {
    ...look,
    type,
    content: { kind: "file", file, offset, sizeBytes, ...(stamp === undefined ? {} : { stamp }) },
  };
}

/** Below the destination: `/a/b`. An absolute name begins there; one that climbs out is hostile. */
function insideOf(name: string, archive: string): string {
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) throw archiveEscapes(archive, name);
  }
  return `/${parts.join("/")}`;
}

/** Names of one file. The header of the last link counts for all of them: they are one inode. */
class HardLinks {
  readonly #tree: TargetTree;
  readonly #prefix: string;
  readonly #groups = new Map<string, { readonly names: string[]; look: Look }>();

  constructor(tree: TargetTree, prefix: string) {
    this.#tree = tree;
    this.#prefix = prefix;
  }

  /** False when there is no file at `from`. */
  join(from: string, look: Look): boolean {
    const first = this.#tree.fileAt(from);
    if (first === undefined) return false;
    if (from === look.path) return true;
    const { content } = first;
    if (content?.kind !== "file") {
      this.#tree.replace({ ...first, ...look });
      return true;
    }
    const hardLink = content.hardLink ?? `${this.#prefix}\0${from}`;
    const shared = { ...first, content: { ...content, hardLink } };
    let group = this.#groups.get(hardLink);
    if (!group) {
      group = { names: [from], look };
      this.#groups.set(hardLink, group);
      this.#tree.replace(shared);
    }
    group.look = look;
    group.names.push(look.path);
    this.#tree.replace({ ...shared, ...look });
    return true;
  }

  finish(): void {
    for (const [hardLink, { names, look }] of this.#groups) {
      for (const path of names) {
        const there = this.#tree.fileAt(path);
        if (there?.content?.kind !== "file" || there.content.hardLink !== hardLink) continue;
        this.#tree.replace({ ...there, ...look, path });
      }
    }
  }
}
