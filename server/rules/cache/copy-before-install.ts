import { msg } from "../../../engine/base/message.ts";
import { contextCopies } from "../../lint/copies.ts";
import { manifestsFirst } from "../../lint/manifests-first.ts";
import { defineRule } from "../../lint/rule.ts";
import type { InstructionView } from "../../lint/views.ts";

export default defineRule({
  id: "cache/copy-before-install",
  severity: "warning",
  summary: msg("Copying everything before the install step makes every source edit install all dependencies again"),
  why: msg(
    "A step is reused only while everything before it is unchanged. Copy the files that list the dependencies, install, then copy the rest.",
  ),
  sameAs: [],
  fix: "suggestion",
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
  ],
  fine: [
    "FROM node\nWORKDIR /app\nCOPY package.json .\nRUN npm ci\nCOPY . .\nRUN npm ci --omit=dev\n",
    "FROM node\nWORKDIR /app\nCOPY . .\nRUN --mount=type=cache,target=/root/.npm npm ci\n",
    "FROM node\nCOPY --from=build . .\nRUN npm ci\n",
  ],
  *stage({ stage, instructions, project }) {
    const copy = contextCopies(stage).find(({ isWhole }) => isWhole);
    if (!copy) return;
    const at = instructions.findIndex(({ instruction }) => instruction === copy.instruction);
    const runs = (list: readonly InstructionView[]) =>
      list.filter(({ keyword, onbuild }) => keyword === "RUN" && !onbuild);
    const done = runs(instructions.slice(0, at)).flatMap(({ installs }) =>
      installs.map(({ install }) => install.manager),
    );
    const later = instructions.slice(at + 1);
    const run = runs(later).find(({ installs }) => installs.some(({ install }) => !done.includes(install.manager)));
    if (!run || run.instruction.flags.some(({ name }) => name === "mount")) return;
    const fix = manifestsFirst(copy, later.slice(0, later.indexOf(run)), run, project);
    yield { range: copy.instruction.range, ...(fix && { fix }) };
  },
});
