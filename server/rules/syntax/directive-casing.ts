import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "syntax/directive-casing",
  severity: "hint",
  summary: msg("Parser directives are written in lower case"),
  why: msg("The builder does not care; other tools that look for the line may."),
  sameAs: ["dockerfile-utils:1"],
  fix: "safe",
  sees: [],
  examples: [
    {
      bad: "# Syntax=docker/dockerfile:1\n# ^^^^^^\nFROM node:24\n",
      good: "# syntax=docker/dockerfile:1\nFROM node:24\n",
    },
    { bad: "# ESCAPE = `\n# ^^^^^^\nFROM node:24\n", good: "# escape = `\nFROM node:24\n" },
  ],
  fine: ["# syntax=docker/dockerfile:1\n# escape=`\nFROM node:24\n# ESCAPE=x\n"],
  *file({ dockerfile: { directives, lines } }) {
    for (const { name, range } of directives) {
      const { line } = range.start;
      const at = /[a-z]/i.exec(lines.at(line))?.index ?? 0;
      const word = { start: { line, character: at }, end: { line, character: at + name.length } };
      if (lines.at(line).startsWith(name, at)) continue;
      yield { range: word, fix: { title: msg("Write {name}", { name }), edits: [replace(word, name)] } };
    }
  },
});
