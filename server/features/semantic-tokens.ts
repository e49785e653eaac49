import type { SemanticTokens } from "vscode-languageserver";
import type { Dockerfile, Instruction } from "../../engine/analysis.ts";
import type { Range } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import type { InstructionView } from "../lint/views.ts";
import { isPrepared } from "../shell/grammar.ts";
import { instructionTokens } from "./tokens/instruction-tokens.ts";
import { addToken, bitOf, numberOf, type Token } from "./tokens/token.ts";

/**
 * Colours that need to know what a word means: stages, images, variables, flags, the commands of scripts. Linear in the
 * text; what follows from an instruction alone is known from the version before.
 */
export function semanticTokens(analysis: Analysis, within?: Range): SemanticTokens {
  const { dockerfile, views } = analysis;
  const first = within?.start.line ?? 0;
  const last = within?.end.line ?? Number.POSITIVE_INFINITY;
  const encoder = new Encoder(first, last);
  const known = knownPlaces(analysis, first, last);
  let next = 0;
  for (const view of views.instructions) {
    const whole = view.onbuild ?? view.instruction;
    const { start, end } = whole.range;
    if (view.onbuild === undefined && whole.trigger) continue;
    if (end.line < first || start.line > last) continue;
    while (next < known.length && isBefore(known[next], start.line)) encoder.token(known[next++] as Token, 0);
    next = merge(encoder, { tokens: ofInstruction(whole, view, dockerfile), top: start.line }, known, next);
  }
  for (; next < known.length; next += 1) encoder.token(known[next] as Token, 0);
  return { data: encoder.finish() };
}

function isBefore(token: Token | undefined, line: number): boolean {
  return token !== undefined && token.line < line;
}

/** What needs the whole file, and what belongs to no instruction; in file order. */
function knownPlaces({ dockerfile, symbols }: Analysis, first: number, last: number): Token[] {
  const tokens: Token[] = [];
  const add = (range: Range, type: number, modifiers = 0) => {
    if (range.end.line >= first && range.start.line <= last) addToken(tokens, range, { type, modifiers }, dockerfile);
  };
  for (const { range } of dockerfile.directives) add(range, macro);
  // Both lists are in file order.
  const { comments } = dockerfile;
  let next = 0;
  for (const { kind, range, isDefinition } of symbols.occurrences) {
    for (let above = comments[next]; above && above.range.start.line < range.start.line; above = comments[++next]) {
      add(above.range, comment);
    }
    add(range, kind === "stage" ? stage : variable, isDefinition ? declaration : 0);
  }
  for (; next < comments.length; next += 1) add((comments[next] as (typeof comments)[number]).range, comment);
  return tokens;
}

const macro = numberOf("macro");
const comment = numberOf("comment");
const stage = numberOf("class");
const variable = numberOf("variable");
const declaration = bitOf("declaration");

interface Kept {
  readonly shell: string;
  readonly tokens: readonly Token[];
}

/** Counted for tests. */
export const work = { instructions: 0 };

const kept = new WeakMap<Instruction["content"], Kept>();

/** Also the instruction behind ONBUILD. */
function ofInstruction(whole: Instruction, view: InstructionView, dockerfile: Dockerfile): readonly Token[] {
  const { words, isDefault } = view.shell;
  const shell = isDefault ? "" : `${isPrepared("powershell")} ${words.join("\0")}`;
  const found = kept.get(whole.content);
  if (found?.shell === shell) return found.tokens;
  work.instructions += 1;
  const tokens = instructionTokens(whole, dockerfile, view.script);
  kept.set(whole.content, { shell, tokens });
  return tokens;
}

/** Places that are known lie on top of the instruction's own tokens. Returns the first one behind the instruction. */
function merge(
  encoder: Encoder,
  { tokens, top }: { readonly tokens: readonly Token[]; readonly top: number },
  known: readonly Token[],
  from: number,
): number {
  let next = from;
  for (const token of tokens) {
    const line = token.line + top;
    let { start } = token;
    const end = start + token.length;
    const { type, modifiers } = token;
    for (let over = known[next]; over && startsBefore(over, line, end); over = known[++next]) {
      if (over.line === line && over.start > start) encoder.add(line, start, over.start - start, type, modifiers);
      encoder.token(over, 0);
      if (over.line === line) start = Math.max(start, over.start + over.length);
    }
    if (start < end) encoder.add(line, start, end - start, type, modifiers);
  }
  return next;
}

function startsBefore(over: Token, line: number, end: number): boolean {
  return over.line < line || (over.line === line && over.start < end);
}

const mostAtOnce = 1_000_000;

/** Of the last answer: the next one is about as long. */
let lastSize = 0;

/** Writes tens of thousands of tokens at a key in a long file: no private fields, no `push`, no list that grows bit by bit. */
class Encoder {
  private readonly data = new Array<number>(Math.min(lastSize, mostAtOnce));
  private readonly first: number;
  private readonly last: number;
  private size = 0;
  private line = 0;
  private start = 0;
  private end = 0;

  constructor(first: number, last: number) {
    this.first = first;
    this.last = last;
  }

  finish(): number[] {
    this.data.length = this.size;
    lastSize = this.size;
    return this.data;
  }

  token({ line, start, length, type, modifiers }: Token, top: number): void {
    this.add(line + top, start, length, type, modifiers);
  }

  /** In file order. Tokens may not overlap: the first one wins. */
  add(line: number, start: number, length: number, type: number, modifiers: number): void {
    if (line < this.first || line > this.last) return;
    const down = line - this.line;
    if (down < 0 || (down === 0 && start < this.end)) return;
    const { data, size } = this;
    data[size] = down;
    data[size + 1] = down === 0 ? start - this.start : start;
    data[size + 2] = length;
    data[size + 3] = type;
    data[size + 4] = modifiers;
    this.size = size + 5;
    this.line = line;
    this.start = start;
    this.end = start + length;
  }
}
