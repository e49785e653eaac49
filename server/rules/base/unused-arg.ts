// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles have variables
import { msg } from "../../../engine/base/message.ts";
import type { Instruction, Stage } from "../../../engine/dockerfile/model.ts";
import { removeLines } from "../../lint/fixes.ts";
import { isBuildersArgument } from "../../lint/known-variables.ts";
import { argumentNames, pairsOf } from "../../lint/pairs.ts";
import { defineRule, type Report } from "../../lint/rule.ts";

export default defineRule({
  id: "base/unused-arg",
  severity: "hint",
  summary: msg("Nothing uses this argument"),
  why: msg("Who gives it with --build-arg expects something to change, and a new value only makes steps run again."),
  learn: msg("An ARG above FROM is seen by FROM only: a stage that needs it declares it once more, as ARG NAME."),
  sameAs: [],
  note: msg("Any RUN below an ARG may read it from its environment, so only those are reported that no RUN follows."),
  fix: "suggestion",
  examples: [
    { bad: "ARG VERSION=1\n#   ^^^^^^^\nFROM node:24\nRUN true\n", good: "FROM node:24\nRUN true\n" },
    { bad: "FROM node:24\nRUN true\nARG PORT\n#   ^^^^\nEXPOSE 80\n", good: "FROM node:24\nRUN true\nEXPOSE 80\n" },
    { bad: "ARG V=1\n#   ^\nFROM node:24\nARG V\n#   ^\nCMD true\n", good: "FROM node:24\nCMD true\n" },
    { bad: "ARG A=1 B=2\n#       ^\nFROM node:$A\n" },
  ],
  fine: [
    "ARG A=1\nARG B=$A\nFROM node:${B}\n",
    "ARG P=linux/amd64\nFROM --platform=$P node:24\nARG V\nLABEL v=$V\n",
    "ARG V\nFROM node:24\nARG V\nRUN make\n",
    "FROM node:24 AS a\nARG V\nFROM a\nRUN make $V\n",
    "ARG BUILDKIT_SYNTAX\nFROM node:24\nARG SOURCE_DATE_EPOCH\nARG X=1\nARG Y=$X\nCMD echo $Y\n",
    "FROM node:24\nARG X\nONBUILD RUN true\n",
    "ARG V=1\nFROM node:24\nRUN echo $V\n",
  ],
  *file({ dockerfile, stages }) {
    const { globalArgs } = dockerfile;
    if (globalArgs.length === 0) return;
    const used = new Set<string>();
    for (const { stage, isBase } of stages) {
      const idle = isBase ? undefined : unusedNames(stage);
      for (const name of argumentNames(stage)) if (!idle?.has(name)) used.add(name);
      addNames(stage.from, used);
    }
    const reports: Report[] = [];
    for (const one of globalArgs.toReversed()) {
      reports.push(...unused(one, used));
      addValues(one, used);
    }
    if (reports.length === 0) return;
    // A stage that uses it without declaring it has a finding of its own.
    const meant = new Set(Array.from(dockerfile.text.matchAll(/\$\{?(\w+)/g), ([, name]) => name));
    for (const report of reports) if (!meant.has(String(report.message?.args?.name))) yield report;
  },
  *stage({ stage, isBase }) {
    if (!isBase) yield* unusedIn(stage);
  },
});

function* unusedIn({ instructions }: Stage): Generator<Report> {
  const used = new Set<string>();
  for (const one of instructions.toReversed()) {
    if (one.keyword === "RUN" || one.trigger) return;
    if (one.keyword === "ARG") {
      yield* unused(one, used);
      addValues(one, used);
    } else addNames(one, used);
  }
}

const byStage = new WeakMap<Stage, ReadonlySet<string>>();

/** What a stage declares for nothing: that is no use of what stands above all stages. */
function unusedNames(stage: Stage): ReadonlySet<string> {
  const known =
    byStage.get(stage) ?? new Set(Array.from(unusedIn(stage), ({ message }) => String(message?.args?.name)));
  byStage.set(stage, known);
  return known;
}

function* unused(instruction: Instruction, used: ReadonlySet<string>): Generator<Report> {
  const { pairs } = pairsOf(instruction);
  // `ARG A = b`
  if (pairs.some(({ name }) => name === "")) return;
  for (const { name, nameSpan } of pairs) {
    if (used.has(name) || isBuildersArgument(name)) continue;
    // One that uses another of the same line.
    if (pairs.some(({ value }) => value?.includes(name))) continue;
    yield {
      range: instruction.rest.rangeOf(nameSpan.start, nameSpan.end),
      message: msg("Nothing uses the argument {name}", { name }),
      tag: "unnecessary",
      ...(pairs.length === 1 && {
        fix: { title: msg("Remove the line"), edits: [removeLines(instruction)] },
      }),
    };
  }
}

/** Every word that could be the name of a variable. */
function addNames({ rest, flags, heredocs }: Instruction, to: Set<string>): void {
  for (const text of [rest.text, ...flags.map(({ value }) => value ?? ""), ...heredocs.map(({ content }) => content)]) {
    if (text.includes("$")) for (const name of text.match(/[A-Za-z_]\w*/g) ?? []) to.add(name);
  }
}

function addValues(instruction: Instruction, to: Set<string>): void {
  for (const { value = "" } of pairsOf(instruction).pairs) {
    if (value.includes("$")) for (const name of value.match(/[A-Za-z_]\w*/g) ?? []) to.add(name);
  }
}
