import { findHeredocs, type HeredocStart } from "./heredoc.ts";
import { instructionForms } from "./instructions.ts";
import { type JsonArray, type JsonItem, readJsonArray } from "./json.ts";
import type { Dockerfile } from "./model.ts";
import { JoinedText } from "./text.ts";
import { type FlagSpan, isBlank, readFlags, type Span, splitWords } from "./words.ts";

/** A comment line; the line counts from the first one of the text it stands in. */
export interface CommentLine {
  readonly line: number;
  readonly character: number;
  readonly text: string;
}

/** Joins the lines of an instruction, without its heredoc bodies. Comment lines and blank lines fall out. */
export function joinLines(
  text: string,
  escapeChar: Dockerfile["escape"],
): { readonly joined: JoinedText; readonly comments: readonly CommentLine[] } {
  let comments: CommentLine[] | undefined;
  let joined: JoinedText | undefined;
  for (let line = 0, start = 0; start <= text.length; line++) {
    const newline = text.indexOf("\n", start);
    const end = contentEnd(text, start, newline < 0 ? text.length : newline);
    const first = firstNonBlank(text, start, end);
    if (text.charCodeAt(first) === hash && first < end) {
      comments ??= [];
      comments.push({ line, character: first - start, text: text.slice(first, end) });
    } else if (first < end) {
      const cut = continuationAt(text, start, end, escapeChar);
      const to = cut < 0 ? end : cut;
      // Only the first line loses its indentation.
      if (joined === undefined) joined = new JoinedText(text.slice(first, to), first - start);
      else joined.add(text.slice(start, to), line, 0);
    }
    if (newline < 0) break;
    start = newline + 1;
  }
  return { joined: joined ?? new JoinedText("", 0), comments: comments ?? noComments };
}

const noComments: readonly CommentLine[] = [];
const hash = 35;

/** Where the escape character stands that continues the line [start, end), or -1. A doubled one does not continue it. */
export function continuationAt(text: string, start: number, end: number, escapeChar: Dockerfile["escape"]): number {
  let at = end - 1;
  while (at >= start && (text[at] === " " || text[at] === "\t")) at--;
  if (at < start || text[at] !== escapeChar) return -1;
  return at > start && text[at - 1] === escapeChar ? -1 : at;
}

export function firstNonBlank(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(text.charCodeAt(at))) at++;
  return at;
}

function contentEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && (text.charCodeAt(at - 1) === 13 || text.charCodeAt(at - 1) === 10)) at--;
  return at;
}

/** Keyword, flags and arguments of an instruction, as offsets in its joined text. */
export class Head {
  readonly joined: JoinedText;
  /** Upper case. Empty when the lines hold no instruction. */
  readonly keyword: string;
  readonly start: number;
  readonly keywordEnd: number;
  readonly restStart: number;
  readonly end: number;
  readonly flags: readonly FlagSpan[];
  readonly escapeChar: Dockerfile["escape"];
  readonly json: readonly JsonItem[] | undefined;
  /** The first element of a JSON array that is no string: the builder refuses it. */
  readonly notString: Span | undefined;
  /** Behind ONBUILD. */
  readonly trigger: Head | undefined;
  private allWords: readonly Span[] | undefined;

  constructor(joined: JoinedText, escapeChar: Dockerfile["escape"], from = 0) {
    const { text } = joined;
    let end = text.length;
    while (end > from && isBlank(text.charCodeAt(end - 1))) end--;
    const start = firstNonBlank(text, from, end);
    let keywordEnd = start;
    while (keywordEnd < end && !isSeparator(text.charCodeAt(keywordEnd))) keywordEnd++;
    const { flags, rest } = readFlags(text, keywordEnd, end);
    this.joined = joined;
    this.keyword = text.slice(start, keywordEnd).toUpperCase();
    this.start = start;
    this.keywordEnd = keywordEnd;
    this.restStart = rest;
    this.end = end;
    this.flags = flags;
    this.escapeChar = escapeChar;
    const array = this.readJson();
    this.json = array?.kind === "strings" ? array.items : undefined;
    this.notString = array?.kind === "not-strings" ? array.item : undefined;
    // A chain of ONBUILD is refused: one level is enough, deeper ones would only cost stack.
    const hasTrigger = this.keyword === "ONBUILD" && from === 0 && rest < end;
    this.trigger = hasTrigger ? new Head(joined, escapeChar, rest) : undefined;
  }

  get rest(): string {
    return this.joined.text.slice(this.restStart, this.end);
  }

  /** In `rest`. */
  get words(): readonly Span[] {
    this.allWords ??= splitWords(this.rest, this.escapeChar);
    return this.allWords;
  }

  /** What the instruction, or the one behind ONBUILD, opens. */
  heredocs(): readonly HeredocStart[] {
    const { keyword, json } = this.trigger ?? this;
    return instructionForms[keyword]?.heredocs && json === undefined ? findHeredocs(this.joined.text) : [];
  }

  private readJson(): JsonArray | undefined {
    if (!instructionForms[this.keyword]?.json) return undefined;
    const { rest } = this;
    const at = this.keyword === "HEALTHCHECK" ? (/^\S+\s+/.exec(rest)?.[0].length ?? 0) : 0;
    return rest.startsWith("[", at) ? readJsonArray(rest, at) : undefined;
  }
}

function isSeparator(code: number): boolean {
  return code === 32 || code === 9 || (code >= 11 && code <= 13);
}
