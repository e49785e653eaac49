import { readFileSync, type Stats, statSync } from "node:fs";
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

interface FolderOptions {
  readonly contextPath: string;
  readonly statCache: StatCache;
  /** Changes are told to `statCache.trees`: what was read is not looked at again. */
  readonly isWatched?: boolean;
  /** False for what was fetched: there .dockerignore is a file like any other. Default true. */
  readonly ignoreFile?: boolean;
  readonly signal?: AbortSignal;
}

interface LoadContextOptions extends FolderOptions {
  /** Absolute, or relative to the context. Default: `Dockerfile`, else `dockerfile`, else `Containerfile`. */
  readonly dockerfile?: string;
  /** The Dockerfile itself, when it is no file. */
  readonly dockerfileText?: string;
}

/** A context that also answers for a whole COPY: the builder and the forecast ask it alike. */
export interface FolderContext extends BuildContext {
  /** @throws EngineError `copy-source-not-found`, `invalid-argument` for a malformed pattern. */
  selectAll(selection: Selection): Promise<readonly SelectedSource[]>;
}

/** @throws EngineError `invalid-argument` (not a folder, bad .dockerignore), `not-found` (no Dockerfile), `forbidden`. */
export async function loadContext(options: LoadContextOptions): Promise<FolderContext> {
  const { dockerfileText: given } = options;
  const root = existingFolder(options.contextPath);
  const dockerfile = given === undefined ? findDockerfile(root, options.dockerfile) : path.join(root, "Dockerfile");
  const dockerfileText = given ?? readText(dockerfile);
  const ignoreFiles = [
    ...(given === undefined ? [`${dockerfile}.dockerignore`] : []),
    path.join(root, ".dockerignore"),
  ];
  return contextOf(root, { dockerfile, dockerfileText }, ignoreFiles, options);
}

/** The context of a Dockerfile whose text is known, and which need not be there. Otherwise as `loadContext`. */
export async function loadContextOf(
  file: Pick<BuildContext, "dockerfile" | "dockerfileText">,
  options: FolderOptions,
): Promise<FolderContext> {
  const root = existingFolder(options.contextPath);
  return contextOf(root, file, [`${file.dockerfile}.dockerignore`, path.join(root, ".dockerignore")], options);
}

/** A named context: a folder with its own .dockerignore, and no Dockerfile. */
export async function loadFolder(options: FolderOptions): Promise<FolderContext> {
  const root = existingFolder(options.contextPath);
  return contextOf(root, { dockerfile: "", dockerfileText: "" }, [path.join(root, ".dockerignore")], options);
}

function existingFolder(contextPath: string): string {
  const root = path.resolve(contextPath);
  const folder = stat(root);
  if (!folder) throw contextMissing(root);
  if (!folder.isDirectory()) throw contextNotFolder(root);
  return root;
}

async function contextOf(
  root: string,
  file: Pick<BuildContext, "dockerfile" | "dockerfileText">,
  ignoreFiles: readonly string[],
  { statCache, signal, ignoreFile = true, isWatched = false }: FolderOptions,
): Promise<FolderContext> {
  const ignore = ignoreFile ? loadIgnore(ignoreFiles) : undefined;
  const tree = new FileTree(root, {
    ...(ignore ? { ignore: ignore.patterns } : {}),
    // What was fetched or unpacked is seen once.
    seen: ignoreFile ? statCache.trees?.of(root, ignore?.lines ?? []) : undefined,
    isWatched,
    ...(signal ? { signal } : {}),
  });
  const missing = (source: string) =>
    ignore && stat(`${root}/${source}`) ? sourceIgnored(source, ignore.name) : sourceNotFound(source);
  // Its key, its explanation and its layer ask for the same; what the tree has read does not change.
  const selections = new WeakMap<Selection, Promise<readonly SelectedSource[]>>();
  return {
    root,
    ...file,
    select: (source, excludes = []) => selectFrom(tree, source, excludes, missing),
    selectAll(selection) {
      const known = selections.get(selection);
      if (known) return known;
      const selected = selectAll(tree, selection, missing);
      selections.set(selection, selected);
      return selected;
    },
    digest(selected: readonly SelectedSource[], signal?: AbortSignal): Promise<Digest> {
      return digestSelected(selected, statCache, signal);
    },
  };
}

function findDockerfile(root: string, asked: string | undefined): string {
  if (asked !== undefined && asked !== "") return path.resolve(root, asked);
  const name = defaultNames.find((candidate) => stat(path.join(root, candidate)) !== undefined);
  return path.join(root, name ?? "Dockerfile");
}

function readText(dockerfile: string): string {
  const found = stat(dockerfile);
  if (!found) throw dockerfileMissing(dockerfile);
  if (!found.isFile() || found.size > maxDockerfileBytes) throw dockerfileUnusable(dockerfile);
  try {
    return readFileSync(dockerfile, "utf8");
  } catch (error) {
    throw fileError(error, dockerfile);
  }
}

interface IgnoreFile {
  readonly patterns: Ignore;
  readonly lines: readonly string[];
  readonly name: string;
}

/** `<Dockerfile>.dockerignore` beside the Dockerfile is used instead of the one at the root of the context. */
function loadIgnore(files: readonly string[]): IgnoreFile | undefined {
  for (const file of files) {
    if (!stat(file)?.isFile()) continue;
    const name = path.basename(file);
    try {
      const lines = readIgnoreFile(readFileSync(file, "utf8"));
      return { patterns: compileIgnore(lines, name), lines, name };
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
