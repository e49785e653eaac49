import { msg } from "../../../engine/base/message.ts";
import { ByStage } from "../../lint/by-stage.ts";
import { continuationsOf } from "../../lint/continuations.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";

const withBlank = new ByStage((instructions, dockerfile) =>
  instructions.filter((one) => continuationsOf(dockerfile, one).some(({ blank }) => blank.length > 0)),
);

export default defineRule({
  id: "syntax/empty-continuation",
  severity: "warning",
  summary: msg("An empty line follows this continuation: the instruction goes on below it"),
  why: msg(
    "It looks as if the instruction ended here. The builder warns, and says that a later version will refuse it.",
  ),
  learn: msg(
    "Remove the empty line, or the backslash if the instruction ends here. A comment line may stand there instead.",
  ),
  sameAs: ["buildkit:NoEmptyContinuation", "dockerfile-utils:11"],
  fix: "safe",
  examples: [
    {
      bad: "FROM debian:12\nRUN a \\\n#     ^\n\n  \n  && b \\\n#      ^\n\n  && c\n",
      good: "FROM debian:12\nRUN a \\\n  && b \\\n  && c\n",
    },
    {
      bad: "# escape=`\nFROM debian:12\nCOPY a `\n#      ^\n# a comment\n\n  b c\n",
      good: "# escape=`\nFROM debian:12\nCOPY a `\n# a comment\n  b c\n",
    },
  ],
  fine: ["FROM debian:12\nRUN a \\\n  # why\n  && b\n\nRUN <<EOF\na \\\n\nb\nEOF\n", "FROM debian:12\nRUN a \\\n\n"],
  *file({ dockerfile }) {
    for (const one of withBlank.of(dockerfile).flat()) {
      for (const { line, at, blank } of continuationsOf(dockerfile, one)) {
        if (blank.length === 0) continue;
        const top = one.range.start.line;
        const range = { start: { line: top + line, character: at }, end: { line: top + line, character: at + 1 } };
        const edits = blank.map((empty) =>
          replace({ start: { line: top + empty, character: 0 }, end: { line: top + empty + 1, character: 0 } }, ""),
        );
        yield { range, fix: { title: msg("Remove the empty line"), edits } };
      }
    }
  },
});
