import type { Range } from "../base/ranges.ts";
import { checkInstruction } from "./check.ts";
import { DirectiveZone } from "./directives.ts";
import * as problem from "./errors.ts";
import { findHeredocs, type HeredocStart } from "./heredoc.ts";
import { instructionForms } from "./instructions.ts";
import { readJsonArray } from "./json.ts";
import type { Comment, Dockerfile, Heredoc, Instruction, MappedText, Problem, Stage } from "./model.ts";
import { ParsedInstruction } from "./parsed-instruction.ts";
import { JoinedText, Lines } from "./text.ts";
import { isBlank, readFlags } from "./words.ts";

/** The reference reads lines with a buffer of this size and refuses longer ones. */
const longestLine = 65_535;

const nothing: readonly never[] = [];

/** Reads a Dockerfile. Never throws and never stops early: what is wrong is in `problems`. Time is linear in the text. */
export function parse(text: string): Dockerfile {
  return new Parser(text).parse();
}

class Parser {
  private readonly text: string;
  private readonly lines: Lines;
  private readonly problems: Problem[] = [];
  private readonly zone = new DirectiveZone(this.problems);
  private readonly comments: Comment[] = [];
  private line = 0;
  private terminators: LastLines | undefined;

  constructor(text: string) {
    this.text = text;
    this.lines = new Lines(text);
  }

  parse(): Dockerfile {
    const instructions: Instruction[] = [];
    while (this.line < this.lines.count) {
      const instruction = this.next();
      if (instruction !== undefined) instructions.push(instruction);
    }
    for (const instruction of instructions) {
      for (const found of checkInstruction(instruction)) this.problems.push(found);
    }
    const { globalArgs, stages } = this.group(instructions);
    return {
      text: this.text,
      escape: this.zone.escape,
      directives: this.zone.directives,
      comments: this.comments,
      instructions,
      stages,
      globalArgs,
      problems: this.problems.sort(byPlace),
    };
  }

  /** Reads one line with its continuations and heredocs; `undefined` for blank lines, comments and directives. */
  private next(): Instruction | undefined {
    const line = this.line++;
    const whole = this.lines.at(line);
    const mark = line === 0 && whole.startsWith("\uFEFF") ? 1 : 0;
    const raw = whole.slice(mark);
    this.checkLength(raw, line);
    if (this.zone.take(raw, line, mark)) return undefined;
    const trimmed = raw.trimStart();
    const indent = mark + raw.length - trimmed.length;
    if (trimmed.startsWith("#")) {
      this.comments.push(commentAt(line, indent, trimmed));
      return undefined;
    }
    if (trimmed === "") return undefined;

    let cut = continuationOf(trimmed, this.zone.escape);
    const joined = new JoinedText(cut < 0 ? trimmed : trimmed.slice(0, cut), line, indent);
    while (cut >= 0 && this.line < this.lines.count) {
      const at = this.line++;
      const more = this.lines.at(at);
      this.checkLength(more, at);
      const body = more.trimStart();
      if (body === "") continue;
      if (body.startsWith("#")) {
        this.comments.push(commentAt(at, more.length - body.length, body));
        continue;
      }
      cut = continuationOf(more, this.zone.escape);
      joined.add(cut < 0 ? more : more.slice(0, cut), at, 0);
    }
    return joined.text.trim() === "" ? undefined : this.instruction(joined);
  }

  private instruction(joined: JoinedText): ParsedInstruction {
    const instruction = this.read(joined, 0);
    const target = instruction.trigger ?? instruction;
    if (!instructionForms[target.keyword]?.heredocs || target.json !== undefined) return instruction;
    const starts = findHeredocs(joined.text);
    if (starts.length === 0) return instruction;
    const heredocs = starts.map((start) => this.body(start, joined));
    const last = Math.max(this.line - 1, instruction.range.end.line);
    const end = { line: last, character: this.lines.at(last).length };
    const withBodies = target.with({ heredocs, lastPlace: end });
    return instruction.trigger === undefined ? withBodies : instruction.with({ trigger: withBodies, lastPlace: end });
  }

  /** Reads keyword, flags and arguments of the joined text from `from` on. */
  private read(joined: JoinedText, from: number): ParsedInstruction {
    const { text } = joined;
    const end = text.trimEnd().length;
    let start = from;
    while (start < end && isBlank(text.charCodeAt(start))) start++;
    let keywordEnd = start;
    while (keywordEnd < end && !isSeparator(text.charCodeAt(keywordEnd))) keywordEnd++;
    const keyword = text.slice(start, keywordEnd).toUpperCase();
    const { flags: flagSpans, rest: restStart } = readFlags(text, keywordEnd, end);
    const rest = joined.slice(restStart, end);
    const escapeChar = this.zone.escape;
    const json = this.json(keyword, rest);
    // A chain of ONBUILD is refused: one level is enough, deeper ones would only cost stack.
    const trigger = keyword === "ONBUILD" && from === 0 && restStart < end ? this.read(joined, restStart) : undefined;
    const parts = { keyword, joined, start, keywordEnd, end, flagSpans, rest, escapeChar, heredocs: nothing };
    if (json !== undefined) return new ParsedInstruction({ ...parts, json });
    return new ParsedInstruction(trigger === undefined ? parts : { ...parts, trigger });
  }

  private json(keyword: string, rest: MappedText): Instruction["json"] {
    if (!instructionForms[keyword]?.json) return undefined;
    const at = keyword === "HEALTHCHECK" ? (/^\S+\s+/.exec(rest.text)?.[0].length ?? 0) : 0;
    if (!rest.text.startsWith("[", at)) return undefined;
    const array = readJsonArray(rest.text.slice(at));
    if (array === undefined) return undefined;
    if (array.kind === "not-strings") {
      this.problems.push(problem.jsonNotStrings(rest.rangeOf(at + array.item.start, at + array.item.end)));
      return undefined;
    }
    return array.items.map(({ value, start, end }) => ({ value, range: rest.rangeOf(at + start, at + end) }));
  }

  /** Takes the lines of a heredoc. Without terminator it ends before what looks like the next instruction. */
  private body({ start, end, ...opened }: HeredocStart, joined: JoinedText): Heredoc {
    const { delimiter, stripTabs } = opened;
    const range = joined.rangeOf(start, end);
    const first = this.line;
    this.terminators ??= new LastLines(this.lines);
    const isTerminated = this.terminators.has(delimiter, stripTabs, first);
    if (!isTerminated) this.problems.push(problem.unterminatedHeredoc(range, delimiter));
    const body: string[] = [];
    let closed = false;
    for (; this.line < this.lines.count && !closed; this.line++) {
      const text = this.lines.at(this.line);
      if (isTerminated && (stripTabs ? text.replace(/^\t+/, "") : text) === delimiter) closed = true;
      else if (!isTerminated && looksLikeInstruction(text)) break;
      else body.push(this.lines.raw(this.line));
    }
    const content = body.join("");
    const after = closed ? this.line - 1 : this.line;
    return {
      ...opened,
      range,
      content: stripTabs ? content.replace(/^\t+/gm, "") : content,
      contentRange: this.wholeLines(Math.min(first, after), after),
    };
  }

  private wholeLines(from: number, to: number): Range {
    const last = this.lines.count - 1;
    const place = (line: number) =>
      line <= last ? { line, character: 0 } : { line: last, character: this.lines.at(last).length };
    return { start: place(from), end: place(to) };
  }

  private group(instructions: readonly Instruction[]): { globalArgs: Instruction[]; stages: Stage[] } {
    const globalArgs: Instruction[] = [];
    const blocks: Instruction[][] = [];
    for (const instruction of instructions) {
      if (instruction.keyword === "FROM") blocks.push([instruction]);
      else if (blocks.length > 0) blocks.at(-1)?.push(instruction);
      else if (instruction.keyword === "ARG") globalArgs.push(instruction);
      else if (Object.hasOwn(instructionForms, instruction.keyword)) {
        this.problems.push(problem.beforeFrom(instruction.keywordWord.range, instruction.keyword));
      }
    }
    const top = { start: { line: 0, character: 0 }, end: { line: 0, character: this.lines.at(0).length } };
    if (instructions.length === 0) this.problems.push(problem.emptyFile(top));
    else if (blocks.length === 0) this.problems.push(problem.noStage(instructions.at(-1)?.range ?? top));
    return { globalArgs, stages: blocks.flatMap((block, index) => stageOf(block, index)) };
  }

  private checkLength(text: string, line: number): void {
    // A UTF-16 unit is at most three bytes: short lines need no count.
    if (text.length * 3 <= longestLine) return;
    if (new TextEncoder().encode(text).length <= longestLine) return;
    const range = { start: { line, character: 0 }, end: { line, character: text.length } };
    this.problems.push(problem.lineTooLong(range));
  }
}

/** Where each line text occurs for the last time: answers whether a heredoc is closed without reading on. */
class LastLines {
  private readonly plain = new Map<string, number>();
  private readonly stripped = new Map<string, number>();

  constructor(lines: Lines) {
    for (let line = 0; line < lines.count; line++) {
      const text = lines.at(line);
      this.plain.set(text, line);
      this.stripped.set(text.replace(/^\t+/, ""), line);
    }
  }

  has(text: string, stripTabs: boolean, from: number): boolean {
    return ((stripTabs ? this.stripped : this.plain).get(text) ?? -1) >= from;
  }
}

function stageOf(block: readonly Instruction[], index: number): Stage[] {
  const [from, ...instructions] = block;
  if (from === undefined) return [];
  const [, as, name] = from.words;
  const end = (instructions.at(-1) ?? from).range.end;
  const stage = { index, from, instructions, range: { start: from.range.start, end } };
  return [name !== undefined && /^as$/i.test(as?.text ?? "") ? { ...stage, name } : stage];
}

function isSeparator(code: number): boolean {
  return code === 32 || code === 9 || (code >= 11 && code <= 13);
}

/** Where the escape character stands that continues the line, or -1. A doubled one at the end does not continue. */
function continuationOf(text: string, escapeChar: string): number {
  let at = text.length - 1;
  while (at >= 0 && (text[at] === " " || text[at] === "\t")) at--;
  return text[at] === escapeChar && text[at - 1] !== escapeChar ? at : -1;
}

function looksLikeInstruction(text: string): boolean {
  const word = /^([A-Z]+)[\t ]/.exec(text)?.[1];
  return word !== undefined && Object.hasOwn(instructionForms, word);
}

function commentAt(line: number, character: number, text: string): Comment {
  return { text, range: { start: { line, character }, end: { line, character: character + text.length } } };
}

function byPlace(a: Problem, b: Problem): number {
  return a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character;
}
