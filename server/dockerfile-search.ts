import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";

/** A workspace may be a whole disk: the search ends there. */
const limits = { files: 1000, folders: 5000 };

export interface SearchOptions {
  /** Asked before each folder. */
  readonly isCancelled?: () => boolean;
  readonly files?: number;
  readonly folders?: number;
  /** Which files, by their names; Dockerfiles without. */
  readonly isWanted?: (name: string) => boolean;
}

const dockerfileName = /^(?:Dockerfile|Containerfile)(?:[.-].+)?$|\.(?:dockerfile|containerfile)$/i;
const skipped = new Set("node_modules .git .hg .svn .venv .tox __pycache__ .cache .yarn .terraform target".split(" "));

export function isDockerfileName(name: string): boolean {
  return dockerfileName.test(name) && !/\.dockerignore$/i.test(name);
}

/** The full paths of Dockerfiles below these folders, what lies nearer to them first. Links are not followed. */
export async function findDockerfiles(
  roots: readonly string[],
  {
    isCancelled = () => false,
    files = limits.files,
    folders = limits.folders,
    isWanted = isDockerfileName,
  }: SearchOptions = {},
): Promise<string[]> {
  const found = new Set<string>();
  const queue = [...new Set(roots)];
  // The queue grows while it is read.
  for (let at = 0; at < queue.length && at < folders; at += 1) {
    if (found.size >= files || isCancelled()) break;
    const folder = queue[at] as string;
    for (const entry of await entriesOf(folder)) {
      const full = path.join(folder, entry.name);
      if (entry.isDirectory() && !skipped.has(entry.name)) queue.push(full);
      else if (entry.isFile() && isWanted(entry.name) && found.size < files) found.add(full);
    }
  }
  return [...found];
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    // It went away, or may not be read.
    return [];
  }
}
