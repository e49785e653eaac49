import { isLaterYarn, packageManagerOf } from "../../../lint/node-project.ts";
import type { ProjectView } from "../../../lint/views.ts";
import { knownImages } from "../bases.ts";
import { has } from "./template.ts";

/** What a package manager of Node.js is asked for in a Dockerfile. */
export interface NodeTool {
  readonly lock: string;
  readonly cache: string;
  readonly install: string;
  readonly production: string;
  /** Behind the build, in its step: takes away what only the build needed. */
  readonly prune: string;
  /** The same in a project of several packages, where it is another; it fetches again what it keeps. */
  readonly pruneAll?: string;
  readonly run: string;
  /** Of the project's root: settings that an install reads beside the manifest and the lock file. */
  readonly settings?: readonly string[];
  /** Folders that an install reads. */
  readonly folders?: readonly string[];
  /** What the stages that install have in their environment. */
  readonly environment?: string;
  /** Pruning fetches again what it keeps. */
  readonly prunesFromCache?: boolean;
  /** Files that an install makes, and a checkout may have with paths of another machine. */
  readonly made?: readonly string[];
  /** No node_modules: packages are found by `.pnp.cjs`, and it is told about modules of ECMAScript by a second file. */
  readonly isPnp?: boolean;
}

/** The images of Node.js have Corepack up to 24; behind them it is a package like others. */
const corepack =
  Number.parseInt(knownImages.node?.tag ?? "", 10) < 25
    ? "corepack enable"
    : "npm install --global corepack && corepack enable";

export const nodeTools: Readonly<Record<"npm" | "yarn" | "pnpm", NodeTool>> = {
  npm: {
    lock: "package-lock.json",
    cache: "/root/.npm",
    install: "npm ci",
    production: "npm ci --omit=dev",
    prune: "npm prune --omit=dev",
    run: "npm run",
  },
  yarn: {
    lock: "yarn.lock",
    cache: "/usr/local/share/.cache/yarn",
    install: "yarn install --frozen-lockfile",
    production: "yarn install --frozen-lockfile --production",
    prune: "yarn install --frozen-lockfile --production --ignore-scripts",
    run: "yarn run",
  },
  pnpm: {
    lock: "pnpm-lock.yaml",
    cache: "/root/.local/share/pnpm/store",
    install: `${corepack} && pnpm install --frozen-lockfile`,
    production: `${corepack} && pnpm install --frozen-lockfile --prod`,
    prune: "pnpm prune --prod",
    pruneAll: "find . -name node_modules -prune -exec rm -rf {} + && pnpm install --frozen-lockfile --prod",
    run: "pnpm run",
    settings: ["pnpm-workspace.yaml"],
  },
};

/** Yarn has two lives: what Yarn 1 understands ends with an error in those behind it, and the other way round. */
export function nodeToolOf(project: ProjectView, name: keyof typeof nodeTools, isStartedByNode: boolean): NodeTool {
  return name === "yarn" && isLaterYarn(project) ? laterYarn(project, isStartedByNode) : nodeTools[name];
}

/**
 * Plug'n'Play starts a script with `node` and finds its packages in the project's cache. A program of a package would need Yarn
 * when the container starts: that project gets a node_modules.
 */
function laterYarn(project: ProjectView, isStartedByNode: boolean): NodeTool {
  const settings = project.text(".yarnrc.yml") ?? "";
  const linker = /^nodeLinker:\s*["']?([\w-]+)/m.exec(settings)?.[1] ?? "pnp";
  const isPnp = linker === "pnp" && isStartedByNode;
  const release = /^yarnPath:.*\byarn-(\d+)/m.exec(settings);
  const version = Number(/\d+/.exec(packageManagerOf(project) ?? "")?.[0] ?? release?.[1] ?? versionOfLock(project));
  const isPinned = packageManagerOf(project) !== undefined;
  // Yarn 1 of the image hands over to the release of the project.
  const start =
    release && !isPinned
      ? ""
      : isPinned
        ? `${corepack} && `
        : `${corepack} && corepack prepare yarn@${version} --activate && `;
  const isPlugged = project.exists(".yarn/plugins/@yarnpkg/plugin-workspace-tools.cjs");
  const focus = `${version < 4 && !isPlugged ? "yarn plugin import workspace-tools && " : ""}yarn workspaces focus --all --production`;
  return {
    lock: "yarn.lock",
    cache: "/root/.yarn/berry/cache",
    install: `${start}yarn install --immutable`,
    production: `${start}yarn install --immutable && ${isPnp ? "rm -rf .yarn/cache && " : ""}${focus}`,
    prune: `${isPnp ? "rm -rf .yarn/cache && " : ""}${focus}`,
    run: "yarn run",
    settings: [".yarnrc.yml"],
    folders: [".yarn/releases", ".yarn/plugins", ".yarn/patches"],
    prunesFromCache: true,
    made: [".pnp.*", ".yarn/cache", ".yarn/unplugged", ".yarn/install-state.gz"],
    // The mounted cache is not in the image: the project has one of its own, filled from that.
    ...(isPnp && { environment: "YARN_ENABLE_GLOBAL_CACHE=false", isPnp }),
    ...(linker === "pnp" && !isPnp && { environment: "YARN_NODE_LINKER=node-modules" }),
  };
}

/** The format that a major version of Yarn writes. */
function versionOfLock(project: ProjectView): number {
  const format = Number(/^__metadata:\s+version: (\d+)/m.exec(project.text("yarn.lock") ?? "")?.[1] ?? 8);
  return format >= 8 ? 4 : format >= 5 ? 3 : 2;
}

/** Is it for this package manager? Without a lock file package.json says so, and npm is for all else. */
export function isFor(project: ProjectView, name: keyof typeof nodeTools): boolean {
  if (!has(project, "package.json")) return false;
  if (has(project, nodeTools[name].lock)) return true;
  if (Object.values(nodeTools).some(({ lock }) => has(project, lock))) return false;
  const said = /^(?:yarn|pnpm)(?=@)/.exec(packageManagerOf(project) ?? "")?.[0];
  return name === (said ?? (has(project, ".yarnrc.yml") ? "yarn" : "npm"));
}
