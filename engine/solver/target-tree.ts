import { lstatSync, readlinkSync } from "node:fs";
import type { Look } from "../base/look.ts";
import { comparePaths } from "../context/select.ts";
import { resolveLinks } from "../snapshot/root-path.ts";
import { notAFolder, replacesFolder } from "./errors.ts";

/** Something that goes into a layer. */
export interface LayerEntry {
  /** Absolute in the image: `/a/b`. */
  readonly path: string;
  readonly type: "file" | "directory" | "symlink" | "fifo" | "character-device" | "block-device";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeMs: number;
  readonly linkTarget?: string;
  readonly device?: { readonly major: number; readonly minor: number };
  /** Extended attributes, as bytes. */
  readonly xattrs?: ReadonlyMap<string, Buffer>;
  /** Of a file: where its bytes are. */
  readonly content?: LayerContent;
}

export type LayerContent =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "file";
      readonly file: string;
      /** Where in the file the bytes begin. Default 0. */
      readonly offset?: number;
      readonly sizeBytes: number;
      readonly stamp?: string;
      readonly hardLink?: string;
    };

interface FolderLook {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeMs: number;
}

interface Known {
  readonly type: LayerEntry["type"] | "other";
  readonly linkTarget?: string;
  readonly look: FolderLook;
  readonly sizeBytes: number;
}

/**
 * The file system that a step writes to: that of its parent (a mounted view, or nothing) under what the step has added.
 * Links are followed inside it only. Nothing is written to disk: the additions become a layer.
 */
export class TargetTree {
  readonly #root: string | undefined;
  readonly #newestMs: number;
  readonly #looks: ReadonlyMap<string, Look> | undefined;
  readonly #added = new Map<string, LayerEntry>();
  /** Folders that the parent does not have: nothing below them needs to be looked for there. */
  readonly #fresh = new Set<string>();
  /** Additions by their folder; only kept once a folder was replaced. */
  #children: Map<string, Set<string>> | undefined;
  readonly #seen = new Map<string, Known | undefined>();

  /** `newestMs`: no entry is dated later; `looks`: what the parent's files are, where they do not say so themselves. */
  constructor(
    root: string | undefined,
    newestMs = Number.POSITIVE_INFINITY,
    looks: ReadonlyMap<string, Look> | undefined = undefined,
  ) {
    this.#root = root;
    this.#looks = looks;
    this.#newestMs = newestMs;
  }

  /** Undefined when nothing is there. `path` has no links among its folders. */
  typeAt(path: string): Known["type"] | undefined {
    return this.#at(path)?.type;
  }

  /** Where a path leads to, as a process in the image would be led. */
  resolve(path: string): string {
    return resolveLinks(path, (inside) => this.#at(inside)?.linkTarget);
  }

  /** The same inside a folder of the tree, as if that were the root; `/x`, relative to it. */
  resolveBelow(base: string, path: string): string {
    return resolveLinks(path, (inside) => this.#at(`${base}${inside}`)?.linkTarget);
  }

  /** The file at a path, one of the parent's with its bytes there. */
  fileAt(path: string): LayerEntry | undefined {
    const added = this.#added.get(path);
    if (added) return added.type === "directory" ? undefined : added;
    const known = this.#at(path);
    if (known?.type !== "file") return undefined;
    const content = { kind: "file" as const, file: `${this.#root}${path}`, sizeBytes: known.sizeBytes };
    return { path, type: "file", ...known.look, content };
  }

  /** Something in place of whatever exists; only a folder and a folder become one. */
  replace(entry: LayerEntry): void {
    if (entry.type !== "directory" && this.typeAt(entry.path) === "directory") this.#removeBelow(entry.path);
    this.#add(entry);
  }

  /** Makes a folder and those above it, where they are missing. @throws EngineError when something else is in the way. */
  makeFolders(path: string, look: FolderLook): void {
    for (let end = 1; end > 0 && path !== "/"; ) {
      const next = path.indexOf("/", end);
      const here = next < 0 ? path : path.slice(0, next);
      const type = this.typeAt(here);
      if (type === undefined) this.#add({ path: here, type: "directory", ...look });
      else if (type !== "directory") throw notAFolder(here);
      end = next < 0 ? 0 : next + 1;
    }
  }

  /** A folder, also one that exists: it then gets these attributes. */
  putFolder(entry: LayerEntry): void {
    const type = this.typeAt(entry.path);
    if (type !== undefined && type !== "directory") throw notAFolder(entry.path);
    this.#add(entry);
  }

  /** A file or link, in place of a file or link that exists. */
  putFile(entry: LayerEntry): void {
    if (this.typeAt(entry.path) === "directory") throw replacesFolder(entry.path);
    this.#add(entry);
  }

  /**
   * What the layer holds, parents first. Folders of the parent above an addition are in it as they are: whoever unpacks
   * the layer must not have to invent their mode and owner.
   */
  entries(): LayerEntry[] {
    const above = new Map<string, LayerEntry>();
    for (const path of this.#added.keys()) {
      for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
        const parent = path.slice(0, end);
        if (this.#added.has(parent) || above.has(parent)) break;
        const look = this.#at(parent)?.look;
        if (look) above.set(parent, this.#dated({ path: parent, type: "directory", ...look }));
      }
    }
    return [...this.#added.values(), ...above.values()].sort((a, b) => comparePaths(a.path, b.path));
  }

  #add(entry: LayerEntry): void {
    if (entry.type === "directory" && this.#at(entry.path)?.type !== "directory") this.#fresh.add(entry.path);
    if (this.#children && !this.#added.has(entry.path)) addChild(this.#children, entry.path);
    this.#added.set(entry.path, this.#dated(entry));
  }

  #dated(entry: LayerEntry): LayerEntry {
    return entry.mtimeMs > this.#newestMs ? { ...entry, mtimeMs: this.#newestMs } : entry;
  }

  /** Each addition is removed at most once, however often folders are replaced. */
  #removeBelow(path: string): void {
    if (!this.#children) {
      this.#children = new Map();
      for (const added of this.#added.keys()) addChild(this.#children, added);
    }
    const open = [path];
    for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
      const below = this.#children.get(folder);
      this.#children.delete(folder);
      this.#fresh.delete(folder);
      for (const child of below ?? []) {
        this.#added.delete(child);
        open.push(child);
      }
    }
  }

  #at(path: string): Known | undefined {
    const added = this.#added.get(path);
    if (added) {
      return {
        type: added.type,
        look: added,
        sizeBytes: 0,
        ...(added.linkTarget === undefined ? {} : { linkTarget: added.linkTarget }),
      };
    }
    if (this.#root === undefined) return path === "/" ? rootFolder : undefined;
    if (path === "/") return rootFolder;
    const parent = path.slice(0, path.lastIndexOf("/")) || "/";
    // What is below an added link or file is not what the parent has there.
    if (this.#fresh.has(parent) || this.#at(parent)?.type !== "directory") return undefined;
    if (!this.#seen.has(path)) this.#seen.set(path, look(`${this.#root}${path}`, this.#looks?.get(path)));
    return this.#seen.get(path);
  }
}

function addChild(children: Map<string, Set<string>>, path: string): void {
  const folder = path.slice(0, path.lastIndexOf("/")) || "/";
  const known = children.get(folder);
  if (known) known.add(path);
  else children.set(folder, new Set([path]));
}

const rootFolder: Known = { type: "directory", look: { mode: 0o755, uid: 0, gid: 0, mtimeMs: 0 }, sizeBytes: 0 };

function look(file: string, truth: Look | undefined): Known | undefined {
  let stat: ReturnType<typeof lstatSync>;
  try {
    stat = lstatSync(file, { throwIfNoEntry: false });
  } catch {
    // Below something that is not a folder.
    return undefined;
  }
  if (!stat) return undefined;
  const found = stat.isDirectory() ? "directory" : stat.isSymbolicLink() ? "symlink" : stat.isFile() ? "file" : "other";
  const type = truth?.type ?? found;
  return {
    type,
    sizeBytes: stat.size,
    look: truth ?? { mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid, mtimeMs: stat.mtimeMs },
    ...(type === "symlink" ? { linkTarget: readlinkSync(file) } : {}),
  };
}
