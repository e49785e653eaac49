import { msg } from "../../../engine/base/message.ts";
import { removeLines, replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";
import type { InstructionView } from "../../lint/views.ts";
import type { Command } from "../../shell/model.ts";

export default defineRule({
  id: "build/workdir-makes-folder",
  severity: "hint",
  summary: msg("WORKDIR makes the folder itself"),
  why: msg("WORKDIR creates the folder when it is missing, without a layer of its own for mkdir."),
  sameAs: [],
  fix: "suggestion",
  sees: ["mkdir", "WORKDIR"],
  examples: [
    { bad: "FROM node\nRUN mkdir -p /app\n#^^^^^^^^^^^^^^^^\nWORKDIR /app\n", good: "FROM node\nWORKDIR /app\n" },
    {
      bad: "FROM node\nRUN mkdir -p /app && cd /app\n#^^^^^^^^^^^^^^^^^^^^^^^^^^^\nCOPY . .\n",
      good: "FROM node\nWORKDIR /app\nCOPY . .\n",
    },
    {
      bad: 'FROM node\nRUN ["mkdir", "/app"]\n#^^^^^^^^^^^^^^^^^^^^\nWORKDIR /app/\n',
      good: "FROM node\nWORKDIR /app/\n",
    },
  ],
  fine: [
    "FROM node\nRUN mkdir -p /app /data\nWORKDIR /app\n",
    "FROM node\nRUN mkdir -p /app && chown node /app\nWORKDIR /app\n",
    "FROM node\nRUN mkdir -m 700 /app\nWORKDIR /app\nRUN mkdir -p /data && cd /x\nRUN mkdir -p /b && cd /b && make\n",
    "FROM node\nRUN mkdir -p /app\nUSER node\nWORKDIR /app\n",
    "FROM node\nRUN mkdir -p $A && cd $A\n",
  ],
  *stage({ instructions }) {
    for (const [at, view] of instructions.entries()) {
      if (view.keyword !== "RUN" || view.onbuild || view.instruction.heredocs.length > 0) continue;
      if (!view.instruction.rest.text.includes("mkdir")) continue;
      const [first, second, third] = view.script.commands;
      const folder = first && madeFolder(first);
      if (folder === undefined || third || view.instruction.flags.length > 0) continue;
      const { range } = view.instruction;
      if (second) {
        const isEntered = second.name === "cd" && second.before === "&&" && second.args.length === 1;
        if (!isEntered || second.args[0]?.text !== folder || second.redirects.length > 0) continue;
        yield {
          range,
          message: msg("The cd ends with this RUN; WORKDIR {folder} makes the folder and stays in it", { folder }),
          fix: { title: msg("Use WORKDIR {folder}", { folder }), edits: [replace(range, `WORKDIR ${folder}`)] },
        };
      } else if (entersNext(instructions[at + 1], folder)) {
        yield {
          range,
          message: msg("WORKDIR {folder} below makes the folder itself", { folder }),
          tag: "unnecessary",
          fix: { title: msg("Remove this RUN"), edits: [removeLines(view.instruction)] },
        };
      }
    }
  },
});

/** Of `mkdir [-p] folder` and nothing else. */
function madeFolder({ name, args, wrappers, assignments, redirects }: Command): string | undefined {
  if (name !== "mkdir" || wrappers.length + assignments.length + redirects.length > 0) return undefined;
  const folders = args.filter(({ text }) => !/^(?:-p|--parents)$/.test(text));
  const [folder] = folders;
  const isPlain = folders.length === 1 && folder?.constant && /^\/[\w./-]+$/.test(folder.text);
  return isPlain ? folder.text.replace(/\/+$/, "") : undefined;
}

function entersNext(next: InstructionView | undefined, folder: string): boolean {
  return (
    next?.keyword === "WORKDIR" && !next.onbuild && next.instruction.rest.text.trim().replace(/\/+$/, "") === folder
  );
}
