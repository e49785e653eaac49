import type { Range } from "../base/ranges.ts";
import type { Argument, Flag, Heredoc, Instruction, JsonString, MappedText, Word } from "./model.ts";
import { splitWords } from "./words.ts";

interface Parts {
  readonly keyword: string;
  readonly keywordWord: Word;
  readonly range: Range;
  readonly flags: readonly Flag[];
  readonly rest: MappedText;
  readonly escapeChar: string;
  readonly json?: readonly JsonString[];
  readonly heredocs: readonly Heredoc[];
  readonly trigger?: ParsedInstruction;
}

/** An instruction that splits its words when somebody asks: a keystroke in a long file asks for few of them. */
export class ParsedInstruction implements Instruction {
  readonly keyword: string;
  readonly keywordWord: Word;
  readonly range: Range;
  readonly flags: readonly Flag[];
  readonly rest: MappedText;
  declare readonly json?: readonly JsonString[];
  readonly heredocs: readonly Heredoc[];
  declare readonly trigger?: ParsedInstruction;
  private readonly escapeChar: string;
  private split: readonly Argument[] | undefined;

  constructor(parts: Parts) {
    this.keyword = parts.keyword;
    this.keywordWord = parts.keywordWord;
    this.range = parts.range;
    this.flags = parts.flags;
    this.rest = parts.rest;
    this.heredocs = parts.heredocs;
    this.escapeChar = parts.escapeChar;
    if (parts.json !== undefined) this.json = parts.json;
    if (parts.trigger !== undefined) this.trigger = parts.trigger;
  }

  get words(): readonly Argument[] {
    const { rest } = this;
    this.split ??= splitWords(rest.text, this.escapeChar).map(({ start, end }) => ({
      text: rest.text.slice(start, end),
      range: rest.rangeOf(start, end),
      offset: start,
    }));
    return this.split;
  }

  with(changes: Partial<Pick<Parts, "heredocs" | "range" | "trigger">>): ParsedInstruction {
    const { keyword, keywordWord, range, flags, rest, heredocs, escapeChar, json, trigger } = this;
    return new ParsedInstruction({
      keyword,
      keywordWord,
      range,
      flags,
      rest,
      heredocs,
      escapeChar,
      ...(json === undefined ? {} : { json }),
      ...(trigger === undefined ? {} : { trigger }),
      ...changes,
    });
  }
}
