import { type FoldingRange, FoldingRangeKind } from "vscode-languageserver";
import type { Analysis } from "../analysis.ts";

/** Stages, instructions over several lines, heredocs, and comments that stand together. */
export function folding({ dockerfile }: Analysis): FoldingRange[] {
  const found = new Map<string, FoldingRange>();
  const add = (startLine: number, endLine: number, kind?: FoldingRangeKind) => {
    if (endLine > startLine) found.set(`${startLine}-${endLine}`, { startLine, endLine, ...(kind && { kind }) });
  };
  for (const { range } of dockerfile.stages) add(range.start.line, range.end.line);
  for (const { range, heredocs } of dockerfile.instructions) {
    add(range.start.line, range.end.line);
    // With one heredoc the instruction's own range says the same.
    if (heredocs.length < 2) continue;
    for (const { contentRange } of heredocs) add(contentRange.start.line, contentRange.end.line);
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
