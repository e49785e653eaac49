import type { Position, Range } from "../../engine/base/ranges.ts";
import type { Instruction } from "../../engine/dockerfile/model.ts";
import type { TextEdit } from "./rule.ts";

/** Puts whole lines above an instruction, indented like it. Behind ONBUILD, give the whole (`view.onbuild`). */
export function insertAbove(instruction: Instruction, ...lines: readonly string[]): TextEdit {
  const at = instruction.range.start;
  // One character in front of the first line's keyword is a byte order mark.
  const indent = at.line === 0 && at.character === 1 ? "" : " ".repeat(at.character);
  return { range: { start: at, end: at }, newText: lines.map((text) => `${text}\n${indent}`).join("") };
}

/** Puts whole lines below an instruction; also right when it is the last line and has no line end. */
export function insertBelow(instruction: Instruction, ...lines: readonly string[]): TextEdit {
  const at = instruction.range.end;
  return { range: { start: at, end: at }, newText: lines.map((text) => `\n${text}`).join("") };
}

/** Takes an instruction away together with its lines. */
export function removeLines(instruction: Instruction): TextEdit {
  const { start, end } = instruction.range;
  return {
    range: { start: { line: start.line, character: 0 }, end: { line: end.line + 1, character: 0 } },
    newText: "",
  };
}

export function replace(range: Range, newText: string): TextEdit {
  return { range, newText };
}

export function comparePositions(a: Position, b: Position): number {
  return a.line - b.line || a.character - b.character;
}

export function contains(range: Range, position: Position): boolean {
  return comparePositions(range.start, position) <= 0 && comparePositions(position, range.end) <= 0;
}

/** The text with all edits made. Edits that overlap an earlier one in the list are left out. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const starts = lineStarts(text);
  const offsetOf = ({ line, character }: Position) => {
    const start = starts[line];
    if (start === undefined) return text.length;
    return Math.min(start + character, starts[line + 1] ?? text.length);
  };
  const taken: { start: number; end: number; newText: string }[] = [];
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  for (const { range, newText: written } of edits) {
    const newText = written.replace(/\r?\n/g, lineEnd);
    const edit = { start: offsetOf(range.start), end: offsetOf(range.end), newText };
    if (!taken.some((other) => edit.start < other.end && other.start < edit.end)) taken.push(edit);
  }
  taken.sort((a, b) => a.start - b.start || a.end - b.end);
  let result = "";
  let at = 0;
  for (const edit of taken) {
    result += text.slice(at, edit.start) + edit.newText;
    at = Math.max(at, edit.end);
  }
  return result + text.slice(at);
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
