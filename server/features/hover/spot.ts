import type { Instruction, Stage } from "../../../engine/analysis.ts";
import type { Message } from "../../../engine/base/message.ts";
import type { Position, Range } from "../../../engine/base/ranges.ts";
import type { Analysis } from "../../analysis.ts";
import type { StageView } from "../../lint/views.ts";
import type { FindImage } from "../image-facts.ts";

/** Whom a hover may ask. */
export interface HoverAsks {
  readonly translate: (message: Message) => string;
  readonly findImage?: FindImage;
  /** The address under which the client shows pages of rules. */
  readonly pages?: string;
  /** Nobody looks at it any more. */
  readonly signal?: AbortSignal;
  /** How long what a COPY takes may be counted; nobody waits longer than a fifth of a second, unless this says so. */
  readonly longestMs?: number;
}

/** The place that somebody points at, in an instruction. */
export interface Spot extends HoverAsks {
  readonly analysis: Analysis;
  readonly position: Position;
  /** The instruction of the file; `instruction` is behind ONBUILD. */
  readonly outer: Instruction;
  readonly instruction: Instruction;
  readonly stage: Stage | undefined;
  readonly view: StageView | undefined;
}

/** Markdown, for the words in `range`. */
export interface Said {
  readonly text: string;
  readonly range: Range;
}

/** The first one that has something to say. */
export type Teller = (spot: Spot) => Said | Promise<Said | undefined> | undefined;

export function spotAt(analysis: Analysis, position: Position, asks: HoverAsks): Spot | undefined {
  const outer = analysis.instructionAt(position);
  if (!outer) return undefined;
  const stage = analysis.stageAt(outer.range.start.line);
  const view = stage && analysis.views.stages[stage.index];
  return { ...asks, analysis, position, outer, instruction: outer.trigger ?? outer, stage, view };
}

/** Text as code, whatever backquotes it has. */
export function code(text: string): string {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  const fence = "`".repeat(longestRun(shown) + 1);
  const pad = /^`|`$/.test(shown) ? " " : "";
  return shown.trim() === "" ? '`""`' : `${fence}${pad}${shown.replace(/\s+/g, " ")}${pad}${fence}`;
}

/** A fence longer than any run of backquotes in the text. */
export function fenced(text: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}dockerfile\n${text}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

/** Paragraphs; what is missing is left out. */
export function paragraphs(...parts: readonly (string | undefined | false)[]): string {
  return parts.filter((part) => typeof part === "string" && part !== "").join("\n\n");
}

const longestQuote = 12;

/** The lines of an instruction as they stand in the file, the first ones of a long one. */
export function quoteOf({ dockerfile: { lines } }: Analysis, { range: { start, end } }: Instruction): string {
  const last = Math.min(end.line, start.line + longestQuote - 1);
  const shown: string[] = [];
  for (let line = start.line; line <= last; line += 1) shown.push(lines.at(line));
  if (last < end.line) shown.push("…");
  return fenced(shown.join("\n"));
}

/** How people call a stage. */
export function stageLabel({ name, index }: Pick<Stage, "name" | "index">): string {
  return name?.text ?? String(index);
}
