import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { buildToolOf, readManifest } from "../../lint/node-project.ts";
import { addWord, wordsOf } from "../../lint/packages.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";
import type { InstructionView, StageView } from "../../lint/views.ts";
import { subcommand } from "../../shell/arguments.ts";
import type { Command } from "../../shell/model.ts";

const flags = /^--(?:production(?:=true)?|prod|only=prod(?:uction)?|omit=dev|no-dev)$/;
const includes = /^--(?:include=dev|production=false|prod=false|dev)$/;
const withAll: Readonly<Record<string, string>> = {
  npm: "--include=dev",
  yarn: "--production=false",
  pnpm: "--prod=false",
};

export default defineRule({
  id: "packages/dev-dependencies",
  severity: "warning",
  summary: msg("The build step needs development dependencies that this install leaves out"),
  why: msg(
    "With NODE_ENV=production, or with --omit=dev, only what runs in production is installed: the compiler is missing and the build step ends with “not found”.",
  ),
  learn: msg(
    "Install everything in the stage that builds, and only the production dependencies in the last stage that runs the app. Set NODE_ENV=production after the build.",
  ),
  sameAs: [],
  fix: "suggestion",
  sees: ["RUN", "ENV", "ARG"],
  examples: [
    {
      files: { "package.json": '{"scripts":{"build":"tsc -b"},"devDependencies":{"typescript":"5"}}' },
      bad: "FROM node\nENV NODE_ENV=production\nCOPY . .\nRUN npm ci\n#   ^^^^^^\nRUN npm run build\n",
      good: "FROM node\nENV NODE_ENV=production\nCOPY . .\nRUN npm ci --include=dev\nRUN npm run build\n",
    },
    {
      files: { "package.json": '{"scripts":{"build":"vite build"},"devDependencies":{"vite":"7"}}' },
      bad: "FROM node\nCOPY . .\nRUN npm ci --omit=dev && \\\n#   ^^^^^^\n    npm run build\n",
      good: "FROM node\nCOPY . .\nRUN npm ci && \\\n    npm run build\n",
    },
    {
      bad: "FROM node AS base\nENV NODE_ENV=production\nFROM base\nRUN yarn install --frozen-lockfile\n#   ^^^^^^^^^^^^\nONBUILD RUN true\nRUN npx tsc\n",
      good: "FROM node AS base\nENV NODE_ENV=production\nFROM base\nRUN yarn install --production=false --frozen-lockfile\nONBUILD RUN true\nRUN npx tsc\n",
    },
    {
      bad: "FROM node\nRUN <<EOF\npnpm install --prod\n#^^^^^^^^^^^\nvite build\nEOF\n",
      good: "FROM node\nRUN <<EOF\npnpm install\nvite build\nEOF\n",
    },
  ],
  fine: [
    "FROM node\nRUN npm ci && npm run build\nENV NODE_ENV=production\nRUN npm ci --omit=dev\n",
    "FROM node\nENV NODE_ENV=production\nRUN npm ci --include=dev && npx tsc\n",
    "FROM node\nENV NODE_ENV=production\nRUN NODE_ENV=development npm ci && npx tsc\n",
    "FROM node\nRUN npm ci --omit=dev\nFROM node\nRUN npm ci && npx tsc\n",
    "FROM node\nENV NODE_ENV=production\nRUN npm ci\nRUN npm run build\n",
    {
      text: "FROM node\nENV NODE_ENV=production\nRUN npm ci\nRUN npm run build\n",
      files: {
        "package.json": '{"scripts":{"build":"next build"},"dependencies":{"next":"16"},"devDependencies":{"a":"1"}}',
      },
    },
    "FROM node\nENV NODE_ENV=production\nRUN npm install -g typescript && npm ci && tsc\n",
  ],
  *stage(stage) {
    if (stage.commands("npm", "yarn", "pnpm").length === 0) return;
    const manifest = readManifest(stage.project);
    const globals = new Set<string>();
    let lean: { readonly view: InstructionView; readonly command: Command; readonly fix: Fix | undefined } | undefined;
    for (const view of stage.only("RUN")) {
      if (view.onbuild) continue;
      const installing = new Set(view.installs.map(({ command }) => command));
      for (const command of view.script.commands) {
        if (installing.has(command) && command.name in withAll) {
          lean = leavesOut(command, view, stage) ? { view, command, fix: fixOf(command, view) } : undefined;
          continue;
        }
        for (const name of globalsOf(command)) globals.add(name);
        const tool = lean && buildToolOf(command, manifest);
        if (!tool || !lean || globals.has(tool)) continue;
        const verb = subcommand(lean.command);
        yield {
          range: verb ? wordsOf(lean.command, verb) : lean.command.program.range,
          message: msg("{command} leaves out the development dependencies, and a later step needs {tool}", {
            command: lean.command.name,
            tool,
          }),
          ...(lean.fix && { fix: lean.fix }),
        };
        lean = undefined;
      }
    }
  },
});

/** `typescript` of `npm install -g typescript@5`. */
function globalsOf({ name, args }: Command): readonly string[] {
  const texts = args.map(({ text }) => text);
  if (!/^(?:npm|pnpm|yarn)$/.test(name) || !texts.some((text) => /^(?:-g|--global|global)$/.test(text))) return [];
  return texts.map((text) => text.replace(/(.)@.*$/, "$1"));
}

function leavesOut(command: Command, { instruction }: InstructionView, stage: StageView): boolean {
  if (!(command.name in withAll)) return false;
  const texts = command.args.map(({ text }) => text);
  if (texts.some((text) => includes.test(text))) return false;
  if (texts.some((text) => flags.test(text))) return true;
  const own = command.assignments.find(({ name }) => name === "NODE_ENV")?.value;
  return (own ?? stage.variablesAt(instruction).get("NODE_ENV")?.value) === "production";
}

function fixOf(command: Command, view: InstructionView): Fix | undefined {
  const at = command.args.findIndex(({ text }) => flags.test(text));
  const word = command.args[at];
  const before = command.args[at - 1] ?? command.program;
  if (word) {
    if (view.script.dialect === "exec" || before.range.end.line !== word.range.start.line) return undefined;
    const range = { start: before.range.end, end: word.range.end };
    return { title: msg("Install the development dependencies too"), edits: [replace(range, "")] };
  }
  const flag = withAll[command.name];
  const verb = subcommand(command);
  return verb && flag
    ? { title: msg("Install the development dependencies too"), edits: [addWord(view, verb, flag)] }
    : undefined;
}
