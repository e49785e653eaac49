import { type FoldingRange, FoldingRangeKind } from "vscode-languageserver";
import type { Dockerfile, Instruction } from "../../engine/analysis.ts";
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

/** Stages, instructions over several lines, heredocs, comments that stand together, and `# region` to `# endregion`. */
export function folding({ dockerfile }: Analysis): FoldingRange[] {
  const found: FoldingRange[] = [];
  for (const { range } of dockerfile.stages) {
    if (range.end.line > range.start.line) found.push({ startLine: range.start.line, endLine: range.end.line });
  }
  for (const instruction of dockerfile.instructions) {
    for (const range of ofInstruction(instruction)) found.push(range);
  }
  addComments(found, dockerfile);
  found.sort((a, b) => a.startLine - b.startLine || b.endLine - a.endLine);
  return found.filter(({ startLine, endLine }, at) => {
    const before = found[at - 1];
    return startLine !== before?.startLine || endLine !== before.endLine;
  });
}

const marker = /^#\s*#?(end)?region\b/i;

function addComments(found: FoldingRange[], { comments }: Dockerfile): void {
  const open: number[] = [];
  let first = 0;
  comments.forEach(({ text, range }, at) => {
    const { line } = range.start;
    const [isMarker, isEnd] = marker.exec(text) ?? [];
    const next = comments[at + 1];
    if (isMarker === undefined) {
      if (next?.range.start.line === line + 1 && !marker.test(next.text)) return;
      const startLine = comments[first]?.range.start.line ?? line;
      if (line > startLine) found.push({ startLine, endLine: line, kind: FoldingRangeKind.Comment });
    } else if (isEnd === undefined) open.push(line);
    else {
      const startLine = open.pop();
      if (startLine !== undefined) found.push({ startLine, endLine: line, kind: FoldingRangeKind.Region });
    }
    first = at + 1;
  });
}
