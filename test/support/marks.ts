import type { Position, Range } from "../../engine/base/ranges.ts";

/** A text whose mark lines (`#   ^^^^` under what is meant; `#^^^` from column 0) are taken out and turned into ranges. */
export function readMarks(marked: string): { text: string; ranges: Range[] } {
  const lines: string[] = [];
  const ranges: Range[] = [];
  for (const line of marked.split("\n")) {
    if (/^# *\^+$/.test(line)) {
      const start = line[1] === "^" ? 0 : line.indexOf("^");
      const at = lines.length - 1;
      ranges.push({ start: { line: at, character: start }, end: { line: at, character: line.length } });
    } else {
      lines.push(line);
    }
  }
  return { text: lines.join("\n"), ranges };
}

/** A text whose cursor is written `<|>`. */
export function readCursor(marked: string): { text: string; position: Position } {
  const offset = marked.indexOf("<|>");
  const before = marked.slice(0, offset).split("\n");
  return {
    text: marked.replace("<|>", ""),
    position: { line: before.length - 1, character: before.at(-1)?.length ?? 0 },
  };
}
