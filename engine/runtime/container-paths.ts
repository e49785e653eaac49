import { lstatSync, mkdirSync, readlinkSync, type Stats, writeFileSync } from "node:fs";
import { EngineError } from "../base/errors.ts";
import { badMountTarget, mountPointReadOnly } from "./errors.ts";

/**
 * A container's file tree before anything runs in it: a root folder, and the folders and files that will be mounted over it.
 * Symbolic links are followed inside of it, as the container's kernel will do; nothing here ever leaves it.
 */
export interface PathView {
  readonly root: string;
  /** Resolved container path → host path; `undefined` for a file system that does not exist yet (tmpfs, /proc). */
  readonly mounted: Map<string, string | undefined>;
}

export interface Located {
  /** In the container, without symbolic links. */
  readonly path: string;
  /** On the host; undefined inside a file system that does not exist yet. */
  readonly host: string | undefined;
  /** Undefined: does not exist (or cannot be known yet). */
  readonly stats: Stats | undefined;
}

const maxLinks = 40;

/** Follows symbolic links, the last one too. What is missing is taken as plain names. @throws EngineError `invalid-argument` on a link loop */
export function locate(view: PathView, path: string): Located {
  const pending = path.split("/").reverse();
  let current = "";
  let links = 0;
  let host: string | undefined = view.root;
  let stats: Stats | undefined;
  while (pending.length > 0) {
    const name = pending.pop() ?? "";
    if (name === "" || name === ".") continue;
    const next: string = name === ".." ? current.slice(0, Math.max(0, current.lastIndexOf("/"))) : `${current}/${name}`;
    host = hostPath(view, next);
    stats = host === undefined ? undefined : lstat(host);
    if (stats?.isSymbolicLink() && host !== undefined) {
      if (++links > maxLinks) throw badMountTarget(path);
      const target = readlinkSync(host);
      pending.push(...target.split("/").reverse());
      if (target.startsWith("/")) current = "";
      continue;
    }
    current = next;
  }
  const end = current || "/";
  host = hostPath(view, current);
  return { path: end, host, stats: host === undefined ? undefined : lstat(host) };
}

/** As `locate`; undefined where the kernel finds nothing either: the links lead in a circle, or a name is too long. */
export function tryLocate(view: PathView, path: string): Located | undefined {
  try {
    return locate(view, path);
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}

/** Makes sure that a folder, or a file, is at the path; returns where, and appends what it had to create to `created`. */
export function ensure(view: PathView, path: string, kind: "folder" | "file", created: string[]): Located {
  const target = locate(view, path);
  if (target.host === undefined) return target;
  if (target.stats) {
    if (target.stats.isDirectory() !== (kind === "folder")) throw badMountTarget(path);
    return target;
  }
  const parent = target.path.slice(0, target.path.lastIndexOf("/"));
  if (parent !== "") ensure(view, parent, "folder", created);
  try {
    if (kind === "folder") mkdirSync(target.host, { mode: 0o755 });
    else writeFileSync(target.host, "", { flag: "wx", mode: 0o755 });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "EROFS" ? mountPointReadOnly(path) : error;
  }
  created.push(target.host);
  return locate(view, target.path);
}

function hostPath(view: PathView, path: string): string | undefined {
  let at = path;
  while (at !== "") {
    if (view.mounted.has(at)) {
      const host = view.mounted.get(at);
      return host === undefined ? undefined : host + path.slice(at.length);
    }
    at = at.slice(0, at.lastIndexOf("/"));
  }
  return view.root + path;
}

function lstat(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    // ENOTDIR: a file where the path needs a folder; as good as missing.
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "ENAMETOOLONG") throw badMountTarget(path);
    throw error;
  }
}
