import { msg } from "../../../engine/base/message.ts";
import { ByStage } from "../../lint/by-stage.ts";
import { continuationsOf } from "../../lint/continuations.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";

const withBlanks = new ByStage((instructions, dockerfile) =>
  instructions.filter((one) => continuationsOf(dockerfile, one).some(({ at, end }) => end > at + 1)),
);

export default defineRule({
  id: "syntax/blank-after-continuation",
  severity: "hint",
  summary: msg("Blanks stand behind the character that continues the line"),
  why: msg("The builder skips them, a shell does not: the same lines in a script or a heredoc would fall apart."),
  sameAs: [],
  fix: "safe",
  examples: [
    {
      bad: "FROM debian:12\nRUN a \\  \n#      ^^\n  && b\n",
      good: "FROM debian:12\nRUN a \\\n  && b\n",
    },
  ],
  fine: ["FROM debian:12\nRUN a \\\n  && b  \nRUN <<EOF\na \\ \nb\nEOF\n"],
  *file({ dockerfile }) {
    for (const one of withBlanks.of(dockerfile).flat()) {
      for (const { line: below, at, end } of continuationsOf(dockerfile, one)) {
        if (end === at + 1) continue;
        const line = one.range.start.line + below;
        const range = { start: { line, character: at + 1 }, end: { line, character: end } };
        yield { range, fix: { title: msg("Remove the blanks"), edits: [replace(range, "")] } };
      }
    }
  },
});
