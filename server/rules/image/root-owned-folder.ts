import { msg } from "../../../engine/base/message.ts";
import { insertAbove } from "../../lint/fixes.ts";
import { startsInRoot } from "../../lint/known-bases.ts";
import { defineRule } from "../../lint/rule.ts";
import { isRoot } from "../../lint/stage-user.ts";
import type { InstructionView } from "../../lint/views.ts";

export default defineRule({
  id: "image/root-owned-folder",
  severity: "warning",
  summary: msg("The working folder belongs to root, so that this user cannot install packages into it"),
  why: msg(
    "WORKDIR makes the folder for the user that is set above it. Give it to the later user before USER, or put WORKDIR below USER.",
  ),
  learn: msg(
    "Files and folders have an owner, and only the owner may change them. Above USER everything is made by root. COPY has --chown for the files that it copies; a folder is given away with chown.",
  ),
  sameAs: [],
  fix: "suggestion",
  sees: ["USER", "WORKDIR", "ENV", "ARG", "chown", "install", "chmod", "@installs"],
  examples: [
    {
      bad: "FROM node\nWORKDIR /app\nUSER node\nCOPY --chown=node package*.json ./\nRUN npm ci\n#   ^^^^^^\n",
      good: "FROM node\nWORKDIR /app\nRUN chown node /app\nUSER node\nCOPY --chown=node package*.json ./\nRUN npm ci\n",
    },
    {
      bad: "FROM node:24-alpine\nWORKDIR /usr/src/app\nCOPY . .\nUSER 1000:1000\nRUN echo a && yarn install\n#             ^^^^^^^^^^^^\n",
      good: "FROM node:24-alpine\nWORKDIR /usr/src/app\nCOPY . .\nRUN chown 1000:1000 /usr/src/app\nUSER 1000:1000\nRUN echo a && yarn install\n",
    },
    { bad: 'FROM node\nWORKDIR /a"b\nUSER node\nRUN npm ci\n#   ^^^^^^\n' },
  ],
  fine: [
    "FROM node\nUSER node\nWORKDIR /app\nRUN npm ci\n",
    "FROM node\nWORKDIR /app\nRUN chown node:node .\nUSER node\nRUN npm ci\n",
    "FROM node\nRUN mkdir /app && chown node /app\nWORKDIR /app\nUSER node\nRUN npm ci\n",
    "FROM node\nWORKDIR /app\nRUN npm ci\nUSER node\nRUN npm run build\n",
    "FROM my/base\nWORKDIR /app\nUSER app\nRUN npm ci\n",
    "FROM node\nWORKDIR /app\nUSER $USER\nRUN npm ci\nUSER root\nRUN npm ci\nUSER node\nRUN cd /tmp && npm ci\n",
    "FROM python\nWORKDIR /app\nUSER app\nRUN pip install -r requirements.txt\n",
  ],
  *stage(view) {
    if (view.parent || view.only("USER").length === 0 || !startsInRoot(view)) return;
    if (view.commands("chown", "install", "chmod").length > 0) return;
    let user: InstructionView | undefined;
    let isOfRoot = false;
    for (const one of view.instructions) {
      if (one.onbuild) continue;
      const isOrdinary = user !== undefined && !isRoot(nameOf(user));
      if (one.keyword === "USER") user = one;
      if (one.keyword === "WORKDIR") isOfRoot = !isOrdinary;
      if (one.keyword !== "RUN" || !isOrdinary || !isOfRoot || !user || nameOf(user).includes("$")) continue;
      const found = one.installs.find(({ install }) => install.usesWorkingFolder && writing.has(install.manager));
      const folder = view.workdirAt(one.instruction);
      if (!found || !folder?.startsWith("/") || one.commands("cd", "pushd").length > 0 || one.mounts.length > 0)
        continue;
      const name = nameOf(user);
      yield {
        range: found.command.range,
        message: msg("{folder} belongs to root, so that {user} cannot install packages into it", {
          folder,
          user: name,
        }),
        ...(isPlain(name) &&
          isPlain(folder) && {
            fix: {
              title: msg("Give {folder} to {user}", { folder, user: name }),
              edits: [insertAbove(user.instruction, `RUN chown ${name} ${folder}`)],
            },
          }),
      };
      return;
    }
  },
});

/** They make node_modules in the working folder. */
const writing = new Set(["npm", "yarn", "pnpm", "bun"]);

/** A shell reads it as it is written. */
function isPlain(word: string): boolean {
  return /^[\w./:@+][\w./:@+-]*$/.test(word);
}

function nameOf({ instruction }: InstructionView): string {
  return instruction.rest.text.trim();
}
