import { continuationAt, type Dockerfile, type Instruction, parse } from "../../engine/analysis.ts";
import { comparePositions } from "../lint/fixes.ts";
import type { TextEdit } from "../lint/rule.ts";
import { betweenStages, fileEnd } from "./blank-lines.ts";
import { indentations, lastHeadLine } from "./indentation.ts";
import { changesMeaning } from "./meaning.ts";
import type { FormatOptions } from "./options.ts";
import { spacing } from "./spacing.ts";

/** What has to change, in the order of the file; no two edits overlap. The image that is built is the same. */
export function formatEdits(dockerfile: Dockerfile, options: FormatOptions): TextEdit[] {
  const edits = new Printer(dockerfile, options).edits();
  return edits.length === 0 ? edits : withoutChanges(dockerfile, edits);
}

export function formatText(text: string, options: FormatOptions): string {
  return formatFile(text, options).formatted;
}

export function formatFile(text: string, options: FormatOptions): { edits: readonly TextEdit[]; formatted: string } {
  const dockerfile = parse(text);
  const edits = formatEdits(dockerfile, options);
  return { edits, formatted: edits.length === 0 ? text : applyInOrder(text, edits, dockerfile) };
}

/** Edits in the order of the file that do not overlap. */
export function applyInOrder(text: string, edits: readonly TextEdit[], { lines } = parse(text)): string {
  let result = "";
  let done = 0;
  for (const { range, newText } of edits) {
    const start = lines.offsetAt(range.start);
    result += text.slice(done, start) + newText;
    done = lines.offsetAt(range.end);
  }
  return result + text.slice(done);
}

/** The last word: edits of an instruction that would then read differently are dropped, whatever this folder thinks. */
function withoutChanges(dockerfile: Dockerfile, edits: TextEdit[]): TextEdit[] {
  const after = parse(applyInOrder(dockerfile.text, edits, dockerfile));
  const changed = changesMeaning(dockerfile, after);
  if (changed === "all") return [];
  if (changed.length === 0) return edits;
  let at = 0;
  return edits.filter(({ range: { start } }) => {
    while ((changed[at]?.range.end.line ?? Number.POSITIVE_INFINITY) < start.line) at += 1;
    return start.line < (changed[at]?.range.start.line ?? Number.POSITIVE_INFINITY);
  });
}

/** For which options nothing is to be changed in the instruction. */
const settled = new WeakMap<Instruction["content"], string>();

/** Instructions that were looked at in this process; tests count. */
export const work = { instructions: 0 };

class Printer {
  readonly #dockerfile: Dockerfile;
  readonly #options: FormatOptions;
  readonly #edits: TextEdit[] = [];
  /** The last line that is not empty. */
  readonly #lastText: number;

  constructor(dockerfile: Dockerfile, options: FormatOptions) {
    this.#dockerfile = dockerfile;
    this.#options = options;
    const { lines } = dockerfile;
    let last = lines.count - 1;
    while (last >= 0 && lines.at(last).trim() === "") last -= 1;
    this.#lastText = last;
  }

  edits(): TextEdit[] {
    const { instructions } = this.#dockerfile;
    const { blankLinesBetweenStages } = this.#options;
    const stages =
      blankLinesBetweenStages === undefined ? [] : betweenStages(this.#dockerfile, blankLinesBetweenStages);
    const settings = JSON.stringify(this.#options);
    let next = 0;
    for (const instruction of instructions) {
      this.#outside(next, instruction.range.start.line);
      this.#instructionOnce(instruction, settings);
      next = instruction.range.end.line + 1;
    }
    this.#outside(next, this.#lastText + 1, this.#isContinued(next - 1));
    this.#edits.push(...fileEnd(this.#dockerfile, this.#lastText));
    // Blanks in lines that go.
    const going = new Set(stages.flatMap(linesOf));
    const staying = this.#edits.filter(({ range }) => !going.has(range.start.line));
    return [...staying, ...stages].sort(
      (a, b) => comparePositions(a.range.start, b.range.start) || comparePositions(a.range.end, b.range.end),
    );
  }

  /** Lines [from, to) that belong to no instruction; what follows a continuation at the end of the file keeps its place. */
  #outside(from: number, to: number, keepsPlace = false): void {
    for (let line = from; line < to; line += 1) {
      const text = this.#dockerfile.lines.at(line);
      const indent = /^[\t ]+/.exec(text)?.[0].length ?? 0;
      if (indent > 0 && (indent === text.length || !keepsPlace)) this.#set(line, 0, indent, "");
      if (indent < text.length) this.#trimEnd(line, text);
    }
  }

  #instructionOnce(instruction: Instruction, settings: string): void {
    if (settled.get(instruction.content) === settings) return;
    const { length } = this.#edits;
    work.instructions += 1;
    this.#instruction(instruction);
    if (this.#edits.length === length) settled.set(instruction.content, settings);
  }

  #instruction(instruction: Instruction): void {
    const { start } = instruction.range;
    const { lines } = this.#dockerfile;
    if (start.character > 0 && /^[\t ]+$/.test(lines.at(start.line).slice(0, start.character))) {
      this.#set(start.line, 0, start.character, "");
    }
    if (this.#options.keywordCase === "upper") this.#upperCase(instruction);
    if (this.#options.spacing) this.#edits.push(...spacing(instruction, this.#dockerfile));
    for (const { line, from, to } of indentations(instruction, this.#dockerfile, this.#options)) {
      this.#set(line, 0, from.length, to);
    }
    const last = lastHeadLine(instruction);
    for (let line = start.line; line <= last; line += 1) {
      const text = lines.at(line);
      if (/^[\t ]+$/.test(text)) this.#set(line, 0, text.length, "");
      else this.#trimEnd(line, text);
    }
  }

  /** Keywords, also AS, and CMD and NONE of a HEALTHCHECK. */
  #upperCase({ keyword, keywordWord, words, trigger }: Instruction): void {
    const found = [keywordWord];
    if (keyword === "FROM" && words[1] && /^as$/i.test(words[1].text)) found.push(words[1]);
    if (keyword === "HEALTHCHECK" && words[0] && /^(?:cmd|none)$/i.test(words[0].text)) found.push(words[0]);
    for (const { text, range } of found) {
      const upper = text.toUpperCase();
      if (upper === text || range.start.line !== range.end.line || upper.length !== text.length) continue;
      this.#set(range.start.line, range.start.character, range.end.character, upper);
    }
    if (trigger) this.#upperCase(trigger);
  }

  #trimEnd(line: number, text: string): void {
    const end = text.replace(/[\t ]+$/, "").length;
    if (end < text.length && end > 0) this.#set(line, end, text.length, "");
  }

  #isContinued(line: number): boolean {
    const text = this.#dockerfile.lines.at(line);
    return line >= 0 && continuationAt(text, 0, text.length, this.#dockerfile.escape) >= 0;
  }

  #set(line: number, from: number, to: number, newText: string): void {
    this.#edits.push({ range: { start: { line, character: from }, end: { line, character: to } }, newText });
  }
}

function linesOf({ range: { start, end } }: TextEdit): number[] {
  return Array.from({ length: end.line - start.line }, (_, at) => start.line + at);
}
