import { msg } from "../../../engine/base/message.ts";
import type { Instruction } from "../../../engine/dockerfile/model.ts";
import { replace } from "../../lint/fixes.ts";
import { pairsOf } from "../../lint/pairs.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";

export default defineRule({
  id: "syntax/legacy-pair",
  severity: "info",
  summary: msg("ENV and LABEL are written with an equals sign: name=value"),
  why: msg("Without it the whole rest of the line is the value, so no second pair can follow. The form is deprecated."),
  sameAs: ["buildkit:LegacyKeyValueFormat"],
  fix: "safe",
  examples: [
    {
      bad: "FROM node:24\nENV NODE_ENV production\n#   ^^^^^^^^^^^^^^^^^^^\n",
      good: "FROM node:24\nENV NODE_ENV=production\n",
    },
    {
      bad: "FROM node:24\nLABEL text a longer $TEXT\n#     ^^^^^^^^^^^^^^^^^^^\n",
      good: 'FROM node:24\nLABEL text="a longer $TEXT"\n',
    },
    {
      bad: 'FROM node:24\nENV A   "b c"\n#   ^^^^^^^^^\n',
      good: 'FROM node:24\nENV A="b c"\n',
    },
    { bad: 'FROM node:24\nENV A "b c" d\n#   ^^^^^^^^^\n' },
    {
      bad: "FROM node:24\nONBUILD ENV A b\n#           ^^^\n",
      good: "FROM node:24\nONBUILD ENV A=b\n",
    },
  ],
  fine: ["FROM node:24\nENV A=b C=d\nLABEL a=b\nENV A = b\nENV A\nENV A “b”\n"],
  keywords: ["ENV", "LABEL"],
  *instruction({ instruction, keyword }) {
    const { legacy, pairs } = pairsOf(instruction);
    const [pair] = pairs;
    // `ENV A = b` and typographic quotes are mistakes of their own.
    if (!legacy || !pair?.value || !pair.valueSpan || /^(?:=|[“”„])/.test(pair.value)) return;
    const { nameSpan, valueSpan, name } = pair;
    const fix = withEquals(instruction, name, pair.value, valueSpan.start);
    yield {
      range: instruction.rest.rangeOf(nameSpan.start, valueSpan.end),
      message: msg("Write {keyword} {name}=… with an equals sign", { keyword, name }),
      ...(fix && { fix }),
    };
  },
});

function withEquals({ rest, words }: Instruction, name: string, value: string, start: number): Fix | undefined {
  const title = msg("Write it with an equals sign");
  const name_ = rest.rangeOf(0, name.length);
  const first = rest.rangeOf(start, start + 1).start;
  const between = { start: name_.end, end: first };
  // A comment line may stand in between.
  if (first.line - name_.end.line > 1) return undefined;
  if (words.length === 2) return { title, edits: [replace(between, "=")] };
  // Quotes and escapes would mean something else in quotes.
  if (/["'\\`]/.test(value)) return undefined;
  const { end } = rest.rangeOf(start, start + value.length);
  return { title, edits: [replace(between, '="'), replace({ start: end, end }, '"')] };
}
