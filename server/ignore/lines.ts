import type { Range } from "../../engine/base/ranges.ts";
import { readIgnoreFile } from "../../engine/context/ignore.ts";

/** One pattern of a .dockerignore file with its place. */
export interface IgnoreLine {
  readonly line: number;
  /** As the builder reads it: cleaned, without `!`. Empty for a lone `!`. */
  readonly pattern: string;
  readonly isException: boolean;
  /** As written, without `!` and the blanks around. */
  readonly written: string;
  /** Of the whole line without the blanks around. */
  readonly range: Range;
  /** Of `written`. */
  readonly patternRange: Range;
}

/** The lines that are patterns, in file order: the same ones that `readIgnoreFile` finds. */
export function ignoreLines(text: string): readonly IgnoreLine[] {
  return text.split("\n").flatMap((whole, line): readonly IgnoreLine[] => {
    const bom = line === 0 && whole.startsWith("\uFEFF") ? 1 : 0;
    const content = whole.slice(bom);
    const trimmed = content.trim();
    if (content.startsWith("#") || trimmed === "") return [];
    const start = bom + content.indexOf(trimmed);
    // Behind a blank # is no comment. `/!a` becomes `!a` on the way, an exception like any other.
    const [read = ""] = readIgnoreFile(` ${trimmed}`);
    const isException = read.startsWith("!");
    const written = trimmed.startsWith("!") ? trimmed.slice(1).trim() : trimmed;
    const end = start + trimmed.length;
    return [
      {
        line,
        pattern: isException ? read.slice(1) : read,
        isException,
        written,
        range: rangeIn(line, start, end),
        patternRange: rangeIn(line, end - written.length, end),
      },
    ];
  });
}

/** What a `!` line and a plain line mean to the matcher. */
export function patternText({ isException, pattern }: Pick<IgnoreLine, "isException" | "pattern">): string {
  return isException ? `!${pattern}` : pattern;
}

export function rangeIn(line: number, start: number, end: number): Range {
  return { start: { line, character: start }, end: { line, character: end } };
}

export function hasMetacharacters(pattern: string): boolean {
  return /[*?[\]\\]/.test(pattern);
}
