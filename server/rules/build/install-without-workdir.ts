import { msg } from "../../../engine/base/message.ts";
import { type ContextCopy, contextCopies } from "../../lint/copies.ts";
import { insertAbove, replace } from "../../lint/fixes.ts";
import { defineRule, type TextEdit } from "../../lint/rule.ts";

/** Base images that are known to leave the working folder at `/`. Others may set their own. */
const startsInRoot =
  /^(?:docker\.io\/)?(?:library\/)?(?:node|python|ruby|debian|ubuntu|alpine|rust|fedora|openjdk|eclipse-temurin)(?:[:@]|$)/;

export default defineRule({
  id: "build/install-without-workdir",
  severity: "error",
  summary: msg("Without WORKDIR this runs in the root folder / and not where the project is"),
  why: msg("Each RUN starts in the folder that WORKDIR names. Set it before the files are copied: WORKDIR /app"),
  sameAs: [],
  fix: "suggestion",
  examples: [
    {
      bad: "FROM node\nCOPY . /app\nRUN npm install\n#   ^^^^^^^^^^^\n",
      good: "FROM node\nWORKDIR /app\nCOPY . .\nRUN npm install\n",
    },
    {
      bad: "FROM python:3\nCOPY requirements.txt /srv/\nRUN pip install -r requirements.txt\n#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\nCOPY . /srv\n",
      good: "FROM python:3\nWORKDIR /srv\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\n",
    },
    { bad: "FROM node\nCOPY . .\nRUN npm ci\n#   ^^^^^^\n", good: "FROM node\nWORKDIR /app\nCOPY . .\nRUN npm ci\n" },
  ],
  fine: [
    "FROM node\nWORKDIR /app\nCOPY . .\nRUN npm ci\n",
    "FROM node AS base\nWORKDIR /app\nFROM base\nCOPY . .\nRUN npm ci\n",
    "FROM node\nCOPY . /app\nRUN cd /app && npm ci\nRUN npm --prefix /app ci\nRUN npm install -g yarn\n",
    "FROM python\nCOPY requirements.txt /tmp/\nRUN pip install -r /tmp/requirements.txt\n",
    "FROM my/base\nCOPY . /app\nRUN npm ci\n",
  ],
  *check({ dockerfile, facts }) {
    for (const stage of dockerfile.stages) {
      const chain = facts.ancestry(stage);
      const isSet = (one: typeof stage) => one.instructions.some(({ keyword }) => keyword === "WORKDIR");
      if (!startsInRoot.test(chain.at(-1)?.from.words[0]?.text ?? "") || chain.slice(1).some(isSet)) continue;
      const copies = contextCopies(stage);
      const end = stage.instructions.findIndex(({ keyword }) => keyword === "WORKDIR");
      for (const run of stage.instructions.slice(0, end < 0 ? undefined : end)) {
        if (run.keyword !== "RUN" || run.flags.some(({ value }) => value?.includes("type=bind"))) continue;
        const found = facts.installs(run).find(({ install }) => install.usesWorkingFolder);
        const first = copies.find((copy) => copy.instruction.range.start.line < run.range.start.line);
        const movesAway = facts.script(run).commands.some(({ words }) => words[0] === "cd" || words[0] === "pushd");
        if (!found || !first || movesAway) continue;
        const folder = /^\/./.test(first.destination) ? first.destination.replace(/\/+$/, "") : "/app";
        yield {
          range: found.command.range,
          fix: {
            title: msg("Add WORKDIR {folder}", { folder }),
            edits: [insertAbove(dockerfile, first.instruction, `WORKDIR ${folder}`), ...relativize(copies, folder)],
          },
        };
        break;
      }
    }
  },
});

/** Copies into the new working folder are written as `.`, so that the folder is named once. */
function relativize(copies: readonly ContextCopy[], folder: string): readonly TextEdit[] {
  return copies
    .filter(({ destination, isJson }) => !isJson && destination.replace(/\/+$/, "") === folder)
    .map(({ destination, destinationRange }) => replace(destinationRange, destination.endsWith("/") ? "./" : "."));
}
