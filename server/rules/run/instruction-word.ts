import { instructionForms } from "../../../engine/analysis.ts";
import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";
import { commandBefore, isEditable, lastCommand } from "../../lint/scripts.ts";
import type { InstructionView } from "../../lint/views.ts";
import type { Command } from "../../shell/model.ts";

export default defineRule({
  id: "run/instruction-word",
  severity: "error",
  summary: msg("This is an instruction of the Dockerfile, and the shell looks for a program of that name"),
  why: msg(
    "What stands behind RUN is read by a shell, to the end of the last continued line. An instruction starts on a line of its own, behind a line without a backslash.",
  ),
  learn: msg(
    "To run several commands, write one RUN and put && between them; or write a RUN for each, on lines of their own.",
  ),
  sameAs: [],
  fix: "suggestion",
  keywords: ["RUN"],
  examples: [
    { bad: "FROM debian\nRUN a && RUN b\n#        ^^^\n", good: "FROM debian\nRUN a && b\n" },
    {
      bad: "FROM debian\nRUN a && \\\n  RUN b && \\\n# ^^^\n  RUN c\n# ^^^\n",
      good: "FROM debian\nRUN a && \\\n  b && \\\n  c\n",
    },
    { bad: "FROM debian\nRUN a && RUN RUN b\n#        ^^^\n", good: "FROM debian\nRUN a && b\n" },
    { bad: "FROM debian\nRUN a && \\\n    COPY x /y\n#   ^^^^\n", good: "FROM debian\nRUN a\nCOPY x /y\n" },
    { bad: "FROM debian\nRUN WORKDIR /app\n#   ^^^^^^^\n", good: "FROM debian\nWORKDIR /app\n" },
    { bad: "FROM debian\nRUN <<EOF\nRUN a\n#^^\nEOF\n", good: "FROM debian\nRUN <<EOF\na\nEOF\n" },
    { bad: "FROM debian\nRUN <<EOF\nENV A=1\n#^^\nEOF\n" },
    { bad: "FROM debian\nRUN a && COPY x /y && b\n#        ^^^^\n" },
    { bad: 'FROM debian\nRUN ["RUN", "a"]\n#    ^^^^^\n' },
  ],
  fine: ["FROM debian\nRUN env a && shell && run b\n", "FROM debian\nRUN echo RUN && echo COPY x y\n"],
  *instruction(view) {
    for (const command of view.script.commands) {
      if (!words.has(command.program.raw) && !(view.script.dialect === "exec" && words.has(command.name))) continue;
      const message = msg("{word} is an instruction of the Dockerfile: the shell looks for a program of that name", {
        word: command.name,
      });
      const fix = fixOf(view, command);
      yield { range: command.program.range, message, ...(fix && { fix }) };
    }
  },
});

const words = new Set(Object.keys(instructionForms));

function fixOf({ instruction, script, onbuild }: InstructionView, command: Command): Fix | undefined {
  const { name, args } = command;
  const next = args.find(({ raw }) => name !== "RUN" || raw !== "RUN");
  if (!isEditable(script, command) || !next) return undefined;
  if (name === "RUN") {
    const range = { start: command.range.start, end: next.range.start };
    return { title: msg("Remove {word}", { word: name }), edits: [replace(range, "")] };
  }
  if (onbuild || instruction.heredocs.length > 0 || lastCommand(script) !== command || command.after !== "")
    return undefined;
  const title = msg("Make it an instruction");
  if (script.simple)
    return { title, edits: [replace({ start: instruction.range.start, end: command.range.start }, "")] };
  const previous = commandBefore(script, command);
  if (!previous) return undefined;
  const { end } = script.rangeOf(previous.wholeEnd - 1, previous.wholeEnd);
  return { title, edits: [replace({ start: end, end: command.range.start }, "\n")] };
}
