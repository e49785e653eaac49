import { type Message, msg } from "../../../engine/base/message.ts";
import { type BuildFetch, buildFetchOf } from "../../lint/build-fetches.ts";
import { type ContextCopy, contextCopies } from "../../lint/copies.ts";
import { existingManifests } from "../../lint/manifest-files.ts";
import { fetchFirst, manifestsFirst } from "../../lint/manifests-first.ts";
import type { Install } from "../../lint/package-managers.ts";
import { defineRule } from "../../lint/rule.ts";
import type { InstructionView, ProjectView } from "../../lint/views.ts";
import type { Command } from "../../shell/model.ts";

export default defineRule({
  id: "cache/copy-before-install",
  severity: "warning",
  summary: msg("Copying everything before the install step makes every source edit install all dependencies again"),
  why: msg(
    "A step is reused only while everything before it is unchanged. Copy the files that list the dependencies, install, then copy the rest.",
  ),
  sameAs: [],
  fix: "suggestion",
  sees: ["COPY", "ADD", "RUN"],
  examples: [
    {
      bad: "FROM node\nWORKDIR /app\nCOPY . .\n#^^^^^^^\nRUN npm ci\n",
      good: "FROM node\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\n",
    },
    {
      files: { Dockerfile: "", "package-lock.json": "", "package.json": "{}", "server.js": "" },
      bad: "FROM node\nWORKDIR /app\nCOPY . /app\n#^^^^^^^^^^\nENV A=b\nRUN npm ci && npm run build\n",
      good: "FROM node\nWORKDIR /app\nCOPY package.json package-lock.json /app/\nENV A=b\nRUN npm ci\nCOPY . /app\nRUN npm run build\n",
    },
    {
      bad: "FROM python\nWORKDIR /app\nCOPY --chown=1 . .\n#^^^^^^^^^^^^^^^^^\nRUN pip install -r requirements.txt\n",
      good: "FROM python\nWORKDIR /app\nCOPY --chown=1 requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY --chown=1 . .\n",
    },
    { bad: "FROM rust\nWORKDIR /app\nCOPY . .\n#^^^^^^^\nRUN cargo fetch\n" },
    { bad: "FROM node\nWORKDIR /app\nCOPY . .\n#^^^^^^^\nRUN ./prepare.sh && npm ci\n" },
    {
      files: { "web/package.json": "{}", "web/bun.lock": "", "api/go.mod": "" },
      bad: "FROM oven/bun\nWORKDIR /app\nCOPY api ./api\nCOPY web ./\n#^^^^^^^^^^\nRUN bun install --frozen-lockfile\n",
      good: "FROM oven/bun\nWORKDIR /app\nCOPY api ./api\nCOPY web/package.json web/bun.lock ./\nRUN bun install --frozen-lockfile\nCOPY web ./\n",
    },
    {
      files: { "go.mod": "module a", "go.sum": "", "main.go": "" },
      bad: "FROM golang AS build\nWORKDIR /src\nCOPY . .\n#^^^^^^^\nRUN go version && CGO_ENABLED=0 go build -o /app .\n",
      good: "FROM golang AS build\nWORKDIR /src\nCOPY go.mod go.sum ./\nRUN go mod download\nCOPY . .\nRUN go version && CGO_ENABLED=0 go build -o /app .\n",
    },
    {
      files: { "pom.xml": "<project/>", "src/A.java": "" },
      bad: "FROM maven\nWORKDIR /app\nCOPY --chown=1 . /app\n#^^^^^^^^^^^^^^^^^^^^\nRUN mvn -B package\n",
      good: "FROM maven\nWORKDIR /app\nCOPY --chown=1 pom.xml /app/\nRUN mvn -B dependency:go-offline\nCOPY --chown=1 . /app\nRUN mvn -B package\n",
    },
    {
      files: { "App.csproj": "", "Program.cs": "" },
      bad: "FROM mcr.microsoft.com/dotnet/sdk\nWORKDIR /src\nCOPY . .\n#^^^^^^^\nRUN dotnet publish -c Release\n",
      good: "FROM mcr.microsoft.com/dotnet/sdk\nWORKDIR /src\nCOPY App.csproj ./\nRUN dotnet restore\nCOPY . .\nRUN dotnet publish -c Release\n",
    },
    {
      files: { "Cargo.toml": "[dependencies]", "Cargo.lock": "" },
      bad: "FROM rust\nWORKDIR /app\nCOPY . .\n#^^^^^^^\nRUN cargo build --release\n",
    },
    {
      files: { "package.json": '{"workspaces":["a"]}', "package-lock.json": "" },
      bad: "FROM node\nWORKDIR /app\nCOPY . .\n#^^^^^^^\nRUN npm ci\n",
    },
    { bad: "FROM node\nWORKDIR /app\nCOPY . .\n#^^^^^^^\nRUN npm --prefix web ci\n" },
    {
      bad: "FROM elixir\nWORKDIR /app\nCOPY . .\n#^^^^^^^\nRUN mix deps.get\n",
      good: "FROM elixir\nWORKDIR /app\nCOPY mix.exs mix.lock ./\nRUN mix deps.get\nCOPY . .\n",
    },
    {
      bad: "FROM dart\nWORKDIR /app\nCOPY . .\n#^^^^^^^\nRUN dart pub get\n",
      good: "FROM dart\nWORKDIR /app\nCOPY pubspec.yaml pubspec.lock ./\nRUN dart pub get\nCOPY . .\n",
    },
    {
      bad: "FROM a/conda\nWORKDIR /app\nCOPY . .\n#^^^^^^^\nRUN conda env create -f environment.yml\n",
      good: "FROM a/conda\nWORKDIR /app\nCOPY environment.yml ./\nRUN conda env create -f environment.yml\nCOPY . .\n",
    },
  ],
  fine: [
    "FROM node\nWORKDIR /app\nCOPY package.json .\nRUN npm ci\nCOPY . .\nRUN npm ci --omit=dev\n",
    "FROM node\nWORKDIR /app\nCOPY . .\nRUN --mount=type=cache,target=/root/.npm npm ci\n",
    "FROM node\nCOPY --from=build . .\nRUN npm ci\n",
    "FROM node\nWORKDIR /app\nCOPY pnpm-lock.yaml ./\nRUN pnpm fetch --prod\nCOPY . .\nRUN pnpm install -r --offline --prod\n",
    "FROM golang\nCOPY . .\nRUN go build ./... && go install example.org/tool@v1\n",
    { text: "FROM golang\nCOPY . .\nRUN go build .\n", files: { "go.mod": "", "main.go": "" } },
    {
      text: "FROM golang\nCOPY . .\nRUN go build .\n",
      files: { "go.mod": "", "go.sum": "", "vendor/modules.txt": "" },
    },
    {
      text: "FROM rust\nCOPY --from=plan recipe.json .\nRUN cargo chef cook --recipe-path recipe.json\nCOPY . .\nRUN cargo build\n",
      files: { "Cargo.toml": "[dependencies]" },
    },
    {
      text: "FROM rust\nCOPY . .\nRUN --mount=type=cache,target=/usr/local/cargo/registry cargo build\n",
      files: { "Cargo.toml": "[dependencies]" },
    },
    { text: "FROM node\nCOPY src src\nRUN npm ci\n", files: { "package.json": "{}", "src/a.js": "" } },
  ],
  *stage(stage) {
    const { instructions, project } = stage;
    const lineOf = ({ instruction }: Pick<InstructionView, "instruction">) => instruction.range.start.line;
    // The first of each family: what was fetched before the copy is fetched for good.
    const firsts = new Map<string, { readonly view: InstructionView; readonly fetch: Fetch; readonly line: number }>();
    for (const view of stage.only("RUN")) {
      if (view.onbuild) continue;
      for (const fetch of fetchesOf(view, project)) {
        if (!firsts.has(fetch.family)) firsts.set(fetch.family, { view, fetch, line: lineOf(view) });
      }
    }
    if (firsts.size === 0) return;
    for (const copy of contextCopies(stage.stage)) {
      const line = lineOf(copy);
      const next = [...firsts.values()].find((one) => one.line > line);
      if (!next) return;
      const { view, fetch } = next;
      const folder = folderOf(copy, fetch.lists, project);
      if (folder === undefined) continue;
      if (view.instruction.flags.some(({ name }) => name === "mount")) return;
      if (fetch.build && !needsFetch(fetch.build, project, folder)) return;
      const between = instructions.filter((one) => lineOf(one) > line && lineOf(one) < next.line);
      const fix = fetch.build
        ? fetchFirst(copy, folder, fetch.build, view, project)
        : manifestsFirst(copy, folder, between, view, project);
      yield {
        range: copy.instruction.range,
        related: [{ range: fetch.command.range, message: msg("This is done again") }],
        ...(fetch.build && { message: buildMessage(fetch.build) }),
        ...(fix && { fix }),
      };
      return;
    }
  },
});

interface Fetch {
  /** Commands of one family fetch the same files: pip and pip3, mvn and mvnw. */
  readonly family: string;
  readonly lists: Pick<Install, "manifests" | "usual">;
  readonly command: Command;
  readonly build?: BuildFetch;
}

function fetchesOf({ installs, script }: InstructionView, project: ProjectView): readonly Fetch[] {
  const fetches: Fetch[] = installs.map(({ install, command }) => ({
    family: familyOf(install.manager),
    lists: install,
    command,
  }));
  for (const command of script.commands) {
    const { name, args } = command;
    // `pnpm fetch` reads nothing but the lock file; the install behind it downloads nothing.
    if (name === "pnpm" && args.some(({ text }) => text === "fetch"))
      fetches.push({ family: name, lists: { manifests: [], usual: "" }, command });
    // Whether a build has anything to fetch is only known from its files.
    if (!project.known) continue;
    const build = buildFetchOf([name, ...args.map(({ text }) => text)]);
    if (build) fetches.push({ family: familyOf(build.manager), lists: build, command, build });
    // Whatever comes later has something to find.
    else if (/^(?:cargo chef|go get)$/.test(`${name} ${args[0]?.text}`))
      fetches.push({ family: name, lists: { manifests: [], usual: "" }, command });
  }
  return fetches;
}

function familyOf(manager: string): string {
  return manager.replace(/^(?:pip3|python)$/, "pip").replace(/^(mvn|gradle)w$/, "$1");
}

/** The folder of the context whose files the copy brings and whose manifests the step reads; `""`: the context itself. */
function folderOf(copy: ContextCopy, lists: Fetch["lists"], project: ProjectView): string | undefined {
  if (lists.manifests.length === 0 && lists.usual === "") return undefined;
  if (copy.isWhole) return "";
  const [source = ""] = copy.sources;
  const folder = source.replace(/^\.?\/+/, "").replace(/\/+$/, "");
  if (copy.sources.length !== 1 || folder === "" || /[*?[$]/.test(folder)) return undefined;
  return existingManifests(lists, project, folder).length > 0 ? folder : undefined;
}

/** Projects without dependencies, or with them beside the sources, have nothing to fetch. */
function needsFetch(build: BuildFetch, project: ProjectView, folder: string): boolean {
  const path = (name: string) => (folder === "" ? name : `${folder}/${name}`);
  if (project.exists(path("vendor")) || existingManifests(build, project, folder).length === 0) return false;
  if (build.manager === "go") return project.exists(path("go.sum")) === true;
  if (build.manager === "cargo") return /dependencies/.test(project.text(path("Cargo.toml")) ?? "dependencies");
  return true;
}

function buildMessage({ manager }: BuildFetch): Message {
  if (manager !== "cargo")
    return msg("Every source edit makes {command} fetch all dependencies again", { command: manager });
  return msg(
    "Every source edit makes cargo build all dependencies again: copy Cargo.toml and Cargo.lock first and build them with an empty src/main.rs, or use cargo-chef",
  );
}
