import { msg } from "../../../engine/base/message.ts";
import { buildFetchOf, buildPrograms, mayFetch } from "../../lint/build-fetches.ts";
import { type CacheFolders, cacheFoldersOf } from "../../lint/cache-folders.ts";
import { lastUse } from "../../lint/cleanups.ts";
import { inherited } from "../../lint/inherited.ts";
import { apk, apt, dnf, packageCalls, wordsOf } from "../../lint/packages.ts";
import { defineRule, type Fix, type TextEdit } from "../../lint/rule.ts";
import type { InstructionView, StageView } from "../../lint/views.ts";
import { subcommand } from "../../shell/arguments.ts";
import type { Command } from "../../shell/model.ts";

/** Who says so, or cleans up, wants no cache. */
const cacheless =
  /--no-cache\b|--no-cache-dir|cache (?:clean|purge|clear)|clean(?: --?\S+)* (?:(?:--)?all\b|-[a-z]*a)|\bstore prune/;
const cacheFolder = /cache|\/var\/lib\/apt|\.npm|\.m2|\.gradle/;
/** Fewer packages are fetched faster than the hint is read. */
const manyPackages = 8;

/** Managers that can install from what they downloaded before. */
const offline = ["npm", "yarn", "pnpm", "bun", "uv"];

export default defineRule({
  id: "cache/cache-mount",
  severity: "hint",
  summary: msg("A cache mount would keep the downloads between builds, outside the image"),
  why: msg(
    "When a manifest changes the whole step is done again. With RUN --mount=type=cache only what is new is downloaded, and the cache takes no place in the image.",
  ),
  learn: msg(
    "A cache mount is a folder that the builder keeps for the next build and shows only while this RUN runs. The package manager finds there what it downloaded last time.",
  ),
  note: msg(
    "Silent where the cache is switched off or cleaned in the same RUN, and for a few system packages. Modules of Go, Cargo, Maven, Gradle, NuGet and Pub are used by later steps too, so the fix changes all their steps.",
  ),
  sameAs: [],
  fix: "suggestion",
  sees: [
    "USER",
    "ENV",
    "ARG",
    "CMD",
    "ENTRYPOINT",
    "@installs",
    ...offline,
    ...buildPrograms,
    ...apt.programs,
    ...dnf.programs,
    ...apk.programs,
  ],
  examples: [
    {
      bad: "FROM node\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci --omit=dev\n#   ^^^^^^\n",
      good: "FROM node\nWORKDIR /app\nCOPY package*.json ./\nRUN --mount=type=cache,target=/root/.npm npm ci --omit=dev\n",
    },
    {
      bad: "FROM golang:1.25 AS build\nCOPY go.mod go.sum ./\nRUN go mod download\n#   ^^^^^^\nCOPY . .\nRUN --network=none go build -o /app . \\\n && /app --version\nFROM scratch\nCOPY --from=build /app /\n",
      good: "FROM golang:1.25 AS build\nCOPY go.mod go.sum ./\nRUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build go mod download\nCOPY . .\nRUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build --network=none go build -o /app . \\\n && /app --version\nFROM scratch\nCOPY --from=build /app /\n",
    },
    {
      bad: "FROM python\nENV PIP_CACHE_DIR=/pip\nRUN <<EOF\npip install -r requirements.txt\n#^^^^^^^^^^\nEOF\nONBUILD RUN pip install -r requirements.txt\n",
      good: "FROM python\nENV PIP_CACHE_DIR=/pip\nRUN --mount=type=cache,target=/pip <<EOF\npip install -r requirements.txt\nEOF\nONBUILD RUN pip install -r requirements.txt\n",
    },
    {
      bad: "FROM rust AS build\nRUN cargo build --release\n#   ^^^^^^^^^^^\nFROM debian\nCOPY --from=build /app /app\n",
      good: "FROM rust AS build\nRUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/usr/local/cargo/git cargo build --release\nFROM debian\nCOPY --from=build /app /app\n",
    },
    { bad: "FROM node\nUSER app\nRUN yarn install --frozen-lockfile\n#   ^^^^^^^^^^^^\n" },
    {
      bad: "FROM debian\nRUN apt-get update && \\\n    apt-get install -y a b c d e f g h\n#   ^^^^^^^^^^^^^^^\n",
      good: "FROM debian\nRUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt,sharing=locked rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && \\\n    apt-get install -y a b c d e f g h\n",
    },
    {
      bad: "FROM debian\nRUN apt-get update\nRUN true && apt-get install -y a b c d e f g h\n#           ^^^^^^^^^^^^^^^\n",
    },
    {
      bad: "FROM mcr.microsoft.com/dotnet/sdk AS build\nRUN dotnet restore App/App.csproj\n#   ^^^^^^^^^^^^^^\nRUN dotnet publish App\n",
      good: "FROM mcr.microsoft.com/dotnet/sdk AS build\nRUN --mount=type=cache,target=/root/.nuget/packages dotnet restore App/App.csproj\nRUN --mount=type=cache,target=/root/.nuget/packages dotnet publish App\n",
    },
    {
      bad: "FROM mcr.microsoft.com/dotnet/sdk AS build\nRUN dotnet restore\n#   ^^^^^^^^^^^^^^\nRUN dotnet publish --no-restore -o /app && dotnet --version\nRUN dotnet --version\n",
      good: "FROM mcr.microsoft.com/dotnet/sdk AS build\nRUN --mount=type=cache,target=/root/.nuget/packages dotnet restore\nRUN --mount=type=cache,target=/root/.nuget/packages dotnet publish --no-restore -o /app && dotnet --version\nRUN dotnet --version\n",
    },
    {
      bad: "FROM rust AS build\nRUN cargo fetch --locked\n#   ^^^^^^^^^^^\nRUN cargo run --offline\n",
      good: "FROM rust AS build\nRUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/usr/local/cargo/git cargo fetch --locked\nRUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/usr/local/cargo/git cargo run --offline\n",
    },
    {
      bad: "FROM lukemathwalker/cargo-chef:0.1-rust-1 AS chef\nRUN cargo chef cook --release\n#   ^^^^^^^^^^\nFROM chef\nRUN cargo build --release\n",
    },
    { bad: "FROM maven AS base\nRUN mvn dependency:go-offline\n#   ^^^^^^^^^^^^^^^^^^^^^^^^^\nFROM base\nRUN true\n" },
    { bad: "FROM node\nRUN npm ci\n#   ^^^^^^\nRUN npm ci --prefer-offline --omit=dev\n" },
    { bad: "FROM node\nRUN pnpm install\n#   ^^^^^^^^^^^^\nRUN pnpm install --offline --prod\n" },
  ],
  fine: [
    'FROM golang\nRUN go mod download\nCMD ["go", "run", "."]\n',
    'FROM golang\nRUN go mod download\nCMD ["env", "CONFIG=a.yaml", "go", "run", "."]\n',
    "FROM golang\nRUN go mod download\nCMD cd src && PORT=80 exec go run .\n",
    'FROM eclipse-temurin\nRUN ./mvnw dependency:resolve\nENTRYPOINT ["./mvnw", "spring-boot:run"]\n',
    "FROM a/conda\nRUN conda env create -f environment.yml && conda clean -afy\nRUN mamba env update -f b.yml && mamba clean --all -y\n",
    "FROM node\nRUN --mount=type=cache,target=/root/.npm npm ci\n",
    "FROM node\nRUN --mount=type=cache,target=/npm npm ci --cache /npm\n",
    "FROM python\nRUN pip install --no-cache-dir -r requirements.txt\n",
    "FROM python\nENV PIP_NO_CACHE_DIR=1\nRUN pip install -r requirements.txt\n",
    "FROM node\nRUN npm ci && npm cache clean --force\nRUN yarn install && yarn cache clean\n",
    "FROM debian\nRUN apt-get update && apt-get install -y a b c d e f g h i && rm -rf /var/lib/apt/lists/*\n",
    "FROM debian\nRUN apt-get update && apt-get install -y curl\nRUN npm install -g pnpm\n",
    "FROM rust\nRUN cargo build --offline\nRUN dotnet publish --no-restore\n",
    "FROM mcr.microsoft.com/dotnet/sdk:8.0-nanoserver-ltsc2022\nRUN dotnet restore\n",
    "FROM alpine\nRUN apk add --no-cache a b c d e f g h i j\n",
  ],
  *stage(stage) {
    const byManager = new Map<string, Use[]>();
    for (const view of stage.only("RUN")) {
      if (view.onbuild) continue;
      for (const use of usesOf(view)) {
        const uses = byManager.get(use.manager);
        if (uses) uses.push(use);
        else byManager.set(use.manager, [use]);
      }
    }
    for (const [manager, uses] of byManager) {
      const [first] = uses;
      const cache = cacheFoldersOf(manager, stage);
      const isKept = [...new Set(uses.map(({ view }) => view))].some((view) => isCared(view, stage));
      if (!first || !cache || isKept) continue;
      // The stage that this one is built from has the downloads in a layer; it is told so there.
      if (cache.isStore && stage.parent && fetchedIn(stage.parent).has(manager)) continue;
      if (cache.isStore && runsWith(manager, stage)) continue;
      const verb = subcommand(first.command);
      const fix = mountFix(manager, uses, stage, cache);
      yield {
        range: verb ? wordsOf(first.command, verb) : first.command.program.range,
        message: msg(
          "{command} downloads everything again whenever this step is done again: keep {folders} in a cache mount",
          {
            command: manager,
            folders: (isRootAt(first.view, stage) ? cache.folders : cache.folders.map(ofUser)).join(", "),
          },
        ),
        ...(fix && { fix }),
      };
    }
  },
});

/** Of a project that is named, and of a recipe: the plain ones are installs. */
const fetchOnly = /^(?:dotnet restore|cargo chef cook)(?: |$)/;

const fetchedIn = inherited<ReadonlySet<string>>((stage, above) => {
  const own = stage.only("RUN").flatMap((view) => (view.onbuild ? [] : usesOf(view).map(({ manager }) => manager)));
  return above && own.every((manager) => above.has(manager)) ? above : new Set([...(above ?? []), ...own]);
});

interface Use {
  readonly manager: string;
  readonly view: InstructionView;
  readonly command: Command;
}

function usesOf(view: InstructionView): readonly Use[] {
  const { installs, script } = view;
  if (script.dialect !== "sh" && script.dialect !== "bash") return [];
  const uses: Use[] = installs.map(({ command, install }) => ({
    manager: install.manager.replace(/^(?:pip3|python)$/, "pip"),
    view,
    command,
  }));
  for (const command of script.commands) {
    if (!mayFetch(command.name)) continue;
    const words = [command.name, ...command.args.map(({ text }) => text)];
    const isFetch = buildFetchOf(words) !== undefined || fetchOnly.test(words.join(" "));
    if (isFetch && uses.every((use) => use.command !== command)) uses.push({ manager: command.name, view, command });
  }
  for (const [manager, tool] of Object.entries({ apt, dnf, apk })) {
    for (const { command, operands } of packageCalls(script.commands, tool, ["install", "add"])) {
      if (operands.length >= manyPackages) uses.push({ manager, view, command });
    }
  }
  return uses.filter(({ command }) => !/\s(?:--offline|--no-restore|-mod=vendor)(?:\s|$)/.test(command.text));
}

/** mvn and mvnw share a store, and so do gradle and gradlew. */
const family = (program: string) => program.replace(/^(mvn|gradle)w$/, "$1");

/** Steps behind the first fetch that find in the store what it fetched, as `cargo build --offline` and `dotnet run --no-restore`. */
function storeUsers(manager: string, [first]: readonly Use[], stage: StageView): readonly InstructionView[] {
  const line = first?.view.instruction.range.start.line ?? 0;
  return stage.only("RUN").filter(({ onbuild, instruction, script }) => {
    if (onbuild || instruction.range.start.line <= line) return false;
    return script.commands.some(
      ({ name, args }) => family(name) === family(manager) && !/^(?:-*version|env|-v|-V)?$/.test(args[0]?.text ?? ""),
    );
  });
}

/** The container that is started from the stage builds too: what is fetched has to be in the image. */
function runsWith(manager: string, stage: StageView): boolean {
  return stage.only("CMD", "ENTRYPOINT").some(({ instruction }) => {
    const words = instruction.json?.map(({ value }) => value) ?? instruction.words.map(({ text }) => text);
    const text = words.join(" ").replace(/^(?:\S*\/)?(?:sh|bash|ash) -\w*c /, "");
    return text.split(/&&|\|\||;/).some((command) => {
      const [program = "", first = ""] = command.replace(/^\s*(?:(?:env|exec|\w+=\S*)\s+)*/, "").split(/\s+/);
      const name = program.replace(/^.*\//, "");
      if (name === "air" && manager === "go") return true;
      return family(name) === family(manager) && (name !== "dotnet" || /^(?:run|watch|test|build)$/.test(first));
    });
  });
}

/** It has a cache mount already, or wants no cache. */
function isCared(view: InstructionView, stage: StageView): boolean {
  if (view.mounts.some(({ type }) => type === "cache")) return true;
  if (cacheless.test(view.script.text)) return true;
  if (view.commands("rm").some(({ args }) => args.some(({ text }) => cacheFolder.test(text)))) return true;
  const variables = stage.variablesAt(view.instruction);
  return variables.has("PIP_NO_CACHE_DIR") || variables.has("UV_NO_CACHE") || variables.has("POETRY_NO_CACHE");
}

/** Is RUN's user root, as far as the stages of this file say? */
function isRootAt({ instruction }: InstructionView, stage: StageView): boolean {
  const last = stage.only("USER").findLast((one) => one.instruction.range.start.line < instruction.range.start.line);
  let user = last;
  for (let one = stage.parent; one && !user; one = one.parent) user = one.only("USER").at(-1);
  return !user || /^(?:root|0)(?::|$)/.test(user.instruction.rest.text.trim());
}

/** Where another user's tool keeps what it keeps in root's home for root; Yarn's folder is root's, too. */
function ofUser(folder: string): string {
  return folder.replace(/^(?:\/root|\/usr\/local\/share(?=\/\.cache\/yarn$))/, "~");
}

/** For root only: another user needs a folder of its own, and mounts that belong to it. */
function mountFix(manager: string, uses: readonly Use[], stage: StageView, cache: CacheFolders): Fix | undefined {
  const users: InstructionView[] = [];
  for (let one: StageView | undefined = stage; one; one = one.parent) users.push(...one.only("USER"));
  const isRoot = users.every(({ instruction }) => /^(?:root|0)(?::|$)/.test(instruction.rest.text.trim()));
  // Stages that are built on this one use a store too.
  if (!isRoot || manager === "dnf" || (cache.isStore && (stage.isBase || stage.parent))) return undefined;
  // What an offline install finds in the image would be in the mount only, which may be empty when its step is done again.
  if (offline.includes(manager) && lastUse(stage, [manager], "--offline", "--prefer-offline") >= 0) return undefined;
  const sharing = cache.isLocked ? ",sharing=locked" : "";
  const mounts = cache.folders.map((folder) => `--mount=type=cache,target=${folder}${sharing} `).join("");
  const used = (cache.isStore ? uses : uses.slice(0, 1)).map(({ view }) => view);
  const views = [...new Set(cache.isStore ? [...used, ...storeUsers(manager, uses, stage)] : used)];
  const edits: TextEdit[] = [];
  for (const view of views) {
    const { flags, rest } = view.instruction;
    const at = flags[0]?.range.start ?? rest.rangeOf(0, 1).start;
    edits.push({ range: { start: at, end: at }, newText: mounts });
    if (manager !== "apt") continue;
    const keep = keepsDownloads(view);
    if (!keep) return undefined;
    edits.push(keep);
  }
  // Where a clean-up is put behind the command, the mount would be emptied each time.
  return { title: msg("Keep the downloads in a cache mount"), edits, isLast: true };
}

/** Images of Debian tell apt to delete what it downloaded; and the lists have to be fetched where the mounts are. */
function keepsDownloads(view: InstructionView): TextEdit | undefined {
  const { script, instruction } = view;
  const [first] = script.commands;
  const isUpdated = packageCalls(script.commands, apt, ["update"]).length > 0;
  if (!first || !isUpdated || instruction.heredocs.length > 0 || first.context !== "top") return undefined;
  const at = script.rangeOf(first.wholeStart, first.wholeStart).start;
  return { range: { start: at, end: at }, newText: "rm -f /etc/apt/apt.conf.d/docker-clean && " };
}
