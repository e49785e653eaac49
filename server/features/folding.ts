import { type FoldingRange, FoldingRangeKind } from "vscode-languageserver";
import type { Dockerfile, Instruction, Stage } from "../../engine/analysis.ts";
import type { Range } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";

/** Of a stage and what is in it, as long as the stage is the same. */
const known = new WeakMap<Stage, readonly FoldingRange[]>();

function ofStage(stage: Stage): readonly FoldingRange[] {
  const kept = known.get(stage);
  if (kept) return kept;
  const found: FoldingRange[] = [];
  add(found, stage.range);
  addInstruction(found, stage.from);
  for (const instruction of stage.instructions) addInstruction(found, instruction);
  known.set(stage, found);
  return found;
}

function add(found: FoldingRange[], { start, end }: Range): void {
  if (end.line > start.line) found.push({ startLine: start.line, endLine: end.line });
}

function addInstruction(found: FoldingRange[], { range, heredocs }: Instruction): void {
  add(found, range);
  // With one heredoc the instruction's own range says the same.
  if (heredocs.length > 1) for (const { contentRange } of heredocs) add(found, contentRange);
}

/** Stages, instructions over several lines, heredocs, comments that stand together, and `# region` to `# endregion`. */
export function folding({ dockerfile }: Analysis): FoldingRange[] {
  const found: FoldingRange[] = [];
  const { instructions, stages } = dockerfile;
  for (const instruction of instructions) {
    if (instruction === stages[0]?.from) break;
    addInstruction(found, instruction);
  }
  for (const stage of stages) for (const range of ofStage(stage)) found.push(range);
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
