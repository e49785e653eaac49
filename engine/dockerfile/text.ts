import type { Position, Range } from "../base/ranges.ts";
import { LineIndex } from "./line-index.ts";
import type { MappedText } from "./model.ts";

interface Chunk {
  /** Offset in the joined text. */
  readonly at: number;
  readonly line: number;
  readonly character: number;
}

/** An instruction's lines, joined; knows where each piece came from. Lines count from the instruction's first one. */
export class JoinedText {
  text: string;
  /** Where the first chunk stands in its line. */
  private readonly character: number;
  /** The other chunks: most instructions have one line, and files have thousands of them. */
  private more: Chunk[] | undefined;

  constructor(text: string, character: number) {
    this.text = text;
    this.character = character;
  }

  add(text: string, line: number, character: number): void {
    if (text.length === 0) return;
    this.more ??= [];
    this.more.push({ at: this.text.length, line, character });
    this.text += text;
  }

  /** The place of [start, end) when the first line is line `line` of the file. Offsets outside are clamped. */
  rangeOf(start: number, end: number, line: number): Range {
    const from = Math.max(0, Math.min(start, this.text.length));
    const to = Math.max(from, Math.min(end, this.text.length));
    const first = this.place(this.chunkBefore(from + 1), from, line);
    // The end belongs to the line of the last character, not to the start of the next line.
    return { start: first, end: to === from ? first : this.place(this.chunkBefore(to), to, line) };
  }

  private place(chunk: Chunk | undefined, offset: number, line: number): Position {
    if (chunk === undefined) return { line, character: this.character + offset };
    return { line: line + chunk.line, character: chunk.character + offset - chunk.at };
  }

  /** The last chunk that starts before `offset`; `undefined` for the first one. */
  private chunkBefore(offset: number): Chunk | undefined {
    const { more } = this;
    if (more === undefined) return undefined;
    let low = -1;
    let high = more.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((more[middle]?.at ?? 0) < offset) low = middle;
      else high = middle - 1;
    }
    return more[low];
  }
}

/** A part of a joined text, at a line of the file. */
export class PlacedText implements MappedText {
  readonly text: string;
  private readonly whole: JoinedText;
  private readonly offset: number;
  private readonly line: number;

  constructor(whole: JoinedText, start: number, end: number, line: number) {
    this.text = whole.text.slice(start, end);
    this.whole = whole;
    this.offset = start;
    this.line = line;
  }

  rangeOf(start: number, end: number): Range {
    const from = Math.max(0, Math.min(start, this.text.length));
    const to = Math.max(from, Math.min(end, this.text.length));
    return this.whole.rangeOf(this.offset + from, this.offset + to, this.line);
  }
}

/** [start, end) of a text; keeps its places. */
export function partOf(whole: MappedText, start: number, end: number): MappedText {
  const from = Math.max(0, Math.min(start, whole.text.length));
  const to = Math.max(from, Math.min(end, whole.text.length));
  const at = (offset: number) => from + Math.max(0, Math.min(offset, to - from));
  return { text: whole.text.slice(from, to), rangeOf: (a, b) => whole.rangeOf(at(a), Math.max(at(a), at(b))) };
}

/** The body of a heredoc. */
export class BodyText implements MappedText {
  readonly text: string;
  private readonly line: number;
  /** How many tabs each line has lost. */
  private readonly tabs: readonly number[];
  private starts: LineIndex | undefined;

  constructor(text: string, line: number, tabs: readonly number[]) {
    this.text = text;
    this.line = line;
    this.tabs = tabs;
  }

  rangeOf(start: number, end: number): Range {
    return { start: this.place(start), end: this.place(Math.max(start, end)) };
  }

  private place(offset: number): Position {
    this.starts ??= LineIndex.of(this.text);
    const { line, character } = this.starts.positionAt(offset);
    return { line: this.line + line, character: character + (this.tabs[line] ?? 0) };
  }
}
