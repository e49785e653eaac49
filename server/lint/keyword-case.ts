import { instructionForms } from "../../engine/analysis.ts";
import type { Dockerfile, Instruction } from "../../engine/dockerfile/model.ts";

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

/** Whether the lines of `one` were meant to be a part of the instruction above, whose last line is not continued. */
export function belongsAbove({ lines }: Dockerfile, one: Instruction, before: Instruction): boolean {
  const written = keywordCase(one);
  if (written !== "unknown" && written !== "lower") return false;
  if (before.heredocs.length > 0 || before.trigger?.heredocs.length) return false;
  const { start } = one.range;
  const { end } = before.range;
  const isNext = end.line === start.line - 1;
  if (written === "unknown" && /^(?:&&|\|\||[|;&'")\]}]|--?[a-z])/i.test(one.keywordWord.text)) {
    return isNext || onlyComments(lines, end.line + 1, start.line);
  }
  if (!isNext) return false;
  if (/(?:&&|\|\|?)$/.test(before.rest.text)) return true;
  if (start.character <= before.range.start.character && keywordCase(before) !== "unknown") return false;
  if (start.character === 0) return false;
  // `add`, `run` and `user` are also words of commands.
  return written === "unknown" || (before.keyword === "RUN" && keywordCase(before) === "upper");
}

function onlyComments(lines: Dockerfile["lines"], from: number, to: number): boolean {
  if (to - from > 20) return false;
  for (let line = from; line < to; line += 1) if (!lines.at(line).trimStart().startsWith("#")) return false;
  return true;
}
