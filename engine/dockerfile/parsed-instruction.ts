import type { Range } from "../base/ranges.ts";
import type { Argument, Flag, Heredoc, Instruction, JsonString, MappedText, Word } from "./model.ts";
import type { JoinedText } from "./text.ts";
import { type FlagSpan, splitWords } from "./words.ts";

interface Parts {
  readonly keyword: string;
  readonly joined: JoinedText;
  /** Offsets in the joined text. */
  readonly start: number;
  readonly keywordEnd: number;
  readonly end: number;
  readonly flagSpans: readonly FlagSpan[];
  readonly rest: MappedText;
  readonly escapeChar: string;
  readonly json?: readonly JsonString[];
  readonly heredocs: readonly Heredoc[];
  /** Where the last heredoc ends; else the instruction ends with its text. */
  readonly lastPlace?: Range["end"];
  readonly trigger?: ParsedInstruction;
}

/**
 * An instruction that finds words and places when somebody asks: a keystroke in a file of 10,000 lines asks for few, and
 * making all of them costs more than all the rest of parsing.
 */
export class ParsedInstruction implements Instruction {
  readonly keyword: string;
  readonly rest: MappedText;
  readonly heredocs: readonly Heredoc[];
  declare readonly json?: readonly JsonString[];
  declare readonly trigger?: ParsedInstruction;
  private readonly parts: Parts;
  private allFlags: readonly Flag[] | undefined;
  private allWords: readonly Argument[] | undefined;

  constructor(parts: Parts) {
    this.keyword = parts.keyword;
    this.rest = parts.rest;
    this.heredocs = parts.heredocs;
    this.parts = parts;
    if (parts.json !== undefined) this.json = parts.json;
    if (parts.trigger !== undefined) this.trigger = parts.trigger;
  }

  get keywordWord(): Word {
    const { joined, start, keywordEnd } = this.parts;
    return { text: joined.text.slice(start, keywordEnd), range: joined.rangeOf(start, keywordEnd) };
  }

  get range(): Range {
    const { joined, start, end, lastPlace } = this.parts;
    const range = joined.rangeOf(start, end);
    return lastPlace === undefined ? range : { start: range.start, end: lastPlace };
  }

  get flags(): readonly Flag[] {
    const { flagSpans, joined } = this.parts;
    this.allFlags ??= flagSpans.map((span) => flagOf(span, joined));
    return this.allFlags;
  }

  get words(): readonly Argument[] {
    const { rest } = this;
    this.allWords ??= splitWords(rest.text, this.parts.escapeChar).map(({ start, end }) => ({
      text: rest.text.slice(start, end),
      range: rest.rangeOf(start, end),
      offset: start,
    }));
    return this.allWords;
  }

  with(changes: Partial<Pick<Parts, "heredocs" | "lastPlace" | "trigger">>): ParsedInstruction {
    return new ParsedInstruction({ ...this.parts, ...changes });
  }
}

function flagOf(span: FlagSpan, joined: JoinedText): Flag {
  const split = span.text.indexOf("=");
  const equals = joined.text.slice(span.start, span.end).indexOf("=");
  return split < 0 || equals < 0 ? new PlacedFlag(span, joined) : new FlagWithValue(span, joined, split, equals);
}

class PlacedFlag implements Flag {
  readonly name: string;
  protected readonly span: FlagSpan;
  protected readonly joined: JoinedText;
  private readonly nameEnd: number;

  constructor(span: FlagSpan, joined: JoinedText, nameLength = span.text.length, nameEnd = span.end) {
    this.name = span.text.slice(2, nameLength);
    this.span = span;
    this.joined = joined;
    this.nameEnd = nameEnd;
  }

  get range(): Range {
    return this.joined.rangeOf(this.span.start, this.span.end);
  }

  get nameRange(): Range {
    return this.joined.rangeOf(this.span.start + 2, this.nameEnd);
  }
}

class FlagWithValue extends PlacedFlag {
  readonly value: string;
  private readonly valueStart: number;

  /** `split` is where `=` stands in the flag without its quotes, `equals` where it stands as written. */
  constructor(span: FlagSpan, joined: JoinedText, split: number, equals: number) {
    super(span, joined, split, span.start + equals);
    this.value = span.text.slice(split + 1);
    this.valueStart = span.start + equals + 1;
  }

  get valueRange(): Range {
    return this.joined.rangeOf(this.valueStart, this.span.end);
  }

  get rawValue(): MappedText {
    return this.joined.slice(this.valueStart, this.span.end);
  }
}
