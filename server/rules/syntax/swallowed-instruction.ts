import { instructionForms } from "../../../engine/analysis.ts";
import { msg } from "../../../engine/base/message.ts";
import type { Range } from "../../../engine/base/ranges.ts";
import type { Instruction } from "../../../engine/dockerfile/model.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";

const keywords = new RegExp(`(?:${Object.keys(instructionForms).join("|")})(?=[\\t ])`, "g");

export default defineRule({
  id: "syntax/swallowed-instruction",
  severity: "error",
  summary: msg(
    "This line is a part of the instruction above it: the line above ends with the character that continues it",
  ),
  why: msg("The builder joins the lines first, so what looks like an instruction becomes words of the one above."),
  learn: msg("Take the backslash at the end of the line above away."),
  sameAs: [],
  fix: "suggestion",
  examples: [
    {
      bad: "FROM debian:12\nRUN apt-get update \\\n  && apt-get install -y curl \\\nCOPY . .\n#^^^\n",
      good: "FROM debian:12\nRUN apt-get update \\\n  && apt-get install -y curl\nCOPY . .\n",
    },
    {
      bad: "FROM windows:1\nWORKDIR C:\\app\\\nRUN dir\n#^^\n",
      good: "FROM windows:1\nWORKDIR C:\\app/\nRUN dir\n",
    },
    { bad: "FROM debian:12\nRUN a \\\n# then\nCMD b\n#^^\n" },
  ],
  fine: [
    "FROM debian:12\nRUN a \\\n  RUN b\nRUN echo 'x \\\nRUN y'\nLABEL a=b \\\nUSER=c\n",
    'FROM debian:12\nRUN <<EOF\na \\\nRUN b\nEOF\nRUN a && \\\nRUN b\nENTRYPOINT ["a", \\\n"CMD b"]\n',
  ],
  *instruction({ instruction, onbuild }) {
    const { range } = instruction;
    if (onbuild || range.start.line === range.end.line) return;
    const { rest, words } = instruction;
    let at = 0;
    let isFirst = true;
    for (const { 0: keyword, index } of rest.text.matchAll(keywords)) {
      const found = rest.rangeOf(index, index + keyword.length);
      if (found.start.character !== 0 || found.start.line === range.start.line) continue;
      while ((words[at + 1]?.offset ?? Number.POSITIVE_INFINITY) <= index) at += 1;
      const word = words[at];
      if (!word || isInQuotes(rest.text.slice(word.offset, index))) continue;
      const before = word.offset === index ? words[at - 1] : word;
      // `RUN a && \` with RUN below it: the second RUN is too many, not the backslash.
      if (!before || (before !== word && /(?:&&|\|\|?|;)$/.test(before.text))) continue;
      const fix = separate(instruction, index, found);
      const message = msg(
        "{keyword} is a part of {above} here: the line above it ends with the character that continues it",
        {
          keyword,
          above: instruction.keyword,
        },
      );
      // What the parser says of all that follows is said with the first one.
      const covers = isFirst && { covers: { start: found.start, end: range.end } };
      isFirst = false;
      yield { range: found, message, ...covers, ...(fix && { fix }) };
    }
  },
});

function isInQuotes(text: string): boolean {
  return (text.match(/["']/g)?.length ?? 0) % 2 === 1;
}

function separate({ rest }: Instruction, index: number, found: Range): Fix | undefined {
  // The word before it and the blanks between are enough.
  const from = Math.max(0, index - 500);
  const text = rest.text.slice(from, index);
  const words = text.trimEnd();
  const { end } = rest.rangeOf(from + words.length - 1, from + words.length);
  if (found.start.line - end.line !== 1) return undefined;
  const isPath = words.length === text.length && /(?:^|[\s"'=])(?:[A-Za-z]:|\\\\)[^\s]*$|\\/.test(words);
  return isPath
    ? { title: msg("Write / at the end of the path"), edits: [replace({ start: end, end: found.start }, "/\n")] }
    : { title: msg("End the instruction above here"), edits: [replace({ start: end, end: found.start }, "\n")] };
}
