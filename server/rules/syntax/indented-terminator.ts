import { msg } from "../../../engine/base/message.ts";
import type { Range } from "../../../engine/base/ranges.ts";
import type { Heredoc, Instruction } from "../../../engine/dockerfile/model.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule, type Report } from "../../lint/rule.ts";

export default defineRule({
  id: "syntax/indented-terminator",
  severity: "error",
  summary: msg("This word does not close the heredoc: blanks stand beside it"),
  why: msg(
    "A heredoc is closed by a line that holds its word and nothing else. With <<- tabs may stand before it, but no spaces.",
  ),
  sameAs: [],
  fix: "suggestion",
  sees: ["@heredoc"],
  examples: [
    {
      bad: "FROM debian:12\nRUN <<EOF\n  echo a\n  EOF\n# ^^^\nRUN b\n",
      good: "FROM debian:12\nRUN <<EOF\n  echo a\nEOF\nRUN b\n",
    },
    {
      bad: "FROM debian:12\nCOPY <<EOF /a\nb\nEOF \n#^^\n",
      good: "FROM debian:12\nCOPY <<EOF /a\nb\nEOF\n",
    },
    {
      bad: "FROM debian:12\nRUN <<-EOF\n\techo a\n  EOF\n# ^^^\n",
      good: "FROM debian:12\nRUN <<-EOF\n\techo a\nEOF\n",
    },
  ],
  fine: ["FROM debian:12\nRUN <<EOF\n  EOF\nEOF\nRUN <<-EOF\n\tEOF\nRUN <<EOF\na\n"],
  *file({ dockerfile: { problems, instructions } }) {
    const open = new Set(
      problems.flatMap(({ code, range }) => (code === "syntax/unterminated-heredoc" ? [placeOf(range)] : [])),
    );
    if (open.size === 0) return;
    for (const one of instructions) {
      for (const heredoc of (one.trigger ?? one).heredocs) {
        if (!open.has(placeOf(heredoc.range))) continue;
        const report = almostClosed(heredoc, one);
        if (report) yield report;
      }
    }
  },
});

function placeOf({ start }: Range): string {
  return `${start.line}:${start.character}`;
}

function almostClosed(
  { content, delimiter, body, range: opened, stripTabs }: Heredoc,
  one: Instruction,
): Report | undefined {
  let offset = 0;
  for (const line of content.split("\n")) {
    const indent = line.length - line.trimStart().length;
    if (line.trim() === delimiter) {
      const range = body.rangeOf(offset + indent, offset + indent + delimiter.length);
      const { line: at } = range.start;
      const whole = { start: { line: at, character: 0 }, end: body.rangeOf(offset, offset + line.length).end };
      const isTabs = /^\t+$/.test(line.slice(0, indent)) && !stripTabs;
      const dash = { start: opened.start, end: opened.start };
      const arrows = { start: dash.start, end: { line: dash.start.line, character: dash.start.character + 2 } };
      return {
        range,
        covers: { start: opened.start, end: one.range.end },
        message: msg("{word} does not close the heredoc: only a line with nothing else on it does", {
          word: delimiter,
        }),
        fix: { title: msg("Remove the blanks"), edits: [replace(whole, delimiter)] },
        ...(isTabs && {
          alternatives: [{ title: msg("Allow tabs: {text}", { text: "<<-" }), edits: [replace(arrows, "<<-")] }],
        }),
      };
    }
    offset += line.length + 1;
  }
  return undefined;
}
