import { msg } from "../../../engine/base/message.ts";
import { ByStage } from "../../lint/by-stage.ts";
import { replace } from "../../lint/fixes.ts";
import { belongsAbove, type KeywordCase, keywordCase } from "../../lint/keyword-case.ts";
import { defineRule } from "../../lint/rule.ts";

const written = new ByStage((instructions, dockerfile) => {
  const own = instructions.filter((one, at) => {
    const before = instructions[at - 1];
    return !before || !belongsAbove(dockerfile, one, before);
  });
  const of = (wanted: KeywordCase) => own.filter((one) => keywordCase(one) === wanted);
  return { lower: of("lower"), upper: of("upper"), mixed: of("mixed") };
});

export default defineRule({
  id: "syntax/keyword-casing",
  severity: "info",
  summary: msg("The instruction is cased otherwise than most of this file"),
  why: msg("The builder does not care; readers find instructions by their capitals."),
  sameAs: ["buildkit:ConsistentInstructionCasing", "dockerfile-utils:0"],
  note: msg("What most instructions of the file do is right, capitals when there are as many of both."),
  fix: "safe",
  examples: [
    {
      bad: "FROM node:24\nrun npm ci\n#^^\nCopy . .\n#^^^\n",
      good: "FROM node:24\nRUN npm ci\nCOPY . .\n",
    },
    { bad: "from node:24\nrun npm ci\nCOPY . .\n#^^^\n", good: "from node:24\nrun npm ci\ncopy . .\n" },
  ],
  fine: [
    "FROM node:24\nRUN run\n",
    "from node:24\nrun npm ci\n",
    "FROM node:24\nRUNN x\nrnu y\n",
    "FROM alpine:3\nRUN apk\n  add curl\n",
  ],
  *file({ dockerfile }) {
    const cases = written.of(dockerfile);
    const count = (one: "lower" | "upper") => cases.reduce((sum, { [one]: some }) => sum + some.length, 0);
    const wanted = count("lower") > count("upper") ? "lower" : "upper";
    for (const one of cases.flatMap(({ lower, upper, mixed }) => [...(wanted === "lower" ? upper : lower), ...mixed])) {
      const { keyword, keywordWord } = one;
      const name = wanted === "lower" ? keyword.toLowerCase() : keyword;
      yield {
        range: keywordWord.range,
        message: msg("{written} is cased otherwise than most instructions of this file", { written: keywordWord.text }),
        fix: { title: msg("Write {name}", { name }), edits: [replace(keywordWord.range, name)] },
      };
    }
  },
});
