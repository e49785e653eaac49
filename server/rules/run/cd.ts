import { msg } from "../../../engine/base/message.ts";
import { insertAbove, insertBelow, replace } from "../../lint/fixes.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";
import { isEditable } from "../../lint/scripts.ts";
import type { InstructionView, StageView } from "../../lint/views.ts";
import type { Command } from "../../shell/model.ts";

export default defineRule({
  id: "run/cd",
  severity: "hint",
  presets: { strict: "warning" },
  summary: msg("WORKDIR says for this RUN and the next ones in which folder they work"),
  why: msg(
    "A cd holds until its RUN ends. WORKDIR holds for all that follows, and makes the folder when it is missing.",
  ),
  sameAs: ["hadolint:DL3003"],
  note: msg(
    "Only a cd that a RUN starts with is reported: one in the middle of a script, or in a subshell, is the simplest way to write it. A cd at the end has its own rule.",
  ),
  fix: "suggestion",
  sees: ["cd", "WORKDIR", "ENV", "ARG"],
  examples: [
    {
      bad: "FROM debian\nRUN cd /src && make\n#   ^^^^^^^\n",
      good: "FROM debian\nWORKDIR /src\nRUN make\n",
    },
    {
      bad: 'FROM debian\nWORKDIR /app\nRUN cd web && \\\n#   ^^^^^^\n    npm ci\nCMD ["server"]\n',
      good: 'FROM debian\nWORKDIR /app\nWORKDIR web\nRUN npm ci\nWORKDIR /app\nCMD ["server"]\n',
    },
    { bad: "FROM debian\nRUN cd /src && make\n#   ^^^^^^^\nRUN ./configure\n" },
    { bad: "FROM debian\nRUN cd $SRC && make\n#   ^^^^^^^\n" },
    { bad: "FROM debian\nRUN <<EOF\ncd /src\n#^^^^^^\nmake\nEOF\n" },
    { bad: 'FROM debian\nRUN ["sh", "-c", "cd /src && make"]\n#                 ^^^^^^^\n' },
    { bad: "FROM debian\nONBUILD RUN cd /src && make\n#           ^^^^^^^\n" },
  ],
  fine: [
    "FROM debian\nRUN tar xf a.tar && cd a && make\n",
    "FROM debian\nRUN (cd a && make)\n",
    "FROM debian\nRUN cd /app\n",
    "FROM debian\nRUN cd /tmp && make && cd / && rm -rf /tmp/x\n",
  ],
  *stage(view) {
    for (const [at, run] of view.instructions.entries()) {
      if (run.keyword !== "RUN") continue;
      const [first, ...others] = run.script.commands;
      // A script that goes to several folders is no case for WORKDIR.
      if (first?.name !== "cd" || first.context !== "top" || others.length === 0) continue;
      if (others.some(({ name, context }) => name === "cd" && context === "top")) continue;
      const fix = toWorkdir(view, at, first);
      yield { range: first.range, ...(fix && { fix }) };
    }
  },
});

function toWorkdir(stage: StageView, at: number, cd: Command): Fix | undefined {
  const { instruction, script, onbuild } = stage.instructions[at] as InstructionView;
  const [folder, ...more] = cd.args;
  const next = script.commands[1] as Command;
  const isPlain = folder?.constant && !/^[~-]|\s/.test(folder.text) && more.length === 0;
  if (onbuild || !isPlain || cd.after !== "&&" || !isEditable(script, cd) || instruction.heredocs.length > 0) return;
  const gap = script.text.slice(cd.wholeEnd, next.wholeStart);
  if (cd.wholeStart !== 0 || !/^\s*&&\s*$/.test(gap)) return undefined;
  const before = stage.workdirAt(instruction);
  const back = comesLater(stage, at);
  if (back && before === undefined) return undefined;
  const cut = { start: script.rangeOf(0, 0).start, end: script.rangeOf(next.wholeStart, next.wholeStart).start };
  const edits = [insertAbove(instruction, `WORKDIR ${folder.text}`), replace(cut, "")];
  if (back) edits.push(insertBelow(instruction, `WORKDIR ${before}`));
  return { title: msg("Use WORKDIR {folder}", { folder: folder.text }), edits };
}

/** Something below works in the folder, or a stage that is built on this one may. */
function comesLater({ instructions, isBase }: StageView, at: number): boolean {
  const next = nextOf(instructions, at);
  if (!next) return isBase;
  return next.keyword !== "WORKDIR" || !next.instruction.rest.text.startsWith("/");
}

function nextOf(instructions: StageView["instructions"], at: number): InstructionView | undefined {
  for (let next = at + 1; next < instructions.length; next += 1) {
    const view = instructions[next] as InstructionView;
    if (usesFolder.test(view.keyword)) return view;
  }
  return undefined;
}

const usesFolder = /^(?:RUN|COPY|ADD|CMD|ENTRYPOINT|HEALTHCHECK|WORKDIR|ONBUILD)$/;
