import { msg } from "../../../engine/base/message.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule } from "../../lint/rule.ts";

export default defineRule({
  id: "syntax/broken-json",
  severity: "error",
  summary: msg("This list is not valid JSON, so it is taken as plain text"),
  why: msg(
    "Only a valid JSON array is the exec form. Anything else is given to a shell as it stands, brackets and all.",
  ),
  learn: msg(
    'Each word stands in double quotes, with commas between them and none behind the last: ["node", "server.js"].',
  ),
  sameAs: [],
  fix: "suggestion",
  examples: [
    {
      bad: 'FROM node:24\nCMD ["node", "server.js",]\n#   ^^^^^^^^^^^^^^^^^^^^^^\n',
      good: 'FROM node:24\nCMD ["node", "server.js"]\n',
    },
    {
      bad: 'FROM a\nSHELL ["C:\\app\\sh.exe", "-c"]\n#     ^^^^^^^^^^^^^^^^^^^^^^^\n',
      good: 'FROM a\nSHELL ["C:\\\\app\\\\sh.exe", "-c"]\n',
    },
    {
      bad: 'FROM node:24\nENTRYPOINT ["node" "server.js"]\n#          ^^^^^^^^^^^^^^^^^^^^\n',
      good: 'FROM node:24\nENTRYPOINT ["node", "server.js"]\n',
    },
    {
      bad: 'FROM node:24\nHEALTHCHECK CMD ["node", "server.js"\n#               ^^^^^^^^^^^^^^^^^^^^\n',
      good: 'FROM node:24\nHEALTHCHECK CMD ["node", "server.js"]\n',
    },
    {
      bad: "FROM node:24\nCMD [node, server.js]\n#   ^^^^^^^^^^^^^^^^^\n",
      good: 'FROM node:24\nCMD ["node", "server.js"]\n',
    },
  ],
  fine: [
    'FROM node:24\nRUN [ -f x ]\nRUN [ "a" = "b" ] && c\nRUN [[ a = b ]]\nCMD ["a"]\nRUN ["a", "b\\n"]\nCOPY [ab]* /x\n',
    "FROM node:24\nCMD ['a', 'b']\nCMD [a]\n",
  ],
  keywords: ["CMD", "ENTRYPOINT", "RUN", "SHELL", "COPY", "ADD", "VOLUME", "HEALTHCHECK"],
  *instruction({ instruction }) {
    const { json, notString, rest, keyword } = instruction;
    if (json || notString || !rest.text.includes("[")) return;
    const start = keyword === "HEALTHCHECK" ? (/^\s*CMD\s+/i.exec(rest.text)?.[0].length ?? 0) : 0;
    const written = rest.text.slice(start).trimEnd();
    const better = repaired(written);
    if (better === undefined) return;
    const range = rest.rangeOf(start, start + written.length);
    const isOneLine = range.start.line === range.end.line;
    yield {
      range,
      covers: { start: instruction.range.start, end: range.end },
      ...(isOneLine && { fix: { title: msg("Write valid JSON"), edits: [replace(range, better)] } }),
    };
  },
});

/** One mistake made good, when a list of strings comes out of it. */
function repaired(text: string): string | undefined {
  if (!text.startsWith("[") || text.length > 5000) return undefined;
  const isBareList = /^\[\s*[\w./:@-]+(?:\s*,\s*[\w./:@-]+)+\s*\]$/.test(text);
  const attempts = [
    text.replace(/,\s*\]$/, "]"),
    text.replaceAll("\\", "\\\\"),
    text.replace(/\\(?!["\\/bfnrt]|u[0-9a-f]{4})/gi, "\\\\"),
    text.replace(/"[ \t]+"/g, '", "'),
    `${text.replace(/,$/, "")}]`,
    ...(isBareList ? [text.replace(/[\w./:@-]+/g, '"$&"')] : []),
  ];
  return attempts.find((one) => one !== text && isList(one));
}

function isList(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string");
  } catch {
    return false;
  }
}
