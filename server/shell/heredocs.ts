import type { Position } from "../../engine/base/ranges.ts";
import type { Heredoc } from "../../engine/dockerfile/model.ts";
import { lineStart, lineStarts } from "./file-lines.ts";
import type { Locate } from "./placed.ts";

/** Places of offsets in a heredoc's content: its lines are the file's, less the tabs that `<<-` takes away. */
export function locateIn(heredoc: Heredoc, file: string): Locate {
  let starts: readonly number[] | undefined;
  const locate = (offset: number, isEnd: boolean): Position => {
    starts ??= lineStarts(heredoc.content);
    const at = Math.max(0, Math.min(offset, heredoc.content.length));
    // The end of a text belongs to the line of its last character.
    const index = lineOf(starts, isEnd && at > 0 ? at - 1 : at);
    const line = heredoc.contentRange.start.line + index;
    const inLine = at - (starts[index] ?? 0) - (isEnd && heredoc.content.charAt(at - 1) === "\n" ? 1 : 0);
    return { line, character: inLine + (heredoc.stripTabs ? tabsOf(file, line) : 0) };
  };
  return (start, end) => ({ start: locate(start, false), end: locate(end, end > start) });
}

function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function tabsOf(file: string, line: number): number {
  const start = lineStart(file, line);
  let at = start;
  while (file.charAt(at) === "\t") at += 1;
  return at - start;
}
