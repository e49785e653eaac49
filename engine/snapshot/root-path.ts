import { lstatSync, readlinkSync } from "node:fs";
import { tooManyLinks } from "./lookup-errors.ts";

/** As the kernel's limit of 40, with room for images that chain alternatives. */
const maxLinks = 255;

/**
 * The place on the host of a path inside a root file system: symlinks are followed as a process in that root would
 * follow them, `..` stops at the root, and what does not exist is appended as it is written. The result is `root` or lies
 * below it. `followLast` (default true) says whether a symlink at the very end is followed.
 *
 * Only safe while nothing else changes the tree: a step that runs in it could swap a folder for a link in between.
 * @throws EngineError `invalid-argument` for a loop of links.
 */
export function resolveInRoot(root: string, target: string, options: { readonly followLast?: boolean } = {}): string {
  const base = root.endsWith("/") ? root.slice(0, -1) : root;
  const place = resolveLinks(target, (inside) => linkAt(`${base}${inside}`), options);
  return place === "/" ? base || "/" : `${base}${place}`;
}

/**
 * The same over any tree: `linkAt` gives the target of the link at a path (`/a/b`, no links among its folders), or
 * undefined when there is something else or nothing. The result begins with `/` and has no `.`, `..` or empty parts.
 */
export function resolveLinks(
  target: string,
  linkAt: (inside: string) => string | undefined,
  options: { readonly followLast?: boolean } = {},
): string {
  const followLast = options.followLast ?? true;
  const pending = target.split("/").reverse();
  const done: string[] = [];
  let links = 0;
  while (pending.length > 0) {
    const part = pending.pop();
    if (part === undefined || part === "" || part === ".") continue;
    if (part === "..") {
      done.pop();
      continue;
    }
    const follow = followLast || pending.some((rest) => rest !== "" && rest !== ".");
    const link = follow ? linkAt(`/${[...done, part].join("/")}`) : undefined;
    if (link === undefined) {
      done.push(part);
      continue;
    }
    links += 1;
    if (links > maxLinks) throw tooManyLinks(target);
    if (link.startsWith("/")) done.length = 0;
    pending.push(...link.split("/").reverse());
  }
  return `/${done.join("/")}`;
}

function linkAt(file: string): string | undefined {
  try {
    return lstatSync(file).isSymbolicLink() ? readlinkSync(file) : undefined;
  } catch {
    // Missing, or below something that is not a folder: the caller's own file operation says which.
    return undefined;
  }
}
