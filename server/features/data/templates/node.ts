import { msg } from "../../../../engine/base/message.ts";
import { type NodeManifest, readManifest } from "../../../lint/node-project.ts";
import type { ProjectView } from "../../../lint/views.ts";
import { isFor, nodeToolOf, type nodeTools } from "./node-tools.ts";
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

function nodeText(project: ProjectView, name: keyof typeof nodeTools): string {
  const manifest = readManifest(project);
  const builds = manifest?.scripts.has("build") ?? false;
  const command = startCommand(project, manifest, builds);
  const tool = nodeToolOf(project, name, command?.[0] === "node");
  const isLocked = has(project, tool.lock) || !project.known;
  const chosen = (command: string) => (isLocked ? command : withoutLock(command));
  const settings = tool.settings?.filter((file) => has(project, file)) ?? [];
  const manifests = ["package.json", ...(isLocked ? [tool.lock] : []), ...settings].join(" ");
  const folders = tool.folders?.filter((folder) => project.exists(folder)) ?? [];
  const cached = `RUN --mount=type=cache,target=${tool.cache} \\\n    `;
  const stage = (as: string) =>
    `FROM ${image("node")} AS ${as}\n${tool.environment ? `ENV ${tool.environment}\n` : ""}WORKDIR /app\n`;
  const install = (line: string) =>
    `COPY ${manifests} ./\n${folders.map((folder) => `COPY ${folder} ${folder}\n`).join("")}${cached}${line}\n`;
  const buildStep = (more = "") =>
    `${more !== "" && tool.prunesFromCache ? cached : "RUN "}${tool.run} build${more === "" ? "" : ` && ${more}`}`;
  const build = (more = "") => `${stage("build")}${install(chosen(tool.install))}COPY . .\n${buildStep(more)}`;
  if (!command) return `${build()}\n\n${nginx(`--from=build /app/${siteFolder(manifest)}/`)}`;

  const port = portOf(project, command.find((word) => /\.[cm]?js$/.test(word)) ?? "", 3000);
  const end = `USER node\nEXPOSE ${port}\nCMD ${words(tool.isPnp ? plugged(project, command) : command)}\n`;
  const start = `FROM ${image("node")}\nENV NODE_ENV=production\nWORKDIR /app\n`;
  const output = /^(?:\.\/)?([\w-]+)\//.exec(command[1] ?? "")?.[1];
  const isOutput =
    command[0] === "node" && output !== undefined && (/^(?:dist|build|out)$/.test(output) || !has(project, output));
  // It runs what was built together with what was not: which files these are, only the project knows.
  if (builds && (!isOutput || tool.isPnp)) {
    return `${build(chosen(tool.prune))}\n\n${start}COPY --from=build /app ./\n${end}`;
  }
  // Without dependencies the install makes no folder that could be copied.
  const needs = manifest === undefined || manifest.dependencies.size > 0;
  const deps = `${stage("deps")}${install(chosen(tool.production))}\n`;
  if (tool.isPnp) {
    return `${deps.trimEnd()}\nCOPY . .\n\n${start}COPY --from=deps /app ./\n${end}`;
  }
  return `${needs ? deps : ""}${builds ? `${build()}\n\n` : ""}${start}${
    needs ? "COPY --from=deps /app/node_modules ./node_modules\n" : ""
  }${builds ? `COPY --from=build /app/${output} ./${output}\nCOPY package.json ./` : "COPY . ."}
${end}`;
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

/** What runs the app without a package manager between it and signals. Undefined: there is only a site to serve. */
function startCommand(
  project: ProjectView,
  manifest: NodeManifest | undefined,
  builds: boolean,
): readonly string[] | undefined {
  const script = manifest?.scripts.get("start") ?? "";
  // A script with quotes, pipes or substitutions is the shell's.
  const plain = /^[\w@%+=:,./ -]+$/.test(script) ? script.trim().split(/\s+/) : [];
  const [program = "", ...args] = plain.filter(
    (word, at) => !(at === 0 && word === "cross-env") && !/^[A-Z_]+=/.test(word),
  );
  if (program === "node" && args.length > 0) return ["node", ...args];
  if (program !== "serve" && manifest?.dependencies.has(program) && !isDevelopmentServer(program, args)) {
    return [`node_modules/.bin/${program}`, ...args];
  }
  const entry = [mainOf(project), "server.js", "index.js", "app.js", "src/index.js", "src/server.js"].find(
    (name) => name !== undefined && project.exists(name) === true,
  );
  if (entry !== undefined) return ["node", entry];
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
