import type { Position, Range } from "../base/ranges.ts";
import type { Content } from "./content.ts";
import type { Head } from "./head.ts";
import type { Argument, Comment, Flag, Heredoc, Instruction, JsonString, MappedText, Problem, Word } from "./model.ts";
import { BodyText, type JoinedText, PlacedText } from "./text.ts";
import type { FlagSpan } from "./words.ts";

const nothing: readonly never[] = [];

/** A content at a line of a file: an instruction, a comment, or lines that hold neither. */
export class Piece {
  readonly source: Content;
  readonly line: number;
  private placedComments: readonly Comment[] | undefined;
  private placedProblems: readonly Problem[] | undefined;

  constructor(source: Content, line: number) {
    this.source = source;
    this.line = line;
  }

  /** The first line below. */
  get nextLine(): number {
    return this.line + this.source.lineCount;
  }

  get comments(): readonly Comment[] {
    this.placedComments ??= this.source.comments.map(({ line, character, text }) => {
      const start = { line: this.line + line, character };
      return { text, range: { start, end: { line: start.line, character: character + text.length } } };
    });
    return this.placedComments;
  }

  get problems(): readonly Problem[] {
    const { problems } = this.source;
    if (problems.length === 0) return problems;
    this.placedProblems ??= problems.map((found) => ({ ...found, range: moved(found.range, this.line) }));
    return this.placedProblems;
  }

  at(line: number): Piece {
    return placePiece(this.source, line);
  }
}

export function placePiece(source: Content, line: number): Piece {
  return source.head.keyword === "" ? new Piece(source, line) : new ParsedInstruction(source, line);
}

/**
 * An instruction that finds words and places when somebody asks: a keystroke in a file of 10,000 lines asks for few, and
 * making all of them costs more than all the rest of parsing.
 */
export class ParsedInstruction extends Piece implements Instruction {
  /** Its own, or that of the instruction behind ONBUILD. */
  private readonly head: Head;
  private placedRange: Range | undefined;
  private placedRest: MappedText | undefined;
  private placedFlags: readonly Flag[] | undefined;
  private placedWords: readonly Argument[] | undefined;
  private placedJson: readonly JsonString[] | undefined;
  private placedHeredocs: readonly Heredoc[] | undefined;
  private placedTrigger: ParsedInstruction | undefined;

  constructor(source: Content, line: number, head = source.head) {
    super(source, line);
    this.head = head;
  }

  /** Not `source`, which an ONBUILD and the instruction behind it have in common. */
  get content(): object {
    return this.head;
  }

  get keyword(): string {
    return this.head.keyword;
  }

  get keywordWord(): Word {
    const { joined, start, keywordEnd } = this.head;
    return { text: joined.text.slice(start, keywordEnd), range: joined.rangeOf(start, keywordEnd, this.line) };
  }

  get range(): Range {
    this.placedRange ??= this.placeRange();
    return this.placedRange;
  }

  private placeRange(): Range {
    const { joined, start, end } = this.head;
    const range = joined.rangeOf(start, end, this.line);
    const last = this.source.bodies?.end;
    return last === undefined ? range : { start: range.start, end: movedPosition(last, this.line) };
  }

  get rest(): MappedText {
    this.placedRest ??= new PlacedText(this.head.joined, this.head.restStart, this.head.end, this.line);
    return this.placedRest;
  }

  get flags(): readonly Flag[] {
    const { flags, joined } = this.head;
    if (flags.length === 0) return nothing;
    this.placedFlags ??= flags.map((span) => flagOf(span, joined, this.line));
    return this.placedFlags;
  }

  get words(): readonly Argument[] {
    const { rest } = this;
    this.placedWords ??= this.head.words.map(({ start, end }) => new PlacedArgument(rest, start, end));
    return this.placedWords;
  }

  get json(): readonly JsonString[] | undefined {
    const { rest } = this;
    this.placedJson ??= this.head.json?.map(({ value, start, end }) => ({
      value,
      range: rest.rangeOf(start, end),
      offset: start,
    }));
    return this.placedJson;
  }

  /** Of an array with an element that is no string: that element. The builder refuses it. */
  get notString(): Range | undefined {
    const { notString } = this.head;
    return notString && this.rest.rangeOf(notString.start, notString.end);
  }

  get heredocs(): readonly Heredoc[] {
    if (this.source.bodies === undefined || this.head.trigger !== undefined) return nothing;
    this.placedHeredocs ??= this.source.bodies.heredocs.map(({ opened, content, tabs, range }) => {
      const { start, end, ...form } = opened;
      return {
        ...form,
        range: this.head.joined.rangeOf(start, end, this.line),
        content,
        body: new BodyText(content, this.line + range.start.line, tabs),
        contentRange: moved(range, this.line),
      };
    });
    return this.placedHeredocs;
  }

  get trigger(): ParsedInstruction | undefined {
    const { trigger } = this.head;
    if (trigger === undefined) return undefined;
    this.placedTrigger ??= new ParsedInstruction(this.source, this.line, trigger);
    return this.placedTrigger;
  }
}

/** Makes its range when asked: all words of a long file are read, and of few the places are wanted. */
class PlacedArgument implements Argument {
  readonly text: string;
  readonly offset: number;
  private readonly rest: MappedText;

  constructor(rest: MappedText, start: number, end: number) {
    this.text = rest.text.slice(start, end);
    this.offset = start;
    this.rest = rest;
  }

  get range(): Range {
    return this.rest.rangeOf(this.offset, this.offset + this.text.length);
  }
}

export function moved({ start, end }: Range, lines: number): Range {
  return { start: movedPosition(start, lines), end: movedPosition(end, lines) };
}

function movedPosition({ line, character }: Position, lines: number): Position {
  return { line: line + lines, character };
}

function flagOf(span: FlagSpan, joined: JoinedText, line: number): Flag {
  const split = span.text.indexOf("=");
  const equals = joined.text.slice(span.start, span.end).indexOf("=");
  return split < 0 || equals < 0
    ? new PlacedFlag(span, joined, line)
    : new FlagWithValue(span, joined, line, split, equals);
}

class PlacedFlag implements Flag {
  readonly name: string;
  protected readonly span: FlagSpan;
  protected readonly joined: JoinedText;
  protected readonly line: number;
  private readonly nameEnd: number;

  constructor(span: FlagSpan, joined: JoinedText, line: number, nameLength = span.text.length, nameEnd = span.end) {
    this.name = span.text.slice(2, nameLength);
    this.span = span;
    this.joined = joined;
    this.line = line;
    this.nameEnd = nameEnd;
  }

  get range(): Range {
    return this.joined.rangeOf(this.span.start, this.span.end, this.line);
  }

  get nameRange(): Range {
    return this.joined.rangeOf(this.span.start + 2, this.nameEnd, this.line);
  }
}

class FlagWithValue extends PlacedFlag {
  readonly value: string;
  private readonly valueStart: number;

  /** `split` is where `=` stands in the flag without its quotes, `equals` where it stands as written. */
  constructor(span: FlagSpan, joined: JoinedText, line: number, split: number, equals: number) {
    super(span, joined, line, split, span.start + equals);
    this.value = span.text.slice(split + 1);
    this.valueStart = span.start + equals + 1;
  }

  get valueRange(): Range {
    return this.joined.rangeOf(this.valueStart, this.span.end, this.line);
  }

  get rawValue(): MappedText {
    return new PlacedText(this.joined, this.valueStart, this.span.end, this.line);
  }
}
