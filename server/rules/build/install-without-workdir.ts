import { msg } from "../../../engine/base/message.ts";
import { type ContextCopy, contextCopies } from "../../lint/copies.ts";
import { insertAbove, replace } from "../../lint/fixes.ts";
import { startsInRoot } from "../../lint/known-bases.ts";
import type { Install } from "../../lint/package-managers.ts";
import { defineRule, type TextEdit } from "../../lint/rule.ts";

export default defineRule({
  id: "build/install-without-workdir",
  severity: "error",
  summary: msg("Without WORKDIR this runs in the root folder / and not where the project is"),
  why: msg("Each RUN starts in the folder that WORKDIR names. Set it before the files are copied: WORKDIR /app"),
  sameAs: [],
  fix: "suggestion",
  sees: ["COPY", "ADD", "WORKDIR", "ENV", "ARG", "@installs"],
  examples: [
    {
      bad: "FROM node\nCOPY . /app\nRUN npm install\n#   ^^^^^^^^^^^\n",
      good: "FROM node\nWORKDIR /app\nCOPY . .\nRUN npm install\n",
    },
    {
      bad: "FROM python:3\nCOPY requirements.txt /srv/\nRUN pip install -r requirements.txt\n#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\nCOPY . /srv\n",
      good: "FROM python:3\nWORKDIR /srv\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\n",
    },
    {
      bad: 'FROM node\nCOPY . /app\nRUN ["npm", "ci"]\n#    ^^^^^^^^^^^\n',
      good: 'FROM node\nWORKDIR /app\nCOPY . .\nRUN ["npm", "ci"]\n',
    },
    {
      bad: "FROM node\nCOPY . /app\nRUN <<EOF\nset -e\nnpm ci\n#^^^^^\nEOF\n",
      good: "FROM node\nWORKDIR /app\nCOPY . .\nRUN <<EOF\nset -e\nnpm ci\nEOF\n",
    },
    { bad: "FROM node\nCOPY . .\nRUN npm ci\n#   ^^^^^^\n", good: "FROM node\nWORKDIR /app\nCOPY . .\nRUN npm ci\n" },
    {
      bad: "FROM python\nCOPY requirements.txt /tmp/requirements.txt\nRUN pip install -r requirements.txt\n#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n",
      good: "FROM python\nWORKDIR /tmp\nCOPY requirements.txt /tmp/requirements.txt\nRUN pip install -r requirements.txt\n",
    },
  ],
  fine: [
    "FROM node\nWORKDIR /app\nCOPY . .\nRUN npm ci\n",
    "FROM node AS base\nWORKDIR /app\nFROM base\nCOPY . .\nRUN npm ci\n",
    "FROM node\nCOPY . /app\nRUN cd /app && npm ci\nRUN npm --prefix /app ci\nRUN npm install -g yarn\n",
    "FROM python\nCOPY requirements.txt /tmp/\nRUN pip install -r /tmp/requirements.txt\n",
    "FROM my/base\nCOPY . /app\nRUN npm ci\n",
    "FROM python\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY app /app\n",
    "FROM python\nCOPY requirements.txt /requirements.txt\nRUN pip install -r requirements.txt\n",
    "FROM python\nCOPY prod.txt ./requirements.txt\nRUN pip install -r requirements.txt\n",
    "FROM ruby\nCOPY Gemfile Gemfile.lock /\nRUN bundle install\n",
  ],
  *stage(view) {
    if (!startsInRoot(view)) return;
    const copies = contextCopies(view.stage);
    if (copies.length === 0) return;
    for (const run of view.only("RUN")) {
      const { instruction, installs, mounts, onbuild } = run;
      if (view.workdirAt(instruction) !== undefined) return;
      if (onbuild || mounts.some(({ type }) => type === "bind")) continue;
      const found = installs.find(({ install }) => install.usesWorkingFolder);
      const above = copies.filter((copy) => copy.instruction.range.start.line < instruction.range.start.line);
      const [first] = above;
      if (!found || !first || run.commands("cd", "pushd").length > 0) continue;
      // npm takes no project in the root folder; others find there what was copied there.
      const isInRoot = above.some((copy) => folderOf(copy, found.install) === "");
      if (isInRoot && !nodeManager.test(found.install.manager)) continue;
      const target = folderOf(first, found.install);
      const folder = target.startsWith("/") ? target : "/app";
      yield {
        range: found.command.range,
        fix: {
          title: msg("Add WORKDIR {folder}", { folder }),
          edits: [insertAbove(first.instruction, `WORKDIR ${folder}`), ...relativize(copies, folder)],
        },
      };
      return;
    }
  },
});

const nodeManager = /^(?:npm|yarn|pnpm|bun)$/;

/** The folder that is copied to, without a slash at its end: empty for the root folder. */
function folderOf({ destination }: ContextCopy, { manifests }: Install): string {
  const name = destination.replace(/^.*\//, "");
  const folder = manifests.includes(name) ? destination.slice(0, -name.length) : destination;
  return folder.replace(/^\.(?=\/|$)|\/+$/g, "");
}

/** Copies into the new working folder are written as `.`, so that the folder is named once. */
function relativize(copies: readonly ContextCopy[], folder: string): readonly TextEdit[] {
  return copies
    .filter(({ destination, isJson }) => !isJson && destination.replace(/\/+$/, "") === folder)
    .map(({ destination, destinationRange }) => replace(destinationRange, destination.endsWith("/") ? "./" : "."));
}
