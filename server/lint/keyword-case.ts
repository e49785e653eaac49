import { instructionForms } from "../../engine/analysis.ts";
import type { Instruction } from "../../engine/dockerfile/model.ts";

export type KeywordCase = "upper" | "lower" | "mixed" | "unknown";

const known = new WeakMap<object, KeywordCase>();

/** How a keyword is written; `unknown`: it is none. Read once for each text of an instruction. */
export function keywordCase(instruction: Instruction): KeywordCase {
  const found = known.get(instruction.content) ?? read(instruction);
  known.set(instruction.content, found);
  return found;
}

function read({ keyword, keywordWord }: Instruction): KeywordCase {
  if (!Object.hasOwn(instructionForms, keyword)) return "unknown";
  const { text } = keywordWord;
  return text === keyword ? "upper" : text === keyword.toLowerCase() ? "lower" : "mixed";
}
