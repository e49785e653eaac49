import { constants, lstatSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import type { Look } from "../base/look.ts";
import { breather } from "./breathe.ts";
import { fileError, nameNotUtf8 } from "./errors.ts";
import type { Ignore, IgnoreState } from "./ignore.ts";
import { hasStat, noteStat, type SeenTree, statsOf } from "./tree-memory.ts";
import type { ContextEntry } from "./types.ts";

const { S_IFMT, S_IFDIR, S_IFREG, S_IFLNK, S_IFIFO, S_IFCHR, S_IFBLK } = constants;
const maxLinks = 255;
/** Asking the time for each file would take as long as some of the rest. */
const filesABreath = 32;

/** A node of a file tree. `path` is relative to the tree's root, `` for the root itself. */
export interface TreeNode {
  readonly path: string;
  readonly entry: ContextEntry;
}

/**
 * A folder seen through ignore patterns. What was read is remembered, so that every part of one build sees the same
 * moment. Sockets are not there; pipes and devices only with `owners`.
 */
export class FileTree {
  readonly root: string;
  readonly #ignore: Ignore | undefined;
  readonly #owners: boolean;
  readonly #looks: ReadonlyMap<string, Look> | undefined;
  readonly #seen: SeenTree | undefined;
  readonly #isWatched: boolean;
  readonly #listings = new Map<string, Promise<readonly TreeNode[]>>();
  readonly #states = new Map<string, IgnoreState>();
  readonly #breathe: () => Promise<void> | undefined;

  /** `owners`: entries say whose they are (stages and images); `looks`: what they are, where the files themselves do not say; `seen`: the same tree with the same options the last time; `isWatched`: `seen` is told of changes, so that other folders need not be looked at again. */
  constructor(
    root: string,
    options: {
      readonly ignore?: Ignore;
      readonly owners?: boolean;
      readonly looks?: ReadonlyMap<string, Look> | undefined;
      readonly seen?: SeenTree | undefined;
      readonly isWatched?: boolean;
      readonly signal?: AbortSignal;
    } = {},
  ) {
    this.root = root;
    this.#ignore = options.ignore;
    this.#owners = options.owners ?? false;
    this.#looks = options.looks;
    this.#seen = options.seen;
    this.#isWatched = options.isWatched ?? false;
    this.#breathe = breather(options.signal);
  }

  /** What is in a folder, sorted by name. */
  list(folder: string): Promise<readonly TreeNode[]> {
    let listing = this.#listings.get(folder);
    if (!listing) {
      listing = this.#read(folder);
      this.#listings.set(folder, listing);
    }
    return listing;
  }

  /** The node at a path, with symlinks followed inside the tree; undefined when there is none. */
  async find(path: string): Promise<TreeNode | undefined> {
    const pending = path.split("/").reverse();
    const above: TreeNode[] = [];
    let here: TreeNode = { path: "", entry: this.#entry(this.root, "", lstat(this.root)) };
    let links = 0;
    while (pending.length > 0) {
      const part = pending.pop();
      if (part === undefined || part === "" || part === ".") continue;
      if (part === "..") {
        here = above.pop() ?? here;
        continue;
      }
      if (here.entry.type !== "directory") return undefined;
      const wanted = here.path === "" ? part : `${here.path}/${part}`;
      const node = (await this.list(here.path)).find((candidate) => candidate.path === wanted);
      if (!node) return undefined;
      if (node.entry.linkTarget === undefined) {
        above.push(here);
        here = node;
        continue;
      }
      links += 1;
      if (links > maxLinks) return undefined;
      const root = above[0];
      if (node.entry.linkTarget.startsWith("/") && root) {
        here = root;
        above.length = 0;
      }
      pending.push(...node.entry.linkTarget.split("/").reverse());
    }
    return here;
  }

  /** Everything below a folder, folders before what is in them, each level sorted by name. */
  async *walk(folder: string): AsyncGenerator<TreeNode> {
    for (const node of await this.list(folder)) {
      yield node;
      if (node.entry.type === "directory") yield* this.walk(node.path);
    }
  }

  /** What is below a folder, made of all listings by `make` unless none of them has changed since the last time. */
  async below(folder: string, make: () => Promise<readonly ContextEntry[]>): Promise<readonly ContextEntry[]> {
    if (!this.#seen) return make();
    const listings: (readonly TreeNode[])[] = [];
    const gather = async (path: string): Promise<void> => {
      const listing = await this.list(path);
      listings.push(listing);
      for (const node of listing) if (node.entry.type === "directory") await gather(node.path);
    };
    await gather(folder);
    return this.#seen.below(folder, listings, make);
  }

  async #read(folder: string): Promise<readonly TreeNode[]> {
    const current = this.#isWatched ? this.#seen?.current(folder) : undefined;
    if (current) return current.nodes;
    const absolute = folder === "" ? this.root : `${this.root}/${folder}`;
    const before = this.#seen?.folder(folder);
    const since = this.#seen?.changes ?? 0;
    const names = namesIn(absolute);
    this.#seen?.count(names.length);
    const stats = this.#seen && statsOf(names.length);
    const nodes: TreeNode[] = [];
    let same = 0;
    let at = 0;
    for (const [index, name] of names.entries()) {
      const pause = index % filesABreath === 0 ? this.#breathe() : undefined;
      if (pause) await pause;
      while ((before?.nodes[at]?.entry.name ?? name) < name) at += 1;
      const known = before?.nodes[at]?.entry.name === name ? before.nodes[at] : undefined;
      const file = known?.entry.file ?? `${absolute}/${name}`;
      // A part of `file`, which takes no memory of its own: there may be very many of them.
      const path = known?.path ?? file.slice(this.root.length + 1);
      // What is a file as before was not ignored then, either.
      const state = known && known.entry.type !== "directory" ? undefined : this.#step(path, folder);
      if (state?.ignored && !this.#ignore?.mayReinclude(path)) continue;

      const stat = lstat(file);
      if (!stat && name.includes("\uFFFD")) throw nameNotUtf8(absolute);
      if (!stat || !this.#isShown(stat)) continue;
      const isSame = known !== undefined && before !== undefined && hasStat(before.stats, at, stat);
      const isFolder = (stat.mode & S_IFMT) === S_IFDIR;
      if (this.#ignore && (state || !isSame)) {
        const now = state ?? this.#step(path, folder);
        if (now && isFolder) this.#states.set(path, now);
        // An ignored folder shows all the same when something below it was taken back.
        if (now?.ignored && (!isFolder || (await this.list(path)).length === 0)) continue;
      }
      const node = isSame ? this.#again(known) : { path, entry: this.#entry(file, name, stat) };
      if (node === known) same += 1;
      if (stats) noteStat(stats, nodes.length, stat);
      nodes.push(node);
    }
    const isSame = before !== undefined && same === nodes.length && same === before.nodes.length;
    if (stats && !isSame) this.#seen?.keep(folder, { nodes, stats });
    if (this.#isWatched) this.#seen?.noteRead(folder, since);
    return isSame ? before.nodes : nodes;
  }

  /** A link that was made anew within one tick of the clock has the times of the old one. */
  #again(known: TreeNode): TreeNode {
    const { entry } = known;
    if (entry.linkTarget === undefined) return known;
    const linkTarget = readLink(entry.file);
    return linkTarget === entry.linkTarget ? known : { ...known, entry: { ...entry, linkTarget } };
  }

  #step(path: string, folder: string): IgnoreState | undefined {
    return this.#ignore?.step(path, this.#stateOf(folder));
  }

  /** It is not there yet when the folder above was not read again. */
  #stateOf(folder: string): IgnoreState | undefined {
    if (!this.#ignore || folder === "") return undefined;
    let state = this.#states.get(folder);
    if (!state) {
      const slash = folder.lastIndexOf("/");
      state = this.#ignore.step(folder, this.#stateOf(slash < 0 ? "" : folder.slice(0, slash)));
      this.#states.set(folder, state);
    }
    return state;
  }

  /** Pipes and devices are part of a file system, and nothing that a person keeps in a context. */
  #isShown({ mode }: Stats): boolean {
    const kind = mode & S_IFMT;
    if (kind === S_IFREG || kind === S_IFDIR || kind === S_IFLNK) return true;
    return this.#owners && (kind === S_IFIFO || kind === S_IFCHR || kind === S_IFBLK);
  }

  #entry(file: string, name: string, stat: Stats | undefined): ContextEntry {
    if (!stat) throw fileError({ code: "ENOENT" }, file);
    const type = typeOf(stat);
    const look = this.#looks?.get(file.slice(this.root.length));
    if (look) return lookedUp(name, file, stat, look);
    return {
      name,
      file,
      type,
      mode: stat.mode & 0o7777,
      sizeBytes: type === "file" ? stat.size : 0,
      mtimeMs: stat.mtimeMs,
      ...(type === "symlink" ? { linkTarget: readLink(file) } : {}),
      ...(type === "character-device" || type === "block-device" ? { device: deviceOf(stat.rdev) } : {}),
      ...(type === "file" ? { stamp: stampOf(stat) } : {}),
      ...(type === "file" && stat.nlink > 1 ? { hardLink: `${stat.dev}:${stat.ino}` } : {}),
      ...(this.#owners ? { uid: stat.uid, gid: stat.gid } : {}),
    };
  }
}

/** Its inode is shared with other views, whose coming and going changes the times: it has no stamp. */
function lookedUp(name: string, file: string, stat: Stats, look: Look): ContextEntry {
  const { type, mode, uid, gid, mtimeMs, device } = look;
  return {
    name,
    file,
    type,
    mode,
    uid,
    gid,
    mtimeMs,
    sizeBytes: type === "file" ? stat.size : 0,
    ...(type === "symlink" ? { linkTarget: readLink(file) } : {}),
    ...(device ? { device } : {}),
    ...(type === "file" ? { hardLink: `${stat.dev}:${stat.ino}` } : {}),
  };
}

function typeOf(stat: Stats): ContextEntry["type"] {
  if (stat.isDirectory()) return "directory";
  if (stat.isSymbolicLink()) return "symlink";
  if (stat.isFIFO()) return "fifo";
  if (stat.isCharacterDevice()) return "character-device";
  return stat.isBlockDevice() ? "block-device" : "file";
}

/** makedev(3): the number as Linux packs it. */
function deviceOf(rdev: number): { major: number; minor: number } {
  const packed = BigInt(rdev);
  const major = ((packed >> 8n) & 0xfffn) | ((packed >> 32n) & 0xfffff000n);
  const minor = (packed & 0xffn) | ((packed >> 12n) & 0xffffff00n);
  return { major: Number(major), minor: Number(minor) };
}

export function stampOf(stat: Stats): string {
  return `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeMs}:${stat.ctimeMs}`;
}

/** Sorted. Without their types, which the stats tell. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    throw fileError(error, folder);
  }
}

/** Undefined when the file vanished since its folder was read. */
function lstat(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw fileError(error, file);
  }
}

function readLink(file: string): string {
  try {
    return readlinkSync(file);
  } catch (error) {
    throw fileError(error, file);
  }
}
