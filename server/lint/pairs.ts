import { readPairs } from "../../engine/analysis.ts";
import type { Instruction, Stage } from "../../engine/dockerfile/model.ts";

export type Pair = ReturnType<typeof readPairs>["pairs"][number];

const byContent = new WeakMap<object, ReturnType<typeof readPairs>>();

/** Names and values of ENV, LABEL and ARG, read once for an instruction. */
export function pairsOf(instruction: Instruction): ReturnType<typeof readPairs> {
  const known = byContent.get(instruction.content) ?? readPairs(instruction);
  byContent.set(instruction.content, known);
  return known;
}

const byStage = new WeakMap<Stage, ReadonlySet<string>>();

/** All names that the ARGs of a stage declare. */
export function argumentNames(stage: Stage): ReadonlySet<string> {
  const known =
    byStage.get(stage) ??
    new Set(
      stage.instructions.flatMap((one) => (one.keyword === "ARG" ? pairsOf(one).pairs.map(({ name }) => name) : [])),
    );
  byStage.set(stage, known);
  return known;
}
