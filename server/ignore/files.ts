import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { isDockerfileName } from "../dockerfile-search.ts";

const largestText = 256 * 1024;

export function isIgnoreFileName(name: string): boolean {
  return /(?:^|\.)(?:dockerignore|containerignore)$/i.test(name);
}

/** The context that an ignore file is about: the folder it lies in. */
export function contextOf(ignoreFile: string): string {
  return path.dirname(ignoreFile);
}

export interface IgnoreSource {
  readonly file: string;
  /** The Dockerfile that has it for its own; absent: of all others. */
  readonly dockerfile?: string;
}

/** The nearest folder above a file that is built from: it holds a Dockerfile or a .dockerignore. */
export function contextAround(file: string, roots: readonly string[]): string | undefined {
  const root = roots.filter((one) => isInside(file, one)).sort((a, b) => a.length - b.length)[0];
  if (root === undefined) return undefined;
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    if (namesIn(folder).some((name) => name === ".dockerignore" || isDockerfileName(name))) return folder;
    if (folder === root || folder === path.dirname(folder)) return undefined;
  }
}

/** The ignore files of a context: each Dockerfile beside them may have its own, which the common one then does not hold for. */
export function ignoreFilesOf(context: string): readonly IgnoreSource[] {
  const names = namesIn(context);
  const own = names.filter((name) => isDockerfileName(name) && names.includes(`${name}.dockerignore`));
  const sources = own.map((name) => ({ file: path.join(context, `${name}.dockerignore`), dockerfile: name }));
  const common = names.includes(".dockerignore") ? [{ file: path.join(context, ".dockerignore") }] : [];
  return [...common, ...sources];
}

export function readSmall(file: string): string | undefined {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats?.isFile() && stats.size <= largestText ? readFileSync(file, "utf8") : undefined;
  } catch {
    return undefined;
  }
}

export function isInside(file: string, folder: string): boolean {
  return file === folder || file.startsWith(folder.endsWith(path.sep) ? folder : `${folder}${path.sep}`);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
