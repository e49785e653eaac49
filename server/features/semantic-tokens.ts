import type { SemanticTokens, SemanticTokensDelta } from "vscode-languageserver";
import type { Dockerfile, Instruction } from "../../engine/analysis.ts";
import type { Range } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";

export const tokenTypes = [
  "keyword",
  "comment",
  "macro",
  "property",
  "class",
  "namespace",
  "variable",
  "string",
] as const;
type TokenType = (typeof tokenTypes)[number];

const typeNumbers = Object.fromEntries(tokenTypes.map((type, at) => [type, at])) as Record<TokenType, number>;

/** On one line: the protocol's tokens end at the line's end. */
interface Token {
  readonly line: number;
  readonly start: number;
  readonly length: number;
  readonly type: TokenType;
}

/**
 * Colours that need to know what a word means: stages, images, variables that are defined, flags. Words of RUN are left
 * to the grammar, which knows the shell. Linear in the text, and most of it is known from the version before.
 */
export function semanticTokens(analysis: Analysis, within?: Range): SemanticTokens {
  const tokens = collect(analysis);
  const shown = within ? tokens.filter(({ line }) => line >= within.start.line && line <= within.end.line) : tokens;
  return { data: encode(shown.sort((a, b) => a.line - b.line || a.start - b.start || a.length - b.length)) };
}

function encode(tokens: readonly Token[]): number[] {
  const data: number[] = [];
  let line = 0;
  let end = 0;
  let start = 0;
  for (const token of tokens) {
    const isNewLine = token.line !== line;
    // Tokens may not overlap: the first and shortest wins.
    if (!isNewLine && token.start < end) continue;
    const column = isNewLine ? token.start : token.start - start;
    data.push(token.line - line, column, token.length, typeNumbers[token.type], 0);
    line = token.line;
    start = token.start;
    end = token.start + token.length;
  }
  return data;
}

/** Files are four sorted lists, one behind the other: sorting them is merging. */
function collect({ dockerfile, symbols }: Analysis): Token[] {
  const tokens: Token[] = [];
  for (const { range } of dockerfile.directives) add(tokens, range, "macro", dockerfile);
  for (const { range } of dockerfile.comments) add(tokens, range, "comment", dockerfile);
  const stageNames = new Set<number>();
  for (const { kind, range } of symbols.occurrences) {
    add(tokens, range, kind === "stage" ? "class" : "variable", dockerfile);
    stageNames.add(keyOf(range));
  }
  for (const instruction of dockerfile.instructions) {
    for (const token of ofInstruction(instruction, dockerfile)) tokens.push(token);
    const image = instruction.keyword === "FROM" ? instruction.words[0] : undefined;
    if (image && !image.text.includes("$") && !stageNames.has(keyOf(image.range))) {
      add(tokens, image.range, "namespace", dockerfile);
    }
  }
  return tokens;
}

/** One number a place; a line has fewer characters than that. */
function keyOf({ start }: Range): number {
  return start.line * 2 ** 20 + start.character;
}

const known = new WeakMap<Instruction, readonly Token[]>();

/** What needs nothing but the instruction. */
function ofInstruction(instruction: Instruction, dockerfile: Dockerfile): readonly Token[] {
  const kept = known.get(instruction);
  if (kept) return kept;
  const tokens: Token[] = [];
  addOwn(tokens, instruction, dockerfile);
  if (instruction.trigger) addOwn(tokens, instruction.trigger, dockerfile);
  known.set(instruction, tokens);
  return tokens;
}

function addOwn(tokens: Token[], { keyword, keywordWord, flags, words }: Instruction, dockerfile: Dockerfile): void {
  add(tokens, keywordWord.range, "keyword", dockerfile);
  for (const { nameRange } of flags) add(tokens, nameRange, "property", dockerfile);
  const [first, second] = words;
  if (keyword === "FROM" && second && /^as$/i.test(second.text)) add(tokens, second.range, "keyword", dockerfile);
  if (keyword === "HEALTHCHECK" && first && /^(?:cmd|none)$/i.test(first.text)) {
    add(tokens, first.range, "keyword", dockerfile);
  }
}

/** A word over a continuation has one token a line. */
function add(tokens: Token[], { start, end }: Range, type: TokenType, { lines }: Dockerfile): void {
  if (start.line === end.line) {
    const length = end.character - start.character;
    if (length > 0) tokens.push({ line: start.line, start: start.character, length, type });
    return;
  }
  for (let { line } = start; line <= end.line; line += 1) {
    const from = line === start.line ? start.character : 0;
    const width = lines.endOf(line) - lines.startOf(line);
    const to = line === end.line ? Math.min(end.character, width) : width;
    if (to > from) tokens.push({ line, start: from, length: to - from, type });
  }
}

/** Sends what changed since the client's last answer: of a long file a few numbers instead of all. */
export class TokenHistory {
  readonly #sent = new Map<string, { readonly id: string; readonly data: readonly number[] }>();
  #count = 0;

  full(uri: string, { data }: SemanticTokens): SemanticTokens {
    return { resultId: this.#keep(uri, data), data };
  }

  delta(uri: string, previousId: string, { data }: SemanticTokens): SemanticTokens | SemanticTokensDelta {
    const sent = this.#sent.get(uri);
    if (sent?.id !== previousId) return this.full(uri, { data });
    const resultId = this.#keep(uri, data);
    const before = sent.data;
    const shorter = Math.min(before.length, data.length);
    let start = 0;
    while (start < shorter && before[start] === data[start]) start += 1;
    if (start === before.length && start === data.length) return { resultId, edits: [] };
    let same = 0;
    while (same < shorter - start && before[before.length - 1 - same] === data[data.length - 1 - same]) same += 1;
    const edit = { start, deleteCount: before.length - start - same, data: data.slice(start, data.length - same) };
    return { resultId, edits: [edit] };
  }

  forget(uri: string): void {
    this.#sent.delete(uri);
  }

  #keep(uri: string, data: readonly number[]): string {
    this.#count += 1;
    const id = String(this.#count);
    this.#sent.set(uri, { id, data });
    return id;
  }
}
