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
    while (next < known.length && isBefore(known[next], start.line)) encoder.add(known[next++] as Token, 0);
    next = merge(encoder, { tokens: ofInstruction(whole, view, dockerfile), top: start.line }, known, next);
  }
  for (; next < known.length; next += 1) encoder.add(known[next] as Token, 0);
  return { data: encoder.data };
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

const kept = new WeakMap<Instruction["content"], Kept>();

/** Also the instruction behind ONBUILD. */
function ofInstruction(whole: Instruction, view: InstructionView, dockerfile: Dockerfile): readonly Token[] {
  const { words, isDefault } = view.shell;
  const shell = isDefault ? "" : `${isPrepared("powershell")} ${words.join("\0")}`;
  const found = kept.get(whole.content);
  if (found?.shell === shell) return found.tokens;
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
    for (let over = known[next]; over && startsBefore(over, line, end); over = known[++next]) {
      if (over.line === line && over.start > start) encoder.add({ ...token, start, length: over.start - start }, top);
      encoder.add(over, 0);
      if (over.line === line) start = Math.max(start, over.start + over.length);
    }
    if (start === token.start) encoder.add(token, top);
    else if (start < end) encoder.add({ ...token, start, length: end - start }, top);
  }
  return next;
}

function startsBefore(over: Token, line: number, end: number): boolean {
  return over.line < line || (over.line === line && over.start < end);
}

class Encoder {
  readonly data: number[] = [];
  readonly #first: number;
  readonly #last: number;
  #line = 0;
  #start = 0;
  #end = 0;

  constructor(first: number, last: number) {
    this.#first = first;
    this.#last = last;
  }

  /** In file order. Tokens may not overlap: the first one wins. */
  add({ line: own, start, length, type, modifiers }: Token, top: number): void {
    const line = own + top;
    if (line < this.#first || line > this.#last) return;
    const isNewLine = line !== this.#line;
    if (line < this.#line || (!isNewLine && start < this.#end)) return;
    this.data.push(line - this.#line, isNewLine ? start : start - this.#start, length, type, modifiers);
    this.#line = line;
    this.#start = start;
    this.#end = start + length;
  }
}
