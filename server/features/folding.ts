import { type FoldingRange, FoldingRangeKind } from "vscode-languageserver";
import type { Instruction } from "../../engine/analysis.ts";
import type { Analysis } from "../analysis.ts";

const known = new WeakMap<Instruction, readonly FoldingRange[]>();

function ofInstruction(instruction: Instruction): readonly FoldingRange[] {
  const kept = known.get(instruction);
  if (kept) return kept;
  const { range, heredocs } = instruction;
  // With one heredoc the instruction's own range says the same.
  const bodies = heredocs.length < 2 ? [] : heredocs.map(({ contentRange }) => contentRange);
  const found = [range, ...bodies]
    .map(({ start, end }) => ({ startLine: start.line, endLine: end.line }))
    .filter(({ startLine, endLine }) => endLine > startLine);
  known.set(instruction, found);
  return found;
}

/** Stages, instructions over several lines, heredocs, and comments that stand together. */
export function folding({ dockerfile }: Analysis): FoldingRange[] {
  const found = new Map<string, FoldingRange>();
  const add = (startLine: number, endLine: number, kind?: FoldingRangeKind) => {
    if (endLine > startLine) found.set(`${startLine}-${endLine}`, { startLine, endLine, ...(kind && { kind }) });
  };
  for (const { range } of dockerfile.stages) add(range.start.line, range.end.line);
  for (const instruction of dockerfile.instructions) {
    for (const { startLine, endLine } of ofInstruction(instruction)) add(startLine, endLine);
  }
  const lines = dockerfile.comments.map(({ range }) => range.start.line);
  lines.forEach((line, at) => {
    if (lines[at - 1] === line - 1) return;
    let last = at;
    while (lines[last + 1] === (lines[last] ?? 0) + 1) last += 1;
    add(line, lines[last] ?? line, FoldingRangeKind.Comment);
  });
  return [...found.values()].sort((a, b) => a.startLine - b.startLine || b.endLine - a.endLine);
}
