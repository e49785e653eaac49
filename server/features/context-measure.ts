import { compileIgnore, type Ignore, readIgnoreFile } from "../../engine/context/ignore.ts";
import { compileGlob, hasWildcards, unescapeGlob } from "../../engine/context/match.ts";
import { FileTree, type TreeNode } from "../../engine/context/tree.ts";
import { contextPath } from "../lint/copy-parts.ts";
import type { ProjectView } from "../lint/views.ts";

export interface Measured {
  /** What the source stands for: matches of a pattern, else one or none. */
  readonly names: number;
  /** The first ones. */
  readonly first: readonly string[];
  readonly files: number;
  readonly sizeBytes: number;
  /** False: time was up, there is more. */
  readonly isComplete: boolean;
  /** It is there, but an ignore file takes it away, or its brackets are a pattern. */
  readonly ignored: boolean;
  /** Entries of the folder (or matches) that most bytes are in. */
  readonly largest: readonly { readonly name: string; readonly sizeBytes: number }[];
}

export interface MeasureOptions {
  readonly excludes: readonly string[];
  /** `--parents`: there `**` crosses folders. */
  readonly crossesFolders: boolean;
  readonly longestMs: number;
  readonly signal?: AbortSignal;
}

const mostFirst = 8;
const mostLargest = 3;
/** Matched one by one; a walk that is longer is cut off by time. */
const mostNames = 10_000;

/**
 * How much a source of COPY brings: files of the context that no ignore file and no `--exclude` takes away. A walk that takes
 * too long is ended, with what was seen until then. Undefined when nobody waits any more or nothing can be read.
 */
export async function measure(
  project: ProjectView,
  source: string,
  options: MeasureOptions,
): Promise<Measured | undefined> {
  if (project.folder === undefined) return undefined;
  const end = new AbortController();
  const stop = () => end.abort();
  options.signal?.addEventListener("abort", stop);
  const timer = setTimeout(stop, options.longestMs);
  const seen = new Count();
  try {
    const ignore = compileIgnore(readIgnoreFile(project.ignore?.text ?? ""), project.ignore?.name);
    const tree = new FileTree(project.folder, { ignore, signal: end.signal });
    await new Walk(tree, seen, options, end.signal).source(source);
  } catch {
    // Ended, or a file that cannot be read: what was counted is true.
    if (options.signal?.aborted) return undefined;
    seen.isComplete = false;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", stop);
  }
  const plain = contextPath(source);
  const ignored = seen.names === 0 && project.exists(plain) === true;
  if (seen.names === 0 && !seen.isComplete) return undefined;
  return seen.result(ignored);
}

class Count {
  names = 0;
  files = 0;
  sizeBytes = 0;
  isComplete = true;
  readonly #first: string[] = [];
  readonly #sizes = new Map<string, number>();

  name(name: string): void {
    this.names += 1;
    if (this.#first.length < mostFirst) this.#first.push(name);
  }

  /** `top`: what of the source it belongs to. */
  file({ entry }: TreeNode, top: string): void {
    if (entry.type === "directory") return;
    this.files += 1;
    this.sizeBytes += entry.sizeBytes;
    this.#sizes.set(top, (this.#sizes.get(top) ?? 0) + entry.sizeBytes);
  }

  result(ignored: boolean): Measured {
    const { names, files, sizeBytes, isComplete } = this;
    const largest = [...this.#sizes]
      .map(([name, size]) => ({ name, sizeBytes: size }))
      .sort((a, b) => b.sizeBytes - a.sizeBytes)
      .slice(0, mostLargest);
    return { names, first: this.#first, files, sizeBytes, isComplete, ignored, largest };
  }
}

class Walk {
  readonly #tree: FileTree;
  readonly #count: Count;
  readonly #options: MeasureOptions;
  readonly #exclude: Ignore | undefined;
  readonly #signal: AbortSignal;

  constructor(tree: FileTree, count: Count, options: MeasureOptions, signal: AbortSignal) {
    this.#tree = tree;
    this.#count = count;
    this.#options = options;
    this.#signal = signal;
    this.#exclude = options.excludes.length > 0 ? compileIgnore(options.excludes, "--exclude") : undefined;
  }

  async source(source: string): Promise<void> {
    const path = contextPath(source);
    const isPattern = hasWildcards(path);
    const nodes = isPattern ? await this.#matches(path) : [await this.#tree.find(unescapeGlob(path))];
    for (const node of nodes) {
      if (!node) continue;
      const name = node.path === "" ? "." : node.path;
      // Patterns of --exclude begin in the source.
      const base = node.path.slice(node.path.lastIndexOf("/") + 1);
      this.#count.name(name);
      if (node.entry.type !== "directory") {
        if (!this.#exclude?.ignores(base)) this.#count.file(node, name);
        continue;
      }
      const start = node.path === "" ? 0 : node.path.length + 1;
      for await (const child of this.#tree.walk(node.path)) {
        this.#signal.throwIfAborted();
        const below = child.path.slice(start);
        if (this.#exclude?.ignores(below)) continue;
        const [top = below] = below.split("/", 1);
        this.#count.file(child, isPattern ? name : top);
      }
    }
  }

  /** Go's filepath.Match below the folders that are plain names; with `--parents` as in .dockerignore. */
  async #matches(path: string): Promise<readonly TreeNode[]> {
    const parts = path.split("/");
    const first = parts.findIndex(hasWildcards);
    const start = await this.#tree.find(parts.slice(0, first).map(unescapeGlob).join("/"));
    if (start?.entry.type !== "directory") return [];
    const pattern = parts.slice(first).join("/");
    const { crossesFolders } = this.#options;
    const deep = crossesFolders ? compileIgnore([pattern], "COPY --parents") : undefined;
    const glob = crossesFolders ? undefined : compileGlob(pattern);
    const depth = crossesFolders ? Number.POSITIVE_INFINITY : parts.length - first;
    const found: TreeNode[] = [];
    const visit = async (folder: string, prefix: string, level: number): Promise<void> => {
      for (const node of await this.#tree.list(folder)) {
        this.#signal.throwIfAborted();
        const name = `${prefix}${node.entry.name}`;
        if (found.length >= mostNames) return;
        if (deep?.ignores(name) || glob?.matches(name)) found.push(node);
        else if (node.entry.type === "directory" && level < depth) await visit(node.path, `${name}/`, level + 1);
      }
    };
    await visit(start.path, "", 1);
    return found;
  }
}
