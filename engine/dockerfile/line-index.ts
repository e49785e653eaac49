import type { Position } from "../base/ranges.ts";

/**
 * Where the lines of a text start. A line ends at \n; a \r before it belongs to the line's end, not to its text. Text that
 * ends in \n has no further line: `count` is what the builder counts, while `offsetAt` and `at` take that line all the same.
 */
export class LineIndex {
  readonly text: string;
  private readonly starts: readonly number[];

  private constructor(text: string, starts: readonly number[]) {
    this.text = text;
    this.starts = starts;
  }

  static of(text: string): LineIndex {
    const starts = [0];
    findStarts(text, 0, text.length, starts);
    return new LineIndex(text, starts);
  }

  /** The index of a text of which the first `prefix` and the last `suffix` characters are those of this one. */
  edited(text: string, { prefix, suffix }: CommonEnds): LineIndex {
    const starts = this.starts.slice(0, this.lineOf(prefix) + 1);
    const end = text.length - suffix;
    findStarts(text, prefix, end, starts);
    const delta = text.length - this.text.length;
    // A line starts behind its \n: these are the starts whose \n lies in the suffix.
    for (let line = this.lineOf(this.text.length - suffix) + 1; line < this.starts.length; line++) {
      starts.push((this.starts[line] ?? 0) + delta);
    }
    return new LineIndex(text, starts);
  }

  get count(): number {
    return this.starts.at(-1) === this.text.length ? this.starts.length - 1 : this.starts.length;
  }

  /** Offset of the line's first character; the length of the text for lines below it. */
  startOf(line: number): number {
    return this.starts[line] ?? this.text.length;
  }

  /** Offset behind the line's last character that is no line end. */
  endOf(line: number): number {
    const start = this.startOf(line);
    let end = this.startOf(line + 1);
    while (end > start && isLineEnd(this.text.charCodeAt(end - 1))) end--;
    return end;
  }

  /** The line without its line end; empty for lines that are not there. */
  at(line: number): string {
    return this.text.slice(this.startOf(line), this.endOf(line));
  }

  /** The line with its line end. */
  raw(line: number): string {
    return this.text.slice(this.startOf(line), this.startOf(line + 1));
  }

  /** Places behind the end of a line or of the text are moved to that end. */
  offsetAt({ line, character }: Position): number {
    if (line < 0) return 0;
    return Math.min(this.startOf(line) + Math.max(0, character), this.endOf(line));
  }

  positionAt(offset: number): Position {
    const at = Math.max(0, Math.min(offset, this.text.length));
    const line = this.lineOf(at);
    return { line, character: at - this.startOf(line) };
  }

  /** The line in which the offset lies; a line end belongs to the line that it ends. */
  private lineOf(offset: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** How much two texts have in common at their two ends; the two stretches do not overlap in either text. */
export interface CommonEnds {
  readonly prefix: number;
  readonly suffix: number;
}

export function commonEnds(before: string, after: string): CommonEnds {
  const shorter = Math.min(before.length, after.length);
  let prefix = 0;
  // Whole stretches are compared by the machine's fastest loop; only the last one is read character by character.
  while (
    prefix + stretch <= shorter &&
    before.slice(prefix, prefix + stretch) === after.slice(prefix, prefix + stretch)
  ) {
    prefix += stretch;
  }
  while (prefix < shorter && before.charCodeAt(prefix) === after.charCodeAt(prefix)) prefix++;
  const rest = shorter - prefix;
  const [a, b] = [before.length, after.length];
  let suffix = 0;
  while (
    suffix + stretch <= rest &&
    before.slice(a - suffix - stretch, a - suffix) === after.slice(b - suffix - stretch, b - suffix)
  ) {
    suffix += stretch;
  }
  while (suffix < rest && before.charCodeAt(a - suffix - 1) === after.charCodeAt(b - suffix - 1)) suffix++;
  return { prefix, suffix };
}

const stretch = 2048;

/** Adds the starts of the lines whose \n lies in [from, to). */
function findStarts(text: string, from: number, to: number, starts: number[]): void {
  for (let at = text.indexOf("\n", from); at >= 0 && at < to; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
}

function isLineEnd(code: number): boolean {
  return code === 10 || code === 13;
}
