import { type Stats, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Digest } from "../base/digest.ts";
import { digestSelected } from "./digest.ts";
import {
  contextMissing,
  contextNotFolder,
  dockerfileMissing,
  dockerfileUnusable,
  fileError,
  sourceIgnored,
  sourceNotFound,
} from "./errors.ts";
import { compileIgnore, type Ignore, readIgnoreFile } from "./ignore.ts";
import { type Selection, selectAll, selectFrom } from "./select.ts";
import { FileTree } from "./tree.ts";
import type { BuildContext, SelectedSource, StatCache } from "./types.ts";

export const maxDockerfileBytes = 4 * 1024 * 1024;
const defaultNames = ["Dockerfile", "dockerfile", "Containerfile"];

interface LoadContextOptions {
  readonly contextPath: string;
  /** Absolute, or relative to the context. Default: `Dockerfile`, else `dockerfile`, else `Containerfile`. */
  readonly dockerfile?: string;
  readonly statCache: StatCache;
  readonly signal?: AbortSignal;
}

/** A context that also answers for a whole COPY: the builder and the forecast ask it alike. */
export interface FolderContext extends BuildContext {
  /** @throws EngineError `copy-source-not-found`, `invalid-argument` for a malformed pattern. */
  selectAll(selection: Selection): Promise<readonly SelectedSource[]>;
}

/** @throws EngineError `invalid-argument` (not a folder, bad .dockerignore), `not-found` (no Dockerfile), `forbidden`. */
export async function loadContext(options: LoadContextOptions): Promise<FolderContext> {
  const root = path.resolve(options.contextPath);
  const folder = stat(root);
  if (!folder) throw contextMissing(root);
  if (!folder.isDirectory()) throw contextNotFolder(root);

  const dockerfile = findDockerfile(root, options.dockerfile);
  const dockerfileText = await readText(dockerfile);
  const ignore = await loadIgnore(root, dockerfile);
  const tree = new FileTree(root, {
    ...(ignore ? { ignore: ignore.patterns } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  const missing = (source: string) =>
    ignore && stat(`${root}/${source}`) ? sourceIgnored(source, ignore.name) : sourceNotFound(source);
  return {
    root,
    dockerfile,
    dockerfileText,
    select: (source, excludes = []) => selectFrom(tree, source, excludes, missing),
    selectAll: (selection) => selectAll(tree, selection, missing),
    digest(selected: readonly SelectedSource[], signal?: AbortSignal): Promise<Digest> {
      return digestSelected(selected, options.statCache, signal);
    },
  };
}

function findDockerfile(root: string, asked: string | undefined): string {
  if (asked !== undefined && asked !== "") return path.resolve(root, asked);
  const name = defaultNames.find((candidate) => stat(path.join(root, candidate)) !== undefined);
  return path.join(root, name ?? "Dockerfile");
}

async function readText(dockerfile: string): Promise<string> {
  const found = stat(dockerfile);
  if (!found) throw dockerfileMissing(dockerfile);
  if (!found.isFile() || found.size > maxDockerfileBytes) throw dockerfileUnusable(dockerfile);
  try {
    return await readFile(dockerfile, "utf8");
  } catch (error) {
    throw fileError(error, dockerfile);
  }
}

/** `<Dockerfile>.dockerignore` beside the Dockerfile is used instead of the one at the root of the context. */
async function loadIgnore(root: string, dockerfile: string): Promise<{ patterns: Ignore; name: string } | undefined> {
  for (const file of [`${dockerfile}.dockerignore`, path.join(root, ".dockerignore")]) {
    if (!stat(file)?.isFile()) continue;
    const name = path.basename(file);
    try {
      return { patterns: compileIgnore(readIgnoreFile(await readFile(file, "utf8")), name), name };
    } catch (error) {
      throw fileError(error, file);
    }
  }
  return undefined;
}

function stat(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOTDIR" || code === "ELOOP" || code === "ENAMETOOLONG") return undefined;
    throw fileError(error, file);
  }
}
