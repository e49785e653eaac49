import type { Position, Range } from "../engine/base/ranges.ts";
import type { Analysis } from "./analysis.ts";

/** A part of a file that means the same at one place as the whole file, with places turned back into the file's. */
export interface Slice {
  readonly text: string;
  readonly position: Position;
  toFile(range: Range): Range;
}

const smallLines = 150;
/** Of a long stage, so many lines before and after the place. */
const around = 100;

/**
 * What dockerfile-language-service needs for an answer at `position`: it reads all of the text on every call and some of
 * its answers cost the square of it. Kept: the lines before the first FROM, the other stages' FROM, and this stage.
 */
export function sliceAt(analysis: Analysis, position: Position): Slice {
  const { lines, dockerfile } = analysis;
  if (lines.length <= smallLines) return { text: analysis.text, position, toFile: (range) => range };
  const stage = analysis.stageAt(position.line);
  const kept: number[] = [];
  const keep = (from: number, to: number) => {
    for (let line = from; line < to; line += 1) kept.push(line);
  };
  keep(0, dockerfile.stages[0]?.range.start.line ?? lines.length);
  for (const other of dockerfile.stages) {
    const next = dockerfile.stages[other.index + 1]?.range.start.line ?? lines.length;
    const { start, end } = other.from.range;
    keep(start.line, end.line + 1);
    if (other !== stage) continue;
    const near = other.instructions.filter(({ range }) => Math.abs(range.start.line - position.line) <= around);
    // A window starts with an instruction, and with the one at the place however long it is.
    const own = other.instructions.findLast(({ range }) => range.start.line <= position.line);
    const first = Math.min(near[0]?.range.start.line ?? next, own?.range.start.line ?? next, position.line);
    keep(Math.max(end.line + 1, first), Math.min(next, position.line + around));
  }
  const shown = new Map(kept.map((line, at) => [line, at]));
  const toFile = ({ line, character }: Position) => ({ line: kept[line] ?? lines.length, character });
  return {
    text: kept.map((line) => lines[line]).join("\n"),
    position: { line: shown.get(position.line) ?? 0, character: position.character },
    toFile: ({ start, end }) => ({ start: toFile(start), end: toFile(end) }),
  };
}
