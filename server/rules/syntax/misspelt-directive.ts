import { nearest } from "../../../engine/analysis.ts";
import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";

const names = ["syntax", "escape", "check"];

export default defineRule({
  id: "syntax/misspelt-directive",
  severity: "warning",
  summary: msg("This line looks like a parser directive and is only a comment"),
  why: msg(
    "What the builder does not know as a directive is a comment, without a word, and all below it are comments, too.",
  ),
  sameAs: [],
  fix: "suggestion",
  sees: ["#"],
  examples: [
    {
      bad: "# sytnax=docker/dockerfile:1\n# ^^^^^^\nFROM node:24\n",
      good: "# syntax=docker/dockerfile:1\nFROM node:24\n",
    },
    {
      bad: "# syntax: docker/dockerfile:1\n# ^^^^^^^\nFROM node:24\n",
      good: "# syntax=docker/dockerfile:1\nFROM node:24\n",
    },
    { bad: "# excape=`\n# ^^^^^^\nFROM node:24\n", good: "# escape=`\nFROM node:24\n" },
  ],
  fine: [
    "# syntax=docker/dockerfile:1\n# escape=`\nFROM node:24\n",
    "# author=me\n# cheap=x\n# checkov:skip=CKV_DOCKER_2\n# checks: all of them\n# syntax: see below\nFROM node:24\n# sytnax=docker/dockerfile:1\n",
  ],
  *file({ dockerfile: { comments, directives, instructions, lines } }) {
    const end = instructions[0]?.range.start.line ?? lines.count;
    for (const { text, range } of comments) {
      const { line, character } = range.start;
      if (line >= end || line > directives.length + 20) return;
      const [, start = "", name = "", sign, value] =
        /^(#\s*)([a-z]{4,9})(\s*[=:]\s*)(\S+)$/i.exec(text.trimEnd()) ?? [];
      if (!sign || !value || !/^[`\\]$|^(?:skip|error|experimental)=|^[\w.-]+\/[\w./-]+(?::[\w.-]+)?$/.test(value))
        continue;
      const lower = name.toLowerCase();
      const meant = names.includes(lower) ? lower : nearest(lower, names);
      // `checkov:` and its kin have comments of their own.
      const isMeant = meant === lower ? sign.includes(":") : sign.includes("=") && meant?.length === lower.length;
      if (!meant || !isMeant) continue;
      const from = character + start.length;
      const isColon = sign.includes(":");
      const until = from + name.length + (isColon ? sign.trimEnd().length : 0);
      const word = { start: { line, character: from }, end: { line, character: until } };
      const whole = { start: word.start, end: { line, character: from + name.length + sign.length } };
      yield {
        range: word,
        message: msg("Only a comment. A parser directive is written # {name}=…", { name: meant }),
        fix: { title: msg("Write {name}", { name: `${meant}=` }), edits: [replace(whole, `${meant}=`)] },
      };
    }
  },
});
