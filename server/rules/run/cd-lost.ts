import { msg } from "../../../engine/base/message.ts";
import { insertBelow, replace } from "../../lint/fixes.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";
import { commandBefore, isEditable, lastCommand } from "../../lint/scripts.ts";
import type { InstructionView } from "../../lint/views.ts";
import type { Command } from "../../shell/model.ts";

export default defineRule({
  id: "run/cd-lost",
  severity: "warning",
  summary: msg("This cd has no effect: the next instruction starts in the folder of WORKDIR again"),
  why: msg("Every RUN has a shell of its own, and the folder it went to ends with it. WORKDIR is what stays."),
  learn: msg(
    "WORKDIR /app is an instruction of its own: everything below it, and the container later, starts in /app.",
  ),
  sameAs: ["hadolint:DL3003"],
  fix: "suggestion",
  keywords: ["RUN"],
  sees: ["cd", "pushd"],
  examples: [
    {
      bad: "FROM debian\nRUN cd /app\n#   ^^^^^^^\nRUN make\n",
      good: "FROM debian\nWORKDIR /app\nRUN make\n",
    },
    {
      bad: "FROM debian\nRUN tar xf a.tar && cd /app\n#                   ^^^^^^^\nRUN make\n",
      good: "FROM debian\nRUN tar xf a.tar\nWORKDIR /app\nRUN make\n",
    },
    { bad: "FROM debian\nRUN make; cd $HOME\n#         ^^^^^^^^\n" },
    { bad: "FROM debian\nRUN cd\n#   ^^\n" },
    { bad: 'FROM debian\nRUN ["sh", "-c", "cd /app"]\n#                 ^^^^^^^\n' },
    { bad: "FROM debian\nRUN <<EOF\nmake\ncd /app\n#^^^^^^\nEOF\n" },
  ],
  fine: [
    "FROM debian\nRUN cd /app && make\n",
    "FROM debian\nRUN (cd /app)\n",
    "FROM debian\nRUN make || cd /app\n",
    "FROM debian\nRUN mkdir -p /app && cd /app\n",
  ],
  *instruction(view) {
    const last = lastCommand(view.script);
    if (!last || !/^(?:cd|pushd)$/.test(last.name) || !/^;?$/.test(last.after)) return;
    // `mkdir /app && cd /app` is a WORKDIR as a whole: build/workdir-makes-folder.
    const [first, second] = view.script.commands;
    if (
      first?.name === "mkdir" &&
      second === last &&
      first.args.at(-1)?.text === last.args[0]?.text &&
      first.after === "&&"
    )
      return;
    const fix = toWorkdir(view, last);
    yield { range: last.range, ...(fix && { fix }) };
  },
});

function toWorkdir({ instruction, script, onbuild }: InstructionView, cd: Command): Fix | undefined {
  const [folder, ...more] = cd.args;
  if (!folder?.constant || more.length > 0 || /^[~-]|\s/.test(folder.text)) return undefined;
  if (onbuild || !isEditable(script, cd) || instruction.heredocs.length > 0 || script.comments.length > 0)
    return undefined;
  const title = msg("Use WORKDIR {folder}", { folder: folder.text });
  const line = `WORKDIR ${folder.text}`;
  if (script.simple) return { title, edits: [replace(instruction.range, line)] };
  const previous = commandBefore(script, cd);
  if (!previous) return undefined;
  const end = script.rangeOf(previous.wholeEnd - 1, previous.wholeEnd).end;
  return {
    title,
    edits: [replace({ start: end, end: instruction.range.end }, insertBelow(instruction, line).newText)],
  };
}
