import type { Position } from "../base/ranges.ts";
import { type Bodies, type Body, Content } from "./content.ts";
import { continuationAt, firstNonBlank, Head, joinLines } from "./head.ts";
import type { HeredocStart } from "./heredoc.ts";
import { instructionForms } from "./instructions.ts";
import type { LineIndex } from "./line-index.ts";
import type { Dockerfile } from "./model.ts";
import { type Piece, placePiece } from "./parsed-instruction.ts";

/** Contents that were read before: lines that are found there are not read again. */
export interface KnownContents {
  get(text: string): Content | undefined;
}

/** Finds which lines belong together, from line `line` on, and has them read. */
export class Scanner {
  line: number;
  private readonly lines: LineIndex;
  private readonly escapeChar: Dockerfile["escape"];
  private readonly known: KnownContents | undefined;
  private readonly terminators: Terminators;
  /** The first `<<` at or behind the current line. */
  private arrows = -1;

  constructor(lines: LineIndex, escapeChar: Dockerfile["escape"], line: number, known?: KnownContents) {
    this.lines = lines;
    this.escapeChar = escapeChar;
    this.line = line;
    this.known = known;
    this.terminators = new Terminators(lines);
  }

  /** The lines that belong together from the current one on; `undefined` for a blank line. Moves on behind them. */
  next(): Piece | undefined {
    const { lines, escapeChar } = this;
    const { text } = lines;
    const first = this.line++;
    const start = lines.startOf(first);
    const end = lines.endOf(first);
    const at = firstNonBlank(text, start, end);
    // A blank line that the reference cannot read has a problem, and so it is something.
    if (at === end) return (end - start) * 3 > longestBlank ? this.read(first, false) : undefined;
    if (text.charCodeAt(at) === hash) return this.read(first, false);
    let open = continuationAt(text, start, end, escapeChar) >= 0;
    while (open && this.line < lines.count) {
      const lineStart = lines.startOf(this.line);
      const lineEnd = lines.endOf(this.line++);
      const mark = firstNonBlank(text, lineStart, lineEnd);
      if (mark < lineEnd && text.charCodeAt(mark) !== hash)
        open = continuationAt(text, lineStart, lineEnd, escapeChar) >= 0;
    }
    return this.hasArrows(start, lines.startOf(this.line)) ? this.readWithBodies(first, open) : this.read(first, open);
  }

  /** Whether `<<` occurs in [start, end); each is searched for once. */
  private hasArrows(start: number, end: number): boolean {
    if (this.arrows < start) {
      const found = this.lines.text.indexOf("<<", start);
      this.arrows = found < 0 ? Number.POSITIVE_INFINITY : found;
    }
    return this.arrows < end;
  }

  private read(first: number, open: boolean): Piece {
    const text = this.textFrom(first);
    // What is open depends on what follows, which is not in its text.
    const known = open ? undefined : this.known?.get(text);
    const extent = { text: this.own(text), lineCount: this.line - first, open };
    return placePiece(known ?? new Content(extent, this.escapeChar), first);
  }

  private readWithBodies(first: number, open: boolean): Piece {
    const { joined, comments } = joinLines(this.own(this.textFrom(first)), this.escapeChar);
    const head = new Head(joined, this.escapeChar);
    const starts = head.heredocs();
    if (starts.length === 0) return this.read(first, open);
    const heredocs = starts.map((start) => this.body(start, first));
    const last = this.line - 1;
    const end = { line: last - first, character: this.lines.endOf(last) - this.lines.startOf(last) };
    const text = this.textFrom(first);
    const isOpen = open || heredocs.some(({ closed }) => !closed);
    const known = isOpen ? undefined : this.known?.get(text);
    if (known !== undefined) return placePiece(known, first);
    const bodies: Bodies = { heredocs, end };
    const extent = { text: this.own(text), lineCount: this.line - first, open: isOpen };
    return placePiece(new Content(extent, this.escapeChar, { joined, comments, head, bodies }), first);
  }

  /** Takes the lines of a heredoc. Without terminator it ends before what looks like the next instruction. */
  private body(opened: HeredocStart, instruction: number): Body {
    const { lines } = this;
    const from = this.line;
    const terminator = this.terminators.find(opened, from);
    let to = terminator ?? from;
    if (terminator === undefined) while (to < lines.count && !looksLikeInstruction(lines.at(to))) to++;
    this.line = terminator === undefined ? to : to + 1;
    const written = this.own(lines.text.slice(lines.startOf(from), lines.startOf(to)));
    return {
      opened,
      ...(opened.stripTabs ? withoutTabs(written) : { content: written, tabs: none }),
      range: { start: this.place(from, instruction), end: this.place(to, instruction) },
      closed: terminator !== undefined,
    };
  }

  /** The start of a line, or the end of the file, counted from the instruction. */
  private place(line: number, instruction: number): Position {
    const { lines } = this;
    if (line < lines.count) return { line: line - instruction, character: 0 };
    const last = lines.count - 1;
    return { line: last - instruction, character: lines.endOf(last) - lines.startOf(last) };
  }

  private textFrom(first: number): string {
    return this.lines.text.slice(this.lines.startOf(first), this.lines.endOf(this.line - 1));
  }

  /**
   * A slice holds on to the whole text that it was cut from. What is read after an edit may outlive hundreds of versions of
   * the text, and must not keep them all.
   */
  private own(text: string): string {
    return this.known === undefined ? text : ` ${text}`.slice(1);
  }
}

const none: readonly never[] = [];

function withoutTabs(written: string): Pick<Body, "content" | "tabs"> {
  const tabs: number[] = [];
  const content = written.split("\n").map((line) => {
    const stripped = line.replace(/^\t+/, "");
    tabs.push(line.length - stripped.length);
    return stripped;
  });
  return { content: content.join("\n"), tabs };
}

const hash = 35;
const longestBlank = 65_535;

function looksLikeInstruction(text: string): boolean {
  const word = /^([A-Z]+)[\t ]/.exec(text)?.[1];
  return word !== undefined && Object.hasOwn(instructionForms, word);
}

/** Finds the ends of heredocs. The lines of a file are looked through a few times at most, however many have no end. */
class Terminators {
  private readonly lines: LineIndex;
  /** Delimiters that occur no more. */
  private readonly missing = new Set<string>();
  private last: ReadonlyMap<string, number> | undefined;

  constructor(lines: LineIndex) {
    this.lines = lines;
  }

  /** The line that closes a heredoc whose body starts at line `from`. */
  find({ delimiter, stripTabs }: HeredocStart, from: number): number | undefined {
    const key = `${stripTabs ? "\t" : " "}${delimiter}`;
    if (this.missing.has(key) || (this.last && (this.last.get(key) ?? -1) < from)) return undefined;
    const { text, count } = this.lines;
    for (let line = from; line < count; line++) {
      let start = this.lines.startOf(line);
      if (stripTabs) while (text.charCodeAt(start) === 9) start++;
      if (text.startsWith(delimiter, start) && this.lines.endOf(line) === start + delimiter.length) return line;
    }
    this.missing.add(key);
    if (this.missing.size > searches) this.last ??= this.lastOccurrences(from);
    return undefined;
  }

  /** Where each line text from `from` on occurs for the last time: as it is, behind a blank; without its tabs, behind a tab. */
  private lastOccurrences(from: number): ReadonlyMap<string, number> {
    const last = new Map<string, number>();
    for (let line = from; line < this.lines.count; line++) {
      const text = this.lines.at(line);
      last.set(` ${text}`, line);
      last.set(`\t${text.replace(/^\t+/, "")}`, line);
    }
    return last;
  }
}

/** So many searches to the end of the file are cheaper than an index of all its lines. */
const searches = 8;
