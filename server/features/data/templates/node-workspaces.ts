import { type NodeManifest, readManifest } from "../../../lint/node-project.ts";
import type { ProjectView } from "../../../lint/views.ts";
import { yaml } from "../../../yaml.ts";

/** One package of a project that has several. */
export interface Workspace {
  /** Below the context, `packages/api`. */
  readonly folder: string;
  readonly project: ProjectView;
  readonly manifest: NodeManifest;
}

/** More than a person would list in a Dockerfile; what is behind it stays unknown. */
const mostWorkspaces = 50;
const deepest = 4;

/** The packages that package.json (npm, Yarn) or pnpm-workspace.yaml lists, by folder. */
export function workspacesOf(project: ProjectView): readonly Workspace[] {
  const patterns = patternsOf(project);
  const folders = (wanted: readonly string[]) => wanted.flatMap((pattern) => matching(project, pattern));
  const left = new Set(folders(patterns.filter((one) => one.startsWith("!")).map((one) => one.slice(1))));
  const found = new Set(folders(patterns.filter((one) => !one.startsWith("!"))).filter((folder) => !left.has(folder)));
  return [...found]
    .sort()
    .slice(0, mostWorkspaces)
    .flatMap((folder) => {
      const inside = below(project, folder);
      const manifest = readManifest(inside);
      return manifest ? [{ folder, project: inside, manifest }] : [];
    });
}

function patternsOf(project: ProjectView): readonly string[] {
  const strings = (value: unknown) =>
    Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
  const listed = (value: unknown) => strings((value as { readonly packages?: unknown } | undefined)?.packages ?? value);
  try {
    const text = project.text("pnpm-workspace.yaml");
    if (text !== undefined) return strings((yaml().parse(text) as { readonly packages?: unknown } | null)?.packages);
    return listed((JSON.parse(project.text("package.json") ?? "{}") as { readonly workspaces?: unknown }).workspaces);
  } catch {
    return [];
  }
}

/** Folders that a pattern names: `apps/*`, `packages/**`, `tools`. */
function matching(project: ProjectView, pattern: string): readonly string[] {
  const parts = pattern.split("/").filter((part) => part !== "" && part !== ".");
  const walk = (folder: string, at: number, depth: number): readonly string[] => {
    const part = parts[at];
    if (part === undefined) return folder === "" ? [] : [folder];
    if (!part.includes("*")) return walk(joined(folder, part), at + 1, depth + 1);
    if (depth > deepest) return [];
    const name = new RegExp(`^${part.replace(/[.+^${}()|[\]\\?]/g, "\\$&").replace(/\*+/g, ".*")}$`);
    const children = (project.list(folder) ?? [])
      .filter((entry) => entry.isFolder && entry.name !== "node_modules" && name.test(entry.name))
      .map((entry) => joined(folder, entry.name));
    if (part !== "**") return children.flatMap((child) => walk(child, at + 1, depth + 1));
    return [...walk(folder, at + 1, depth + 1), ...children.flatMap((child) => walk(child, at, depth + 1))];
  };
  return walk("", 0, 0);
}

function below(project: ProjectView, folder: string): ProjectView {
  return {
    known: project.known,
    names: (project.list(folder) ?? []).map(({ name }) => name),
    list: (path) => project.list(joined(folder, path)),
    exists: (path) => project.exists(joined(folder, path)),
    text: (path) => project.text(joined(folder, path)),
    ignores: (path) => project.ignores(joined(folder, path)),
  };
}

function joined(folder: string, name: string): string {
  return [folder, name].filter((part) => part !== "").join("/");
}

/** Scripts that package managers run behind an install; git's hooks are nothing for an image. */
const lifecycle = ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"];
const gitHooks = /^(?:npx |is-ci \|\| )?(?:husky|lefthook|simple-git-hooks)\b[\w. -]*(?:\|\| (?:true|exit 0))?$/;

/** Does an install set up git's hooks, which fails where their tool is not installed? */
export function setsUpHooks({ scripts }: NodeManifest): boolean {
  return gitHooks.test(scripts.get("prepare")?.trim() ?? "");
}

/** Does an install need more of the project than its manifests: scripts of its own, or packages in folders? */
export function installsFromSources(project: ProjectView): boolean {
  const manifest = readManifest(project);
  const runs = lifecycle.some((name) => {
    const script = manifest?.scripts.get(name);
    return script !== undefined && !(name === "prepare" && manifest && setsUpHooks(manifest));
  });
  return runs || /:\s*"(?:file|link|portal):/.test(project.text("package.json") ?? "");
}
