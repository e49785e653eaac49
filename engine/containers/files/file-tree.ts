import { type BigIntStats, closeSync, constants, lstatSync, openSync, readlinkSync } from "node:fs";
import { badPath, missingPath, notADirectory, tooManyLinks } from "./errors.ts";

/** Something mounted into a tree that the kernel does not show there: a volume of a container that does not run. */
export interface TreeMount {
  /** Absolute, without links. */
  readonly target: string;
  /** Of this machine, without links. */
  readonly source: string;
  readonly readOnly: boolean;
}

/** A place in a tree, good while its user runs. */
export interface Spot {
  /** For Node's functions. Folders on the way cannot become links any more; its last name may, so it is not to be followed. */
  readonly host: string;
  /** In the tree, without links. */
  readonly path: string;
  /** lstat; undefined when nothing is there. */
  readonly stats: BigIntStats | undefined;
  /** Below a mount that is read only. */
  readonly readOnly: boolean;
  /** Something is mounted right here. */
  readonly isMount: boolean;
}

/** open(2): only a name for the thing; nothing of it is read, and nothing happens to devices and pipes. Node has no name for it. */
const asPath = 0o10000000;
export const nameFlags = asPath | constants.O_NOFOLLOW;
export const folderFlags = nameFlags | constants.O_DIRECTORY;

/** As the kernel. */
const maxLinks = 40;
const maxTries = 100;

interface Level {
  /** Absent in a folder that is only there because something is mounted below it. */
  readonly fd: number | undefined;
  readonly path: string;
  readonly readOnly: boolean;
}

/**
 * The files below a root that somebody else may change at any moment. Node has no openat(2), but the same is to be had: a path
 * that begins with `/proc/self/fd/N/` starts at an open folder, and with a single name behind it there is nothing that could
 * become a link in between. Links are read and followed here, inside of the root; `..` goes back to a folder that is held open.
 */
export class FileTree {
  readonly #root: Level;
  readonly #mounts: ReadonlyMap<string, TreeMount>;
  readonly #mountPoints: ReadonlySet<string>;

  /**
   * Takes an open folder, and closes it in the end. `mountPoints`: where the kernel has mounted something, in the namespace of
   * a container. For us these are ordinary folders and files, and the kernel would let us take them away from under it.
   */
  constructor(rootFd: number, mounts: readonly TreeMount[] = [], mountPoints: readonly string[] = []) {
    this.#root = { fd: rootFd, path: "", readOnly: false };
    this.#mounts = new Map(mounts.map((mount) => [mount.target, mount]));
    this.#mountPoints = new Set([...this.#mounts.keys(), ...mountPoints]);
  }

  /** @throws what Node throws when it is no folder */
  static open(folder: string, mounts?: readonly TreeMount[], mountPoints?: readonly string[]): FileTree {
    return new FileTree(openSync(folder, asPath | constants.O_DIRECTORY), mounts, mountPoints);
  }

  close(): void {
    if (this.#root.fd !== undefined) closeSync(this.#root.fd);
  }

  /** Names in a folder that are there because something is mounted on them. */
  mountedIn(folder: string): string[] {
    const prefix = folder === "/" ? "/" : `${folder}/`;
    const below = [...this.#mounts.keys()].filter((target) => target.startsWith(prefix));
    return [...new Set(below.map((target) => target.slice(prefix.length).split("/")[0] ?? ""))];
  }

  /** Something is mounted at a path without links. */
  isMount(path: string): boolean {
    return this.#mountPoints.has(path);
  }

  /** Something is mounted strictly below a folder. */
  holdsMounts(folder: string): boolean {
    const prefix = folder === "/" ? "/" : `${folder}/`;
    return [...this.#mountPoints].some((target) => target.startsWith(prefix));
  }

  /** Mounts strictly below a folder that the kernel does not show. */
  mountsBelow(folder: string): readonly TreeMount[] {
    const prefix = folder === "/" ? "/" : `${folder}/`;
    return [...this.#mounts.values()].filter(({ target }) => target.startsWith(prefix));
  }

  /**
   * Finds a path and lets it be used. A link at the end is followed if asked to, or if a slash is behind it.
   * @throws EngineError `not-found` when a folder on the way is missing, `invalid-argument` when it is none
   */
  async at<T>(path: string, followLast: boolean, use: (spot: Spot) => T | Promise<T>): Promise<T> {
    const levels: Level[] = [this.#root];
    try {
      return await use(this.#walk(path, followLast, levels));
    } finally {
      for (const level of levels.slice(1)) closeLevel(level);
    }
  }

  #walk(wanted: string, followLast: boolean, levels: Level[]): Spot {
    if (wanted.includes("\0") || wanted.length > 4096) throw badPath(wanted);
    const asksForFolder = /\/\.?$/.test(wanted);
    const mustFollow = followLast || asksForFolder;
    const pending = wanted.split("/").reverse();
    const more = () => pending.some((name) => name !== "" && name !== ".");
    let links = 0;
    let tries = 0;
    while (pending.length > 0) {
      const name = pending.pop() ?? "";
      if (name === "" || name === ".") continue;
      const level = levels[levels.length - 1] ?? this.#root;
      if (name === "..") {
        if (levels.length > 1) closeLevel(levels.pop());
        continue;
      }
      const spot = this.#spot(level, name);
      if (spot.stats?.isSymbolicLink() && (mustFollow || more())) {
        if (++links > maxLinks) throw tooManyLinks(wanted);
        const target = linkTarget(spot.host);
        // Not a link any more: look again.
        pending.push(...(target ?? name).split("/").reverse());
        if (target?.startsWith("/")) while (levels.length > 1) closeLevel(levels.pop());
        continue;
      }
      const isVirtual = spot.stats === undefined && this.mountedIn(spot.path).length > 0;
      // With a slash behind it the name of a file is nobody's.
      if (spot.stats && !spot.stats.isDirectory() && (asksForFolder || more())) throw notADirectory(wanted);
      if (!more() && !isVirtual) return spot;
      if (spot.stats === undefined && !isVirtual) throw missingPath(wanted);
      const fd = isVirtual ? undefined : openFolder(spot.host, this.#mounts.has(spot.path));
      if (fd === "changed") {
        if (++tries > maxTries) throw missingPath(wanted);
        pending.push(name);
        continue;
      }
      levels.push({ fd, path: spot.path, readOnly: spot.readOnly });
    }
    return this.#here(levels[levels.length - 1] ?? this.#root);
  }

  #spot(level: Level, name: string): Spot {
    const path = `${level.path}/${name}`;
    const mount = this.#mounts.get(path);
    if (mount) {
      return { host: mount.source, path, stats: statOf(mount.source), readOnly: mount.readOnly, isMount: true };
    }
    const host = level.fd === undefined ? "" : `/proc/self/fd/${level.fd}/${name}`;
    const stats = level.fd === undefined ? undefined : statOf(host);
    return { host, path, stats, readOnly: level.readOnly, isMount: this.#mountPoints.has(path) };
  }

  /** The folder that was gone into last: the root, what `..` led back to, or one that is only above a mount. */
  #here({ fd, path, readOnly }: Level): Spot {
    const host = `/proc/self/fd/${fd}/.`;
    const isMount = path === "" || this.#mountPoints.has(path);
    return { host, path: path || "/", stats: fd === undefined ? undefined : statOf(host), readOnly, isMount };
  }
}

function openFolder(host: string, follow: boolean): number | "changed" {
  try {
    return openSync(host, follow ? asPath | constants.O_DIRECTORY : folderFlags);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTDIR" || code === "ELOOP" || code === "ENOENT") return "changed";
    throw error;
  }
}

/** Undefined when it is none any more. */
function linkTarget(host: string): string | undefined {
  try {
    return readlinkSync(host);
  } catch {
    return undefined;
  }
}

/** lstat; undefined when nothing is there. */
export function statOf(host: string): BigIntStats | undefined {
  try {
    return lstatSync(host, { bigint: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "ENAMETOOLONG") throw badPath(host.slice(host.lastIndexOf("/") + 1));
    throw error;
  }
}

function closeLevel(level: Level | undefined): void {
  if (level?.fd !== undefined) closeSync(level.fd);
}
