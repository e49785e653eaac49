import { existsSync } from "node:fs";
import path from "node:path";

/**
 * Which folder a build of the Dockerfile reads: the one of the Dockerfile and those above it up to `root`, whichever has most of
 * what COPY and ADD take; the nearest of equals. (In a monorepo a Dockerfile often stands below the folder that it is built in.)
 */
export function guessContext(
  dockerfile: string,
  root: string | undefined,
  sources: readonly string[],
  exists: (file: string) => boolean = existsSync,
): string {
  const own = path.dirname(dockerfile);
  const folders = [own];
  if (root !== undefined && isBelow(own, root)) {
    for (let folder = own; folder !== root; folder = path.dirname(folder)) folders.push(path.dirname(folder));
  }
  const plain = sources.map(fixedPart).filter((source) => source !== "" && source !== ".");
  if (plain.length === 0 || folders.length === 1) return own;
  const scores = folders.map((folder) => plain.filter((source) => exists(path.join(folder, source))).length);
  const best = Math.max(...scores);
  return best === scores[0] ? own : (folders[scores.indexOf(best)] ?? own);
}

/** Up to the first wildcard: `src/*.ts` → `src`. */
function fixedPart(source: string): string {
  const parts = source.replace(/^(?:\.?\/)+/, "").split("/");
  const wild = parts.findIndex((part) => /[*?[\]{}]/.test(part));
  return (wild < 0 ? parts : parts.slice(0, wild)).join("/").replace(/\/+$/, "");
}

function isBelow(folder: string, root: string): boolean {
  const relative = path.relative(root, folder);
  return relative === "" || (!relative.startsWith("..") && !path.isAbsolute(relative));
}
