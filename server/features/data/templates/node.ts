import { msg } from "../../../../engine/base/message.ts";
import { type NodeManifest, readManifest } from "../../../lint/node-project.ts";
import type { ProjectView } from "../../../lint/views.ts";
import { nginx } from "./static.ts";
import { has, image, portOf, type Template, words } from "./template.ts";

interface NodeTool {
  readonly lock: string;
  readonly cache: string;
  readonly install: string;
  readonly production: string;
  readonly prune: string;
  readonly run: string;
}

const nodeTools: Readonly<Record<string, NodeTool>> = {
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
    install: "corepack enable && pnpm install --frozen-lockfile",
    production: "corepack enable && pnpm install --frozen-lockfile --prod",
    prune: "pnpm prune --prod",
    run: "corepack enable && pnpm run",
  },
};

export const nodeTemplates: readonly Template[] = Object.entries(nodeTools).map(([name, tool]) => ({
  id: `node-${name}`,
  label: `Dockerfile: Node.js (${name})`,
  says: msg("Node.js in stages: dependencies cached, without root"),
  fits: (project) =>
    has(project, "package.json") &&
    (has(project, tool.lock) || (name === "npm" && !has(project, "yarn.lock") && !has(project, "pnpm-lock.yaml"))),
  text: (project) => nodeText(project, tool),
  ignores: (project) => [
    "**/node_modules",
    "coverage",
    // What the image builds itself.
    ...(readManifest(project)?.scripts.has("build") ? ["dist", "build", ".next", ".nuxt", ".output"] : []),
  ],
}));

function nodeText(project: ProjectView, tool: NodeTool): string {
  const manifest = readManifest(project);
  const builds = manifest?.scripts.has("build") ?? false;
  const isLocked = has(project, tool.lock) || !project.known;
  const chosen = (command: string) => (isLocked ? command : withoutLock(command));
  const manifests = `package.json${isLocked ? ` ${tool.lock}` : ""}`;
  const install = (command: string) =>
    `COPY ${manifests} ./\nRUN --mount=type=cache,target=${tool.cache} \\\n    ${command}\n`;
  const build = `FROM ${image("node")} AS build
WORKDIR /app
${install(chosen(tool.install))}COPY . .
RUN ${tool.run} build`;
  const command = startCommand(project, manifest, builds);
  if (!command) return `${build}\n\n${nginx(`--from=build /app/${siteFolder(manifest)}/`)}`;

  const port = portOf(project, command.find((word) => /\.[cm]?js$/.test(word)) ?? "", 3000);
  const end = `USER node\nEXPOSE ${port}\nCMD ${words(command)}\n`;
  const start = `FROM ${image("node")}\nENV NODE_ENV=production\nWORKDIR /app\n`;
  const output = /^(?:\.\/)?([\w-]+)\//.exec(command[1] ?? "")?.[1];
  const isOutput =
    command[0] === "node" && output !== undefined && (/^(?:dist|build|out)$/.test(output) || !has(project, output));
  // It runs what was built together with what was not: which files these are, only the project knows.
  if (builds && !isOutput) {
    return `${build} && ${chosen(tool.prune)}\n\n${start}COPY --from=build /app ./\n${end}`;
  }
  // Without dependencies the install makes no folder that could be copied.
  const needs = manifest === undefined || manifest.dependencies.size > 0;
  const deps = `FROM ${image("node")} AS deps
WORKDIR /app
${install(chosen(tool.production))}
`;
  return `${needs ? deps : ""}${builds ? `${build}\n\n` : ""}${start}${
    needs ? "COPY --from=deps /app/node_modules ./node_modules\n" : ""
  }${builds ? `COPY --from=build /app/${output} ./${output}\nCOPY package.json ./` : "COPY . ."}
${end}`;
}

/** The same command where there is no lock file yet. */
function withoutLock(command: string): string {
  return command.replace("npm ci", "npm install").replace(" --frozen-lockfile", "");
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
