import { msg } from "../../../../engine/base/message.ts";
import { type NodeManifest, readManifest } from "../../../lint/node-project.ts";
import type { ProjectView } from "../../../lint/views.ts";
import { isFor, nodeToolOf, type nodeTools } from "./node-tools.ts";
import { installsFromSources, setsUpHooks, type Workspace, workspacesOf } from "./node-workspaces.ts";
import { nginx } from "./static.ts";
import { has, image, portOf, type Template, words } from "./template.ts";

export const nodeTemplates: readonly Template[] = (["npm", "yarn", "pnpm"] as const).map((name) => ({
  id: `node-${name}`,
  label: `Dockerfile: Node.js (${name})`,
  says: msg("Node.js in stages: dependencies cached, without root"),
  fits: (project) => isFor(project, name),
  text: (project) => nodeText(project, name),
  ignores: (project) => [
    "**/node_modules",
    "coverage",
    ...(nodeToolOf(project, name, true).made ?? []),
    // What the image builds itself.
    ...(readManifest(project)?.scripts.has("build") ? ["dist", "build", ".next", ".nuxt", ".output"] : []),
  ],
}));

const withoutPrepare = "npm pkg delete scripts.prepare && ";

function nodeText(project: ProjectView, name: keyof typeof nodeTools): string {
  const manifest = readManifest(project);
  const workspaces = workspacesOf(project);
  const buildAll = manifest?.scripts.has("build") ? undefined : buildOfAll(workspaces, name);
  const builds = (manifest?.scripts.has("build") ?? false) || buildAll !== undefined;
  const start = startOf(project, manifest, workspaces, { builds, name });
  const { command } = start;
  const tool = nodeToolOf(project, name, command?.[0] === "node");
  const isLocked = has(project, tool.lock) || !project.known;
  const isSingle = workspaces.length === 0;
  const fromSources = [project, ...workspaces.map((one) => one.project)].some(installsFromSources);
  const locked = (command: string) => (isLocked ? command : withoutLock(command));
  // Yarn sets up no hooks where the tools for them are not installed.
  const withoutHooks = name !== "yarn" && manifest && setsUpHooks(manifest) ? withoutPrepare : "";
  const chosen = (command: string) => withoutHooks + locked(command);
  const pruning = isSingle ? tool.prune : (tool.pruneAll ?? tool.prune);
  // pnpm runs the script once more, and what it needs is gone.
  const prune = (name === "pnpm" && manifest?.scripts.has("prepare") ? withoutPrepare : "") + locked(pruning);
  const settings = tool.settings?.filter((file) => has(project, file)) ?? [];
  const manifests = ["package.json", ...(isLocked ? [tool.lock] : []), ...settings].join(" ");
  const folders = tool.folders?.filter((folder) => project.exists(folder)) ?? [];
  const cached = `RUN --mount=type=cache,target=${tool.cache} \\\n    `;
  const stage = (as: string) =>
    `FROM ${image("node")} AS ${as}\n${tool.environment ? `ENV ${tool.environment}\n` : ""}WORKDIR /app\n`;
  const copied = [
    `COPY ${manifests} ./\n`,
    ...folders.map((folder) => `COPY ${folder} ${folder}\n`),
    ...workspaces.map(({ folder }) => `COPY ${folder}/package.json ${folder}/\n`),
  ];
  const install = (line: string) => `${fromSources ? "COPY . .\n" : copied.join("")}${cached}${line}\n`;
  const rest = fromSources ? "" : "COPY . .\n";
  const buildStep = (more = "") => {
    const steps = [...(builds ? [buildAll ?? `${tool.run} build`] : []), ...(more === "" ? [] : [more])].join(" && ");
    if (steps === "") return "";
    const fetches = more !== "" && (tool.prunesFromCache || pruning !== tool.prune);
    return `${fetches ? cached : "RUN "}${steps}`;
  };
  const build = (more = "") => `${stage("build")}${install(chosen(tool.install))}${rest}${buildStep(more)}`.trimEnd();
  if (!command) return `${build()}\n\n${nginx(`--from=build /app/${siteFolder(manifest)}/`)}`;

  const file = command.find((word) => /\.[cm]?js$/.test(word)) ?? "";
  const port = portOf(start.project, file, 3000);
  const folder = start.folder === "" ? "" : `WORKDIR /app/${start.folder}\n`;
  const end = `${folder}USER node\nEXPOSE ${port}\nCMD ${words(tool.isPnp ? plugged(project, command) : command)}\n`;
  const final = `FROM ${image("node")}\nENV NODE_ENV=production\nWORKDIR /app\n`;
  const output = /^(?:\.\/)?([\w-]+)\//.exec(command[1] ?? "")?.[1];
  const isOutput =
    command[0] === "node" && output !== undefined && (/^(?:dist|build|out)$/.test(output) || !has(project, output));
  // It runs what was built together with what was not: which files these are, only the project knows.
  if (fromSources || (builds && (!isOutput || tool.isPnp || !isSingle))) {
    return `${build(prune)}\n\n${final}COPY --from=build /app ./\n${end}`;
  }
  // Without dependencies the install makes no folder that could be copied.
  const needs = manifest === undefined || manifest.dependencies.size > 0;
  const deps = `${stage("deps")}${install(chosen(tool.production))}\n`;
  // Packages lie in the folders of the others too.
  if (tool.isPnp || !isSingle) {
    return `${deps.trimEnd()}\nCOPY . .\n\n${final}COPY --from=deps /app ./\n${end}`;
  }
  return `${needs ? deps : ""}${builds ? `${build()}\n\n` : ""}${final}${
    needs ? "COPY --from=deps /app/node_modules ./node_modules\n" : ""
  }${builds ? `COPY --from=build /app/${output} ./${output}\nCOPY package.json ./` : "COPY . ."}
${end}`;
}

/** Builds the packages that can be built, where the project has no script for all of them. */
function buildOfAll(workspaces: readonly Workspace[], name: keyof typeof nodeTools): string | undefined {
  if (!workspaces.some(({ manifest }) => manifest.scripts.has("build"))) return undefined;
  if (name === "npm") return "npm run build --workspaces --if-present";
  return name === "pnpm" ? "pnpm --recursive --if-present run build" : undefined;
}

interface Start {
  /** Undefined: there is only a site to serve. */
  readonly command: readonly string[] | undefined;
  readonly project: ProjectView;
  /** Where it starts, below the context. */
  readonly folder: string;
}

/** Of a project of several packages: the first that says how it starts, unless the project itself does. */
function startOf(
  project: ProjectView,
  manifest: NodeManifest | undefined,
  workspaces: readonly Workspace[],
  { builds, name }: { readonly builds: boolean; readonly name: keyof typeof nodeTools },
): Start {
  const own = { project, folder: "" };
  const said = scriptStart(manifest) ?? entryStart(project);
  const service = said ? undefined : workspaces.find((one) => scriptStart(one.manifest) ?? entryStart(one.project));
  if (!service) return { ...own, command: said ?? startCommand(project, manifest, builds) };
  const { folder, project: inside } = service;
  // Only pnpm puts programs beside each package that depends on them.
  const root = name === "pnpm" ? "" : "../".repeat(folder.split("/").length);
  return { command: scriptStart(service.manifest, root) ?? entryStart(inside), project: inside, folder };
}

/** The same command where there is no lock file yet. */
function withoutLock(command: string): string {
  return command.replace("npm ci", "npm install").replace(/ --frozen-lockfile| --immutable/, "");
}

/** As Yarn starts a script: with what finds the packages, for modules of ECMAScript too. */
function plugged(project: ProjectView, [program = "node", ...args]: readonly string[]): readonly string[] {
  const isModule = /"type"\s*:\s*"module"/.test(project.text("package.json") ?? "");
  return [program, "--require", "./.pnp.cjs", ...(isModule ? ["--loader", "./.pnp.loader.mjs"] : []), ...args];
}

/** What runs the app without a package manager between it and signals, as its script says it. `root`: where its packages lie. */
function scriptStart(manifest: NodeManifest | undefined, root = ""): readonly string[] | undefined {
  const script = manifest?.scripts.get("start") ?? "";
  // A script with quotes, pipes or substitutions is the shell's.
  const plain = /^[\w@%+=:,./ -]+$/.test(script) ? script.trim().split(/\s+/) : [];
  const [program = "", ...args] = plain.filter(
    (word, at) => !(at === 0 && word === "cross-env") && !/^[A-Z_]+=/.test(word),
  );
  if (program === "node" && args.length > 0) return ["node", ...args];
  if (program !== "serve" && manifest?.dependencies.has(program) && !isDevelopmentServer(program, args)) {
    return [`${root}node_modules/.bin/${program}`, ...args];
  }
  return undefined;
}

function entryStart(project: ProjectView): readonly string[] | undefined {
  const names = [mainOf(project), "server.js", "index.js", "app.js", "src/index.js", "src/server.js"];
  const entry = names.find((name) => name !== undefined && project.exists(name) === true);
  return entry === undefined ? undefined : ["node", entry];
}

/** Where nothing says how it starts. Undefined: there is only a site to serve. */
function startCommand(
  project: ProjectView,
  manifest: NodeManifest | undefined,
  builds: boolean,
): readonly string[] | undefined {
  if (builds && isSite(project, manifest)) return undefined;
  return ["node", builds ? "dist/index.js" : "index.js"];
}

function isDevelopmentServer(program: string, args: readonly string[]): boolean {
  return (
    /^(?:vite|nodemon|ts-node|ts-node-dev|react-scripts|ng|webpack|parcel|astro|vue-cli-service)$/.test(program) ||
    args[0] === "dev"
  );
}

const siteBuilder = /\b(?:vite|react-scripts|vue-cli-service|ng|astro|parcel|webpack|eleventy|gatsby)\b/;

function isSite(project: ProjectView, manifest: NodeManifest | undefined): boolean {
  return has(project, "index.html") || siteBuilder.test(manifest?.scripts.get("build") ?? "");
}

function siteFolder(manifest: NodeManifest | undefined): string {
  const script = manifest?.scripts.get("build") ?? "";
  if (/\breact-scripts\b/.test(script)) return "build";
  if (/\bgatsby\b/.test(script)) return "public";
  return /\beleventy\b/.test(script) ? "_site" : "dist";
}

function mainOf(project: ProjectView): string | undefined {
  const main = /"main"\s*:\s*"(?:\.\/)?([\w./-]+\.[cm]?js)"/.exec(project.text("package.json") ?? "")?.[1];
  return main;
}
