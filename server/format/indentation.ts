import { continuationAt, type Dockerfile, type Instruction } from "../../engine/analysis.ts";
import type { FormatOptions } from "./options.ts";
import { Quoting } from "./quoting.ts";

/** One line of an instruction below its first one. */
interface ContinuedLine {
  readonly line: number;
  /** The blanks before its text. */
  readonly indent: string;
  readonly width: number;
  /** `kept`: blanks in front of it mean something, or it has no text. */
  readonly kind: "code" | "comment" | "kept";
}

/** What such instructions hold is one text, blanks included. */
const wholeTexts = new Set(["MAINTAINER", "WORKDIR", "USER", "STOPSIGNAL"]);

/** The last line before the bodies of heredocs. */
export function lastHeadLine(instruction: Instruction): number {
  const { heredocs } = instruction.trigger ?? instruction;
  return heredocs[0] ? heredocs[0].contentRange.start.line - 1 : instruction.range.end.line;
}

export interface Indented {
  readonly line: number;
  readonly from: string;
  readonly to: string;
}

/**
 * The indentation of continued lines: the leftmost stands one level in, the others keep their distance to it, in levels when
 * they were written in levels. A comment on the left of all stays at the margin.
 */
export function indentations(instruction: Instruction, dockerfile: Dockerfile, options: FormatOptions): Indented[] {
  const lines = continuedLines(instruction, dockerfile, options.indentSize);
  const widths = lines.flatMap(({ kind, width }) => (kind === "code" ? [width] : []));
  if (widths.length === 0) return [];
  const left = widths.reduce((a, b) => Math.min(a, b));
  const inner = widths.flatMap((width) => (width > left ? [width - left] : []));
  const step = inner.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const inLevels = step >= 2 && step <= 8 && inner.every((width) => width % step === 0);
  return lines.flatMap(({ line, kind, indent, width }) => {
    if (kind === "kept") return [];
    const distance = width - left;
    const levels = inLevels && distance % step === 0 ? (distance / step) * options.indentSize : distance;
    const to = distance < 0 ? "" : blanks(options.indentSize + levels, options);
    return to === indent ? [] : [{ line, from: indent, to }];
  });
}

/** The indentation of the leftmost continued line that may be moved. */
export function leftmost(instruction: Instruction, dockerfile: Dockerfile, tabSize: number): string | undefined {
  let left: ContinuedLine | undefined;
  for (const line of continuedLines(instruction, dockerfile, tabSize)) {
    if (line.kind === "code" && (!left || line.width < left.width)) left = line;
  }
  return left?.indent;
}

function continuedLines(
  instruction: Instruction,
  { lines, escape: escapeCharacter }: Dockerfile,
  tabSize: number,
): ContinuedLine[] {
  const last = lastHeadLine(instruction);
  const first = instruction.range.start.line;
  if (last === first) return [];
  const isWhole = isOneText(instruction);
  const quoting = new Quoting(escapeCharacter);
  const found: ContinuedLine[] = [];
  for (let line = first; line <= last; line += 1) {
    const text = lines.at(line);
    const indent = indentOf(text);
    const place = { line, indent, width: columns(indent, tabSize) };
    const own = text.trim();
    if (own === "") continue;
    if (own.startsWith("#")) {
      found.push({ ...place, kind: own === text.slice(indent.length).trimEnd() ? "comment" : "kept" });
      continue;
    }
    const cut = continuationAt(text, 0, text.length, escapeCharacter);
    const joined = cut < 0 ? text : text.slice(0, cut);
    if (line > first) found.push({ ...place, kind: !isWhole && quoting.isFree(joined) ? "code" : "kept" });
    quoting.feed(joined);
  }
  return found;
}

/** Also `ENV name value`, whose value runs to the end. */
function isOneText(instruction: Instruction): boolean {
  const { keyword, words } = instruction.trigger ?? instruction;
  if (keyword === "ENV" || keyword === "LABEL") return !words[0]?.text.includes("=");
  return wholeTexts.has(keyword);
}

export function indentOf(text: string): string {
  return /^[\t ]*/.exec(text)?.[0] ?? "";
}

function columns(indent: string, tabSize: number): number {
  let width = 0;
  for (const char of indent) width += char === "\t" ? tabSize - (width % tabSize) : 1;
  return width;
}

export function blanks(width: number, { indentSize, useTabs }: FormatOptions): string {
  if (!useTabs) return " ".repeat(width);
  return "\t".repeat(Math.floor(width / indentSize)) + " ".repeat(width % indentSize);
}
