import type { Message } from "../base/message.ts";
import type { Range } from "../base/ranges.ts";
import type { LineIndex } from "./line-index.ts";

/** A Dockerfile as written: every word with its place, every mistake noted, nothing thrown. Immutable. */
export interface Dockerfile {
  readonly text: string;
  /** The lines of `text`, and offsets to positions and back. */
  readonly lines: LineIndex;
  /** `\` unless the escape directive says `` ` ``. */
  readonly escape: "\\" | "`";
  readonly directives: readonly Directive[];
  /** Whole-line comments, also those inside continuations; parser directives are not among them. */
  readonly comments: readonly Comment[];
  /** All instructions in file order, also unknown ones. */
  readonly instructions: readonly Instruction[];
  readonly stages: readonly Stage[];
  /** ARG instructions before the first FROM. */
  readonly globalArgs: readonly Instruction[];
  readonly problems: readonly Problem[];
}

export interface Problem {
  /** Stable id, `syntax/…`. */
  readonly code: string;
  readonly message: Message;
  readonly range: Range;
  /** True when the reference parser (BuildKit) refuses the file for it. */
  readonly fatal: boolean;
}

export interface Directive {
  /** Lower case: `syntax`, `escape`, `check`. */
  readonly name: string;
  readonly value: string;
  readonly range: Range;
  readonly valueRange: Range;
}

export interface Comment {
  /** From `#` to the end of the line. */
  readonly text: string;
  readonly range: Range;
}

export interface Stage {
  readonly index: number;
  /** Name after AS as written, and its place. */
  readonly name?: Word;
  readonly from: Instruction;
  /** The instructions after FROM, up to the next FROM. */
  readonly instructions: readonly Instruction[];
  readonly range: Range;
}

/** A word of an instruction's arguments. */
export interface Argument extends Word {
  /** Where it starts in `Instruction.rest.text`; parts of it are placed by `rest.rangeOf(offset + start, offset + end)`. */
  readonly offset: number;
}

/** A piece of text with its place. `text` has continuations and comment lines taken out, quotes and `$` left in. */
export interface Word {
  readonly text: string;
  readonly range: Range;
}

export interface Instruction {
  /**
   * Stands for what was read from the instruction's own lines: the same object as long as these are the same, wherever they
   * stand, in all versions of a document that `reparse` makes. A WeakMap by it keeps what follows from the instruction alone,
   * with lines counted from `range.start.line`.
   */
  readonly content: object;
  /** Upper case: `RUN`. As written: `keywordWord.text`. */
  readonly keyword: string;
  readonly keywordWord: Word;
  /** From the keyword to the end of the last word or the last heredoc terminator. */
  readonly range: Range;
  readonly flags: readonly Flag[];
  /** Everything after keyword and flags on the logical line, without heredoc bodies; maps back to the file. */
  readonly rest: MappedText;
  /** The words of `rest`: split at blanks, quotes and escapes respected. For JSON form, the raw words all the same. */
  readonly words: readonly Argument[];
  /**
   * Present when `rest` starts with `[`, is valid JSON (an array of strings), and the instruction has a JSON form.
   * For HEALTHCHECK: what follows CMD.
   */
  readonly json: readonly JsonString[] | undefined;
  /** The first element of an array in `rest` that is no string: the builder refuses such an array. */
  readonly notString: Range | undefined;
  /** For ONBUILD they are those of `trigger`, and this is empty. */
  readonly heredocs: readonly Heredoc[];
  /** For ONBUILD: the instruction behind it. */
  readonly trigger: Instruction | undefined;
}

/** `--name=value`; value undefined when there is no `=`. */
export interface Flag {
  /** Without the dashes. */
  readonly name: string;
  /** Quotes and escapes taken away, as the builder does for flags. */
  readonly value?: string;
  readonly range: Range;
  readonly nameRange: Range;
  readonly valueRange?: Range;
  /** The value as written; places its parts (`type=cache,target=…`). */
  readonly rawValue?: MappedText;
}

/** One element of a JSON array: `value` unescaped, `range` includes the quotes. */
export interface JsonString {
  readonly value: string;
  readonly range: Range;
  /** Where it starts, with its quote, in `Instruction.rest.text`. */
  readonly offset: number;
}

export interface Heredoc {
  /** Without quotes. */
  readonly delimiter: string;
  /** `<<-`: leading tabs of the body are taken away. */
  readonly stripTabs: boolean;
  /** False when the delimiter is quoted. */
  readonly expand: boolean;
  /** File descriptor before `<<`, if written. */
  readonly fd?: number;
  /** Of `<<EOF`. */
  readonly range: Range;
  /** Body as the builder sees it (tabs stripped), each line ended by \n. */
  readonly content: string;
  /** The same with places. */
  readonly body: MappedText;
  /** Of the body's lines, without the terminator. */
  readonly contentRange: Range;
}

/** Logical text (continuations joined) that can be mapped back to places in the file. */
export interface MappedText {
  readonly text: string;
  /** The place of [start, end) of `text`. Offsets outside are clamped. */
  rangeOf(start: number, end: number): Range;
}
