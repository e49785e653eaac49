import type { EngineError } from "../base/errors.ts";
import { badSourcePattern } from "./errors.ts";
import { cleanPath, compileIgnore, type Ignore, type IgnoreState } from "./ignore.ts";
import { compileGlob, hasWildcards, unescapeGlob } from "./match.ts";
import type { FileTree, TreeNode } from "./tree.ts";
import type { ContextEntry, SelectedSource } from "./types.ts";

/** What a COPY says about what it takes. */
export interface Selection {
  readonly sources: readonly string[];
  readonly excludes: readonly string[];
  /** --parents */
  readonly parents: boolean;
}

/** Everything that a COPY takes of a tree, source by source. */
export async function selectAll(
  tree: FileTree,
  { sources, excludes, parents }: Selection,
  missing: (source: string) => EngineError,
): Promise<readonly SelectedSource[]> {
  const selected: SelectedSource[] = [];
  for (const source of sources) {
    if (parents) selected.push(await selectWithParents(tree, source, excludes, missing));
    else selected.push(...(await selectFrom(tree, source, excludes, missing)));
  }
  return selected;
}

/**
 * What a source of COPY stands for in a tree: leading `/`, `./` and `../` collapse into the root, a symlink at the top is
 * followed inside the tree, wildcards are Go's filepath.Match over the rest of the path and stop at a matched folder.
 * `missing` makes the error for a plain name that is not there; a wildcard may match nothing.
 */
export async function selectFrom(
  tree: FileTree,
  source: string,
  excludes: readonly string[],
  missing: (source: string) => EngineError,
): Promise<readonly SelectedSource[]> {
  const path = rootedPath(source);
  const exclude = excludes.length > 0 ? compileIgnore(excludes, "--exclude") : undefined;
  const names = hasWildcards(path) ? await matchNames(tree, path) : [unescapeGlob(path)];
  const selected: SelectedSource[] = [];
  for (const name of names) {
    const node = await tree.find(name);
    if (!node) throw missing(name);
    const one = await selectNode(tree, name, node, exclude);
    if (one) selected.push(one);
  }
  return selected;
}

/** A source as a path below the root, without a leading slash; `` is the root itself. */
function rootedPath(source: string): string {
  return cleanPath(`/${source}`).slice(1);
}

/** A file or folder (never a link: those were followed) with everything below it that is not excluded. */
async function selectNode(
  tree: FileTree,
  name: string,
  node: TreeNode,
  exclude: Ignore | undefined,
): Promise<SelectedSource | undefined> {
  const base = name.slice(name.lastIndexOf("/") + 1);
  if (node.entry.type !== "directory") {
    if (exclude?.ignores(base)) return undefined;
    return {
      path: name,
      type: "file",
      entries: [node.entry.name === base ? node.entry : { ...node.entry, name: base }],
    };
  }
  const collected = async () => {
    const entries: ContextEntry[] = [];
    if (exclude) await collectUnless(tree, node.path, "", exclude, undefined, entries);
    else await collect(tree, node.path, "", entries);
    return entries;
  };
  return { path: name, type: "directory", entries: await (exclude ? collected() : tree.below(node.path, collected)) };
}

async function collect(tree: FileTree, folder: string, prefix: string, entries: ContextEntry[]): Promise<void> {
  for (const { path, entry } of await tree.list(folder)) {
    const name = `${prefix}${entry.name}`;
    entries.push(prefix === "" ? entry : { ...entry, name });
    if (entry.type === "directory") await collect(tree, path, `${name}/`, entries);
  }
}

/** An excluded folder is there when something below it was taken back; a folder that was only emptied stays. */
async function collectUnless(
  tree: FileTree,
  folder: string,
  prefix: string,
  exclude: Ignore,
  state: IgnoreState | undefined,
  entries: ContextEntry[],
): Promise<void> {
  for (const { path, entry } of await tree.list(folder)) {
    const name = `${prefix}${entry.name}`;
    const here = exclude.step(name, state);
    if (here.ignored && (entry.type !== "directory" || !exclude.mayReinclude(name))) continue;
    const before = entries.length;
    entries.push({ ...entry, name });
    if (entry.type === "directory") await collectUnless(tree, path, `${name}/`, exclude, here, entries);
    if (here.ignored && entries.length === before + 1) entries.pop();
  }
}

/** Paths that match, sorted. The folders before the first wildcard are plain names; links among them are followed. */
async function matchNames(tree: FileTree, path: string): Promise<string[]> {
  const parts = path.split("/");
  const first = parts.findIndex(hasWildcards);
  const base = parts.slice(0, first).map(unescapeGlob).join("/");
  const pattern = parts.slice(first).join("/");
  const glob = compileGlob(pattern);
  if (!glob) throw badSourcePattern(path);
  const depth = parts.length - first;

  const start = await tree.find(base);
  if (start?.entry.type !== "directory") return [];
  const names: string[] = [];
  const visit = async (folder: string, prefix: string, level: number): Promise<void> => {
    for (const node of await tree.list(folder)) {
      const name = `${prefix}${node.entry.name}`;
      if (glob.matches(name)) names.push(base === "" ? name : `${base}/${name}`);
      // Only a negated class could match a `/`, and it cannot make up for more levels than the pattern has.
      else if (node.entry.type === "directory" && level < depth) await visit(node.path, `${name}/`, level + 1);
    }
  };
  await visit(start.path, "", 1);
  return names;
}

/**
 * COPY --parents: one folder with what the source stands for at its place below the pivot (`/./`, else the root), and the
 * folders on the way. Here `**` crosses folders, as in .dockerignore.
 */
async function selectWithParents(
  tree: FileTree,
  source: string,
  excludes: readonly string[],
  missing: (source: string) => EngineError,
): Promise<SelectedSource> {
  const pivot = `/${source}`.indexOf("/./");
  const base = pivot < 0 ? "" : rootedPath(source.slice(0, pivot));
  const pattern = rootedPath(pivot < 0 ? source : `/${source}`.slice(pivot + 3));
  const below = (name: string) => (base === "" ? name : `${base}/${name}`);
  const exclude = excludes.length > 0 ? compileIgnore(excludes, "--exclude") : undefined;

  const entries = new Map<string, ContextEntry>();
  const add = (name: string, entry: ContextEntry) => {
    if (!exclude?.ignores(name)) entries.set(name, { ...entry, name });
  };
  for (const name of hasWildcards(pattern) ? await matchDeep(tree, base, pattern) : [unescapeGlob(pattern)]) {
    for (let end = name.indexOf("/"); end >= 0; end = name.indexOf("/", end + 1)) {
      const parent = await tree.find(below(name.slice(0, end)));
      if (parent?.entry.type === "directory") add(name.slice(0, end), parent.entry);
    }
    const node = await tree.find(below(name));
    if (!node) throw missing(below(name));
    if (name !== "") add(name, node.entry);
    if (node.entry.type !== "directory") continue;
    for await (const child of tree.walk(node.path)) {
      const path = node.path === "" ? child.path : child.path.slice(node.path.length + 1);
      add(name === "" ? path : `${name}/${path}`, child.entry);
    }
  }
  const sorted = [...entries.values()].sort((a, b) => comparePaths(a.name, b.name));
  return { path: base, type: "directory", entries: sorted };
}

/** Orders a folder before everything in it, and that before its next sibling. Makes no strings: trees are large. */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const one = a.charCodeAt(index);
    const other = b.charCodeAt(index);
    if (one !== other) return (one === slash ? 0 : one) - (other === slash ? 0 : other);
  }
  return a.length - b.length;
}

const slash = 0x2f;

async function matchDeep(tree: FileTree, base: string, pattern: string): Promise<string[]> {
  const matcher = compileIgnore([pattern], "COPY --parents");
  const start = await tree.find(base);
  if (start?.entry.type !== "directory") return [];
  const names: string[] = [];
  const visit = async (folder: string, prefix: string): Promise<void> => {
    for (const node of await tree.list(folder)) {
      const name = `${prefix}${node.entry.name}`;
      if (matcher.ignores(name)) names.push(name);
      else if (node.entry.type === "directory") await visit(node.path, `${name}/`);
    }
  };
  await visit(start.path, "");
  return names;
}
