import { msg } from "../../../engine/base/message.ts";
import type { Instruction } from "../../../engine/dockerfile/model.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "syntax/json-single-quotes",
  severity: "error",
  summary: msg("This list needs double quotes: with other quotes it is not JSON and is taken as plain text"),
  why: msg(
    "Only a valid JSON array is the exec form. Anything else is given to a shell as it stands, brackets and all.",
  ),
  sameAs: ["dockerfile-utils:49"],
  fix: "safe",
  examples: [
    {
      bad: "FROM node\nCMD ['node', 'server.js']\n#   ^^^^^^^^^^^^^^^^^^^^^\n",
      good: 'FROM node\nCMD ["node", "server.js"]\n',
    },
    {
      bad: "FROM node\nCOPY ['a b', \"c\"]\n#    ^^^^^^^^^^^^\n",
      good: 'FROM node\nCOPY ["a b", "c"]\n',
    },
    {
      bad: "FROM node\nHEALTHCHECK CMD [‘curl’, ‘localhost’]\n#               ^^^^^^^^^^^^^^^^^^^^^\n",
      good: 'FROM node\nHEALTHCHECK CMD ["curl", "localhost"]\n',
    },
  ],
  fine: ["FROM node\nRUN [ 'a' = 'b' ]\nRUN [ 'a' ]\nCMD [\"it's\"]\n"],
  keywords: ["CMD", "ENTRYPOINT", "RUN", "SHELL", "COPY", "ADD", "VOLUME", "HEALTHCHECK"],
  *instruction({ instruction }) {
    if (instruction.json) return;
    const found = quotedList(instruction);
    if (!found) return;
    const range = instruction.rest.rangeOf(found.start, found.end);
    yield { range, covers: range, fix: { title: msg("Use double quotes"), edits: [replace(range, found.json)] } };
  },
});

function quotedList({ keyword, rest }: Instruction): { start: number; end: number; json: string } | undefined {
  const prefix = keyword === "HEALTHCHECK" ? /^\s*CMD\s+/i : /^\s*/;
  const start = prefix.exec(rest.text)?.[0].length;
  if (start === undefined) return undefined;
  const list = rest.text.slice(start).trimEnd();
  // `[ 'a' ]` with a blank and without a comma is the shell's test command.
  if (!/^\[.*\]$/s.test(list) || (/^\[\s/.test(list) && !list.includes(","))) return undefined;
  const element = /\s*(?:'([^']*)'|[‘’]([^‘’]*)[‘’]|[“”]([^“”]*)[“”]|("(?:[^"\\]|\\.)*"))\s*(,|$)/y;
  const inside = list.slice(1, -1);
  const words: string[] = [];
  let isMistaken = false;
  while (element.lastIndex < inside.length) {
    const match = element.exec(inside);
    if (!match) return undefined;
    words.push(match[4] ?? JSON.stringify(match[1] ?? match[2] ?? match[3]));
    isMistaken ||= match[4] === undefined;
  }
  return isMistaken ? { start, end: start + list.length, json: `[${words.join(", ")}]` } : undefined;
}
