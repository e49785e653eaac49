import type { Position, Range } from "../base/ranges.ts";
import type { MappedText } from "./model.ts";

/** The physical lines of a file. A line ends at \n; a \r before it belongs to the line's end, not to its text. */
export class Lines {
  readonly text: string;
  private readonly starts: number[] = [0];

  constructor(text: string) {
    this.text = text;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.starts.push(at + 1);
    // Text that ends in \n has no further line.
    if (this.starts.at(-1) === text.length) this.starts.pop();
  }

  get count(): number {
    return this.starts.length;
  }

  /** The line with its line end. */
  raw(line: number): string {
    return this.text.slice(this.starts[line], this.starts[line + 1] ?? this.text.length);
  }

  /** The line without its line end. */
  at(line: number): string {
    const start = this.starts[line] ?? this.text.length;
    let end = this.starts[line + 1] ?? this.text.length;
    while (end > start && isLineEnd(this.text.charCodeAt(end - 1))) end--;
    return this.text.slice(start, end);
  }
}

function isLineEnd(code: number): boolean {
  return code === 10 || code === 13;
}

interface Chunk {
  /** Offset in the joined text. */
  readonly at: number;
  readonly line: number;
  readonly character: number;
}

/** An instruction's lines, joined; knows where each piece came from. */
export class JoinedText implements MappedText {
  text: string;
  private readonly first: Chunk;
  /** Without the first: most instructions have one line, and files have thousands of them. */
  private more: Chunk[] | undefined;

  constructor(text: string, line: number, character: number) {
    this.text = text;
    this.first = { at: 0, line, character };
  }

  add(text: string, line: number, character: number): void {
    if (text.length === 0) return;
    this.more ??= [];
    this.more.push({ at: this.text.length, line, character });
    this.text += text;
  }

  rangeOf(start: number, end: number): Range {
    const from = Math.max(0, Math.min(start, this.text.length));
    const to = Math.max(from, Math.min(end, this.text.length));
    const first = this.place(this.chunkBefore(from + 1), from);
    // The end belongs to the line of the last character, not to the start of the next line.
    return { start: first, end: to === from ? first : this.place(this.chunkBefore(to), to) };
  }

  slice(start: number, end: number): MappedText {
    return new Slice(this, start, end);
  }

  private place(chunk: Chunk, offset: number): Position {
    return { line: chunk.line, character: chunk.character + offset - chunk.at };
  }

  /** The last chunk that starts before `offset`. */
  private chunkBefore(offset: number): Chunk {
    const { more } = this;
    if (more === undefined) return this.first;
    let low = -1;
    let high = more.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((more[middle]?.at ?? 0) < offset) low = middle;
      else high = middle - 1;
    }
    return more[low] ?? this.first;
  }
}

class Slice implements MappedText {
  private readonly whole: JoinedText;
  private readonly offset: number;
  readonly text: string;

  constructor(whole: JoinedText, start: number, end: number) {
    this.whole = whole;
    this.offset = start;
    this.text = whole.text.slice(start, end);
  }

  rangeOf(start: number, end: number): Range {
    const from = Math.max(0, Math.min(start, this.text.length));
    const to = Math.max(from, Math.min(end, this.text.length));
    return this.whole.rangeOf(this.offset + from, this.offset + to);
  }
}
