import type { Position, Range } from "../engine/base/ranges.ts";
import type { Analysis } from "./analysis.ts";

/** A part of a file that means the same at one place as the whole file, with places turned back into the file's. */
export interface Slice {
  readonly text: string;
  readonly position: Position;
  toFile(range: Range): Range;
}

const smallLines = 150;

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
    if (other === stage) keep(other.range.start.line, next);
    else keep(other.from.range.start.line, other.from.range.end.line + 1);
  }
  const shown = new Map(kept.map((line, at) => [line, at]));
  const toFile = ({ line, character }: Position) => ({ line: kept[line] ?? lines.length, character });
  return {
    text: kept.map((line) => lines[line]).join("\n"),
    position: { line: shown.get(position.line) ?? 0, character: position.character },
    toFile: ({ start, end }) => ({ start: toFile(start), end: toFile(end) }),
  };
}
