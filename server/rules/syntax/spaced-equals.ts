// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import { msg } from "../../../engine/base/message.ts";
import type { Instruction } from "../../../engine/dockerfile/model.ts";
import { replace } from "../../lint/fixes.ts";
import { defineRule, type Report } from "../../lint/rule.ts";

export default defineRule({
  id: "syntax/spaced-equals",
  severity: "error",
  summary: msg("Blanks around = make it a part of the value, or an error"),
  why: msg('ENV A = b sets A to "= b"; in the other forms the builder refuses the file or sets something else.'),
  sameAs: [],
  fix: "suggestion",
  examples: [
    { bad: "FROM node:24\nENV A = b\n#   ^^^^^\n", good: "FROM node:24\nENV A=b\n" },
    { bad: "FROM node:24\nLABEL a =b\n#     ^^^^\n", good: "FROM node:24\nLABEL a=b\n" },
    { bad: "FROM node:24\nENV A= b\n#   ^^^^\n", good: "FROM node:24\nENV A=b\n" },
    { bad: "ARG A = b\n#   ^^^^^\nFROM node:$A\n", good: "ARG A=b\nFROM node:$A\n" },
    { bad: "FROM node:24\nENV A = b c\n#   ^^^^^^^\n", good: 'FROM node:24\nENV A="b c"\n' },
    { bad: "FROM node:24\nENV A = b C = d\n#   ^^^^^^^^^^^\n" },
    { bad: 'FROM node:24\nENV A = "b c" d\n#   ^^^^^^^^^^^\n' },
  ],
  fine: ['FROM node:24\nENV A= B=c\nENV A="= b"\nENV A b = c\nARG A= B=c\nARG A=\nENV A==b\n'],
  keywords: ["ENV", "LABEL", "ARG"],
  *instruction({ instruction }) {
    const report = spaced(instruction);
    if (report) yield report;
  },
});

function spaced({ words, rest, range: whole }: Instruction): Report | undefined {
  const [name, second, third] = words;
  if (!name || !second) return undefined;
  const endsWith = /^[^=]+=$/.test(name.text);
  const startsWith = !name.text.includes("=") && second.text.startsWith("=") && !second.text.startsWith("==");
  const isSeparate = startsWith && second.text === "=";
  // `A= B=c` sets A to nothing.
  if (endsWith ? second.text.includes("=") : !startsWith || (isSeparate && !third)) return undefined;
  const values = words.slice(isSeparate ? 2 : 1);
  const last = values.at(-1) ?? second;
  const first = values[0] ?? second;
  const range = { start: name.range.start, end: last.range.end };
  const value = rest.text.slice(first.offset, last.offset + last.text.length).replace(/^=/, "");
  const isSimple = values.length === 1 || !/["'\\`=]/.test(value);
  const isOneLine = range.start.line === range.end.line;
  const text = `${name.text.replace(/=$/, "")}=${values.length === 1 ? value : `"${value}"`}`;
  return {
    range,
    covers: { start: whole.start, end: whole.end },
    ...(isSimple && isOneLine && { fix: { title: msg("Remove the blanks"), edits: [replace(range, text)] } }),
  };
}
