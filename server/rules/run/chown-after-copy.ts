import { msg } from "../../../engine/base/message.ts";
import type { Instruction } from "../../../engine/dockerfile/model.ts";
import { isShipped } from "../../lint/cleanups.ts";
import { removeLines, replace } from "../../lint/fixes.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";
import type { InstructionView, StageView } from "../../lint/views.ts";
import { flagsOf, hasFlag } from "../../shell/arguments.ts";
import type { Command } from "../../shell/model.ts";

export default defineRule({
  id: "run/chown-after-copy",
  severity: "info",
  summary: msg("The copied files are stored twice: once as they were copied, once with their new owner or mode"),
  why: msg(
    "A layer stores whole files. Changing owner or mode in a later RUN stores each of them again; COPY --chown and --chmod do it while copying.",
  ),
  sameAs: [],
  fix: "suggestion",
  sees: ["COPY", "ADD", "WORKDIR", "ENV", "ARG", "chown", "chmod"],
  examples: [
    {
      bad: "FROM node\nWORKDIR /app\nCOPY . .\nRUN chown -R node:node /app\n#   ^^^^^^^^^^^^^^^^^^^^^^^\nUSER node\n",
      good: "FROM node\nWORKDIR /app\nCOPY --chown=node:node . .\nRUN chown node:node /app\nUSER node\n",
    },
    {
      bad: "FROM node\nCOPY --from=x /a /app/\nRUN chmod -R 755 /app\n#   ^^^^^^^^^^^^^^^^^\n",
      good: "FROM node\nCOPY --chmod=755 --from=x /a /app/\n",
    },
    {
      bad: "FROM node\nCOPY . /app\nRUN chown -R node /app\n#   ^^^^^^^^^^^^^^^^^^\n",
      good: "FROM node\nCOPY --chown=node . /app\n",
    },
    { bad: "FROM node\nCOPY a /app/a\nRUN npm ci && \\\n    chown -R node /app\n#   ^^^^^^^^^^^^^^^^^^\n" },
    { bad: "FROM node\nCOPY . /app\nRUN chmod -R u+x /app\n#   ^^^^^^^^^^^^^^^^^\n" },
    { bad: 'FROM node\nCOPY . /app\nRUN ["chown", "-R", "node", "/app"]\n#    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n' },
    { bad: "FROM node\nCOPY . /app\nRUN chown -R $UID /app\n#   ^^^^^^^^^^^^^^^^^^\n" },
  ],
  fine: [
    "FROM node\nCOPY --chown=node . /app\nRUN chown -R node /app\n",
    "FROM node\nCOPY . /app\nRUN chown -R node /data && chown node /app\n",
    "FROM node\nRUN chown -R node /app\nCOPY . /app\n",
    "FROM node AS build\nCOPY . /app\nRUN chown -R node /app\nFROM node\nCOPY --from=build /app /app\n",
    "FROM node\nCOPY entry.sh /\nRUN chmod +x /entry.sh\n",
  ],
  *stage(view) {
    if (!isShipped(view)) return;
    const copies: Copied[] = [];
    for (const one of view.only("COPY", "ADD", "RUN")) {
      if (one.onbuild) continue;
      if (one.keyword !== "RUN") {
        const to = destinationOf(view, one.instruction);
        if (to !== undefined) copies.push({ instruction: one.instruction, to });
        continue;
      }
      for (const command of one.commands("chown", "chmod")) {
        const folders = changed(view, one, command);
        const flag = command.name;
        const own = copies.filter(
          ({ instruction, to }) =>
            folders.some((folder) => isIn(to, folder)) && !instruction.flags.some(({ name }) => name === flag),
        );
        if (own.length === 0) continue;
        const fix = fixOf(view, one, command, own);
        yield { range: command.range, ...(fix && { fix }) };
      }
    }
  },
});

interface Copied {
  readonly instruction: Instruction;
  /** Absolute. */
  readonly to: string;
}

function destinationOf(view: StageView, instruction: Instruction): string | undefined {
  const last = instruction.json?.at(-1)?.value ?? instruction.words.at(-1)?.text;
  return last === undefined ? undefined : absolute(view, instruction, last);
}

function absolute(view: StageView, instruction: Instruction, path: string): string | undefined {
  const folder = path.startsWith("/") ? "" : view.workdirAt(instruction);
  if (folder === undefined || path.includes("$")) return undefined;
  return `${folder}/${path}`.replace(/\/\.?(?=\/|$)/g, "").replace(/\/+$/, "") || "/";
}

const isIn = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

/** The folders that `chown -R owner folder…` goes through. */
function changed(view: StageView, { instruction }: InstructionView, command: Command): readonly string[] {
  if (!hasFlag(command, "-R", "--recursive") || command.context !== "top") return [];
  const [, ...folders] = flagsOf(command).operands;
  return folders.flatMap(({ text }) => absolute(view, instruction, text) ?? []);
}

function fixOf(view: StageView, run: InstructionView, command: Command, copies: readonly Copied[]): Fix | undefined {
  const [copy] = copies;
  const [value, folder] = flagsOf(command).operands;
  const isPlain = value?.constant && (command.name === "chown" || /^[0-7]{3,4}$/.test(value.text));
  if (!copy || copies.length > 1 || !isPlain || !run.script.plain || run.script.dialect === "exec") return undefined;
  const at = view.stage.instructions.indexOf(copy.instruction);
  // Another step in between may need the files as they are now, or make some of its own.
  if (view.stage.instructions[at + 1] !== run.instruction || command.args.length > 3) return undefined;
  // COPY gives the owner to what it makes, and not to a folder that is there already, as WORKDIR's.
  const own = folder && absolute(view, run.instruction, folder.text);
  if (!folder || own === undefined) return undefined;
  const isThere = copy.to !== own || isIn(view.workdirAt(copy.instruction) ?? "", own);
  const keepsOwner = command.name === "chown" && isThere;
  if (keepsOwner && !/^[\w./-]+$/.test(folder.text)) return undefined;
  const { end } = copy.instruction.keywordWord.range;
  const flag = `--${command.name}=${value.text}`;
  return {
    title: msg("Copy with {flag}", { flag }),
    edits: [
      replace({ start: end, end }, ` ${flag}`),
      keepsOwner ? replace(command.range, `chown ${value.text} ${folder.text}`) : removeLines(run.instruction),
    ],
  };
}
