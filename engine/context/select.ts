import type { EngineError } from "../base/errors.ts";
import { badSourcePattern } from "./errors.ts";
import { cleanPath, compileIgnore, type Ignore, type IgnoreState } from "./ignore.ts";
import { compileGlob, hasWildcards, unescapeGlob } from "./match.ts";
import type { FileTree, TreeNode } from "./tree.ts";
import type { ContextEntry, SelectedSource } from "./types.ts";

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
export function rootedPath(source: string): string {
  return cleanPath(`/${source}`).slice(1);
}

/** A file or folder (never a link: those were followed) with everything below it that is not excluded. */
export async function selectNode(
  tree: FileTree,
  name: string,
  node: TreeNode,
  exclude: Ignore | undefined,
): Promise<SelectedSource | undefined> {
  const base = name.slice(name.lastIndexOf("/") + 1);
  if (node.entry.type !== "directory") {
    if (exclude?.ignores(base)) return undefined;
    return { path: name, type: "file", entries: [{ ...node.entry, name: base }] };
  }
  const entries: ContextEntry[] = [];
  if (exclude) await collectUnless(tree, node.path, "", exclude, undefined, entries);
  else await collect(tree, node.path, "", entries);
  return { path: name, type: "directory", entries };
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

/** For COPY --parents, where `**` crosses folders: the paths that a pattern of .dockerignore's kind matches, sorted. */
export async function matchDeep(tree: FileTree, base: string, pattern: string): Promise<string[]> {
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
