import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "base/as-casing",
  severity: "info",
  summary: msg("AS is cased otherwise than its FROM"),
  why: msg("Both are words of the same instruction, and files are searched for them."),
  sameAs: ["buildkit:FromAsCasing"],
  fix: "safe",
  examples: [
    { bad: "FROM node:24 as build\n#            ^^\n", good: "FROM node:24 AS build\n" },
    { bad: "from node:24 AS build\n#            ^^\n", good: "from node:24 as build\n" },
    { bad: "FROM node:24 As build\n#            ^^\n", good: "FROM node:24 AS build\n" },
  ],
  fine: ["FROM node:24 AS build\nfrom node:24 as b\nFrom node:24 as c\n", "FROM node:24 as\n"],
  keywords: ["FROM"],
  *instruction({ instruction: { keywordWord, words } }) {
    const [, as, name] = words;
    if (!as || !name || !/^as$/i.test(as.text)) return;
    const { text } = keywordWord;
    const wanted = text === "FROM" ? "AS" : text === "from" ? "as" : as.text;
    if (as.text === wanted) return;
    yield {
      range: as.range,
      message: msg("{as} is cased otherwise than {from}", { as: as.text, from: text }),
      fix: { title: msg("Write {name}", { name: wanted }), edits: [replace(as.range, wanted)] },
    };
  },
});
