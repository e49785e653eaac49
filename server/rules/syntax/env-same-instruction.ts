// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import { expansionsOf } from "../../../engine/analysis.ts";
import { msg } from "../../../engine/base/message.ts";
import type { Instruction } from "../../../engine/dockerfile/model.ts";
import { comparePositions, contains, replace } from "../../lint/fixes.ts";
import { isOftenInherited } from "../../lint/known-variables.ts";
import { type Pair, pairsOf } from "../../lint/pairs.ts";
import { defineRule, type Fix } from "../../lint/rule.ts";

export default defineRule({
  id: "syntax/env-same-instruction",
  severity: "error",
  summary: msg("A variable that the same ENV sets does not have its new value yet"),
  why: msg(
    "All of one ENV is expanded before anything of it is set: what is used here is the value from above, or nothing.",
  ),
  learn: msg("Write a second ENV below, which sees what the first one has set."),
  sameAs: ["hadolint:DL3044"],
  note: msg("Names that were set before, and those that images bring along, like PATH, are not reported."),
  fix: "suggestion",
  sees: ["ENV", "ARG"],
  examples: [
    {
      bad: "FROM node:24\nENV A=/a B=$A/b\n#          ^^\n",
      good: "FROM node:24\nENV A=/a\nENV B=$A/b\n",
    },
    {
      bad: "FROM node:24\nENV A=/a \\\n    B=${A}/b \\\n#     ^^^^\n    C=d\n",
      good: "FROM node:24\nENV A=/a\nENV B=${A}/b \\\n    C=d\n",
    },
    { bad: "FROM node:24\nENV B=$A A=1\n#     ^^\n" },
  ],
  fine: [
    "FROM node:24\nENV A=1\nENV A=2 B=$A\nENV PATH=/x:$PATH C=$PATH/y D=$D\n",
    "FROM node:24\nARG A\nENV A=2 B=$A\nENV E='$F' F=1\n",
    "FROM node:24 AS x\nENV A=1\nFROM x\nENV A=2 B=$A\n",
  ],
  *stage(view) {
    for (const { instruction, escape: escapeChar, onbuild } of view.only("ENV")) {
      const { pairs, legacy } = pairsOf(instruction);
      if (onbuild || legacy || pairs.length < 2 || !instruction.rest.text.includes("$")) continue;
      const names = new Map(pairs.map(({ name }, at) => [name, at]));
      const before = view.variablesAt(instruction);
      let place = 0;
      for (const { name, range } of expansionsOf(instruction, escapeChar)) {
        const set = names.get(name);
        if (set === undefined || before.has(name) || isOftenInherited(name)) continue;
        while (place < pairs.length && !holds(instruction, pairs[place], range)) place += 1;
        if (place === set || place === pairs.length) continue;
        const fix = set < place ? split(instruction, place) : undefined;
        yield {
          range,
          message: msg("{name} is set by this same ENV, so it does not have its new value yet", { name }),
          ...(fix && { fix }),
        };
      }
    }
  },
});

function holds({ rest }: Instruction, pair: Pair | undefined, { start }: Fix["edits"][number]["range"]): boolean {
  const span = pair?.valueSpan;
  if (!span) return false;
  const range = rest.rangeOf(span.start, span.end);
  return contains(range, start) && comparePositions(start, range.end) < 0;
}

/** A new ENV from this pair on. */
function split({ words, keywordWord }: Instruction, at: number): Fix | undefined {
  const [before, from] = [words[at - 1], words[at]];
  // Comments between the lines would go.
  if (!before || !from || from.range.start.line - before.range.end.line > 1) return undefined;
  const gap = { start: before.range.end, end: from.range.start };
  const name = keywordWord.text;
  return { title: msg("Begin a new ENV here"), edits: [replace(gap, `\n${name} `)] };
}
