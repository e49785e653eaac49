import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "syntax/smart-quotes",
  severity: "warning",
  summary: msg("Typographic quotes are ordinary letters: they become a part of the value"),
  why: msg("Word processors and web pages make them. Builder and shell know only \" and '."),
  sameAs: [],
  fix: "suggestion",
  examples: [
    { bad: "FROM node:24\nENV A=“b c”\n#     ^^^^^\n", good: 'FROM node:24\nENV A="b c"\n' },
    { bad: "FROM node:24\nLABEL a=„b”\n#       ^^^\n", good: 'FROM node:24\nLABEL a="b"\n' },
    { bad: "FROM node:24\nENV A ‘b’\n#     ^^^\n", good: "FROM node:24\nENV A 'b'\n" },
    {
      bad: "FROM node:24\nRUN pip install “flask>=3”\n#               ^^^^^^^^^^\n",
      good: 'FROM node:24\nRUN pip install "flask>=3"\n',
    },
    { bad: "FROM node:24\nCOPY “a b” /c\n#    ^^^^^\n", good: 'FROM node:24\nCOPY "a b" /c\n' },
  ],
  fine: [
    "FROM node:24\nRUN echo “well”, said I\nRUN echo '“a b”'\nENV A=\"“b”\"\nLABEL a='say “b”' b=it’s\n",
    "FROM node:24\nCMD [“a”, “b”]\n",
  ],
  keywords: ["ENV", "LABEL", "ARG", "COPY", "ADD", "WORKDIR", "RUN", "USER", "VOLUME"],
  *instruction({ instruction: { rest, range: whole, keyword } }) {
    const { text } = rest;
    if (!/[“”„‘’]/.test(text) || text.startsWith("[")) return;
    // A text for people may have them.
    if (keyword === "RUN" && /\b(?:echo|printf)\b/.test(text)) return;
    let isOpen = false;
    let isFirst = true;
    let seen = 0;
    for (const { 0: quoted, 1: before = "", 2: open = "", index } of text.matchAll(
      /(^|[\s=])([“”„‘’])[^“”„‘’"']*[“”‘’](?=\s|$)/g,
    )) {
      const start = index + before.length;
      const end = index + quoted.length;
      if ((text.slice(seen, start).match(/["']/g)?.length ?? 0) % 2 === 1) isOpen = !isOpen;
      seen = start;
      if (isOpen) continue;
      const quote = /[‘’]/.test(open) ? "'" : '"';
      yield {
        range: rest.rangeOf(start, end),
        ...(isFirst && keyword !== "RUN" && { covers: { start: whole.start, end: whole.end } }),
        fix: {
          title: msg("Use straight quotes"),
          edits: [replace(rest.rangeOf(start, start + 1), quote), replace(rest.rangeOf(end - 1, end), quote)],
        },
      };
      isFirst = false;
    }
  },
});
