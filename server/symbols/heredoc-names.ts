import type { Instruction } from "../../engine/analysis.ts";
import type { Position, Range } from "../../engine/base/ranges.ts";
import type { Heredoc } from "../../engine/dockerfile/model.ts";
import type { Analysis } from "../analysis.ts";
import { contains } from "../lint/fixes.ts";

/** The two places of a heredoc's name: `EOF` in `<<EOF`, and the line that ends it. */
export interface HeredocName {
  readonly instruction: Instruction;
  readonly heredoc: Heredoc;
  readonly opened: Range;
  readonly closed: Range;
}

/** The heredoc whose name stands at the cursor; undefined when it has no end, or its name is written with escapes. */
export function heredocAt(analysis: Analysis, position: Position): HeredocName | undefined {
  const instruction = analysis.instructionAt(position);
  if (!instruction) return undefined;
  for (const heredoc of (instruction.trigger ?? instruction).heredocs) {
    const opened = openedAt(analysis, heredoc);
    const closed = opened && closedAt(analysis, heredoc);
    if (!closed) continue;
    if (contains(opened, position) || contains(closed, position)) return { instruction, heredoc, opened, closed };
  }
  return undefined;
}

function openedAt({ dockerfile }: Analysis, { range, delimiter }: Heredoc): Range | undefined {
  const { start, end } = range;
  if (start.line !== end.line) return undefined;
  const written = dockerfile.lines.at(start.line).slice(start.character, end.character);
  const at = written.lastIndexOf(delimiter);
  return at < 0 ? undefined : inLine(start.line, start.character + at, delimiter);
}

function closedAt(
  { dockerfile }: Analysis,
  { content, contentRange, delimiter, stripTabs }: Heredoc,
): Range | undefined {
  const line = contentRange.start.line + (content.match(/\n/g)?.length ?? 0);
  const text = dockerfile.lines.at(line);
  const indent = stripTabs ? (/^\t*/.exec(text)?.[0].length ?? 0) : 0;
  return text.slice(indent) === delimiter ? inLine(line, indent, delimiter) : undefined;
}

function inLine(line: number, character: number, { length }: string): Range {
  return { start: { line, character }, end: { line, character: character + length } };
}
