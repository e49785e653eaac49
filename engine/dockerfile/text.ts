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
    const raw = this.raw(line);
    let end = raw.length;
    while (end > 0 && (raw[end - 1] === "\n" || raw[end - 1] === "\r")) end--;
    return raw.slice(0, end);
  }
}

interface Chunk {
  /** Offset in the joined text. */
  readonly at: number;
  readonly line: number;
  readonly character: number;
}

/** An instruction's lines, joined; knows where each piece came from. */
export class JoinedText implements MappedText {
  private readonly parts: string[] = [];
  private readonly chunks: Chunk[] = [];
  private length = 0;
  private joined: string | undefined;

  add(text: string, line: number, character: number): void {
    if (text.length === 0 && this.chunks.length > 0) return;
    this.chunks.push({ at: this.length, line, character });
    this.parts.push(text);
    this.length += text.length;
    this.joined = undefined;
  }

  get text(): string {
    this.joined ??= this.parts.join("");
    return this.joined;
  }

  rangeOf(start: number, end: number): Range {
    const from = Math.max(0, Math.min(start, this.length));
    const to = Math.max(from, Math.min(end, this.length));
    const first = this.place(this.chunkBefore(from + 1), from);
    // The end belongs to the line of the last character, not to the start of the next line.
    return { start: first, end: to === from ? first : this.place(this.chunkBefore(to), to) };
  }

  slice(start: number, end: number): MappedText {
    return new Slice(this, start, end);
  }

  private place(chunk: Chunk | undefined, offset: number): Position {
    if (chunk === undefined) return { line: 0, character: 0 };
    return { line: chunk.line, character: chunk.character + offset - chunk.at };
  }

  /** The last chunk that starts before `offset`. */
  private chunkBefore(offset: number): Chunk | undefined {
    let low = 0;
    let high = this.chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.chunks[middle]?.at ?? 0) < offset) low = middle;
      else high = middle - 1;
    }
    return this.chunks[low];
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
