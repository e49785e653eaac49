import type { Range } from "../base/ranges.ts";
import { checkInstruction } from "./check.ts";
import * as problem from "./errors.ts";
import { type CommentLine, Head, joinLines } from "./head.ts";
import type { HeredocStart } from "./heredoc.ts";
import type { Dockerfile, Problem } from "./model.ts";
import { ParsedInstruction } from "./parsed-instruction.ts";

/** The reference reads lines with a buffer of this size and refuses longer ones. */
const longestLine = 65_535;

/** The lines of a heredoc, counted from the instruction's first line. */
export interface Body {
  readonly opened: HeredocStart;
  /** Its tabs taken away. */
  readonly content: string;
  /** How many each line has lost. */
  readonly tabs: readonly number[];
  readonly range: Range;
  readonly closed: boolean;
}

export interface Bodies {
  readonly heredocs: readonly Body[];
  /** Where the last one ends, its terminator included. */
  readonly end: Range["end"];
}

/**
 * What was read from the lines of one instruction, or of one comment. It knows nothing of what stands around it and counts
 * lines from its own first one: so it stays the same object when it moves, and in the next versions of the document.
 */
export class Content {
  /** The lines without the last line end. */
  readonly text: string;
  readonly lineCount: number;
  readonly head: Head;
  readonly comments: readonly CommentLine[];
  readonly bodies: Bodies | undefined;
  /** True when what follows the lines could belong to them: they end with the file, or in a heredoc without an end. */
  readonly open: boolean;
  private found: readonly Problem[] | undefined;

  constructor({ text, lineCount, open }: Extent, escapeChar: Dockerfile["escape"], heredocs?: HeadWithBodies) {
    const { joined, comments } = heredocs ?? joinLines(text, escapeChar);
    this.text = text;
    this.lineCount = lineCount;
    this.open = open;
    this.comments = comments;
    this.head = heredocs?.head ?? new Head(joined, escapeChar);
    this.bodies = heredocs?.bodies;
  }

  /** In the order of their places. */
  get problems(): readonly Problem[] {
    this.found ??= problemsOf(this);
    return this.found;
  }
}

export interface Extent {
  readonly text: string;
  readonly lineCount: number;
  readonly open: boolean;
}

/** What was read of an instruction before its bodies were looked for. */
export interface HeadWithBodies extends Pick<Content, "head" | "comments"> {
  readonly joined: Head["joined"];
  readonly bodies: Bodies;
}

const none: readonly Problem[] = [];

function problemsOf(content: Content): readonly Problem[] {
  const { head, bodies, text } = content;
  const found: Problem[] = text.length * 3 > longestLine ? longLines(text) : [];
  const { joined } = head;
  for (const { opened, closed } of bodies?.heredocs ?? []) {
    if (!closed) found.push(problem.unterminatedHeredoc(joined.rangeOf(opened.start, opened.end, 0), opened.delimiter));
  }
  const all =
    head.keyword === "" ? found : found.concat(checkInstruction(new ParsedInstruction(content, 0), head.escapeChar));
  return all.length === 0 ? none : all.sort(byPlace);
}

function longLines(text: string): Problem[] {
  const problems: Problem[] = [];
  for (const [line, written] of text.split("\n").entries()) {
    // A UTF-16 unit is at most three bytes: short lines need no count.
    if (written.length * 3 <= longestLine || new TextEncoder().encode(written).length <= longestLine) continue;
    problems.push(problem.lineTooLong({ start: { line, character: 0 }, end: { line, character: written.length } }));
  }
  return problems;
}

export function byPlace(a: Problem, b: Problem): number {
  return a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character;
}
