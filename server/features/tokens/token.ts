import { continuationAt, type Dockerfile } from "../../../engine/analysis.ts";
import type { Range } from "../../../engine/base/ranges.ts";

export const tokenTypes = [
  "keyword",
  "comment",
  "macro",
  "property",
  "class",
  "namespace",
  "variable",
  "string",
  "function",
  "parameter",
  "operator",
  "number",
  "enumMember",
] as const;
export type TokenType = (typeof tokenTypes)[number];

export const tokenModifiers = ["declaration", "deprecated"] as const;
export type TokenModifier = (typeof tokenModifiers)[number];

/** On one line: the protocol's tokens end at the line's end. */
export interface Token {
  readonly line: number;
  readonly start: number;
  readonly length: number;
  /** Index in `tokenTypes`. */
  readonly type: number;
  /** Bits by index in `tokenModifiers`. */
  readonly modifiers: number;
}

const typeNumbers = Object.fromEntries(tokenTypes.map((type, at) => [type, at])) as Record<TokenType, number>;

export function numberOf(type: TokenType): number {
  return typeNumbers[type];
}

export function bitOf(modifier: TokenModifier): number {
  return 1 << tokenModifiers.indexOf(modifier);
}

/** A place over a continuation has one token a line, without the escape character at its end. Lines are counted from `top`. */
export function addToken(
  tokens: Token[],
  { start, end }: Range,
  { type, modifiers = 0 }: { readonly type: number; readonly modifiers?: number },
  { lines, text, escape: escapeCharacter }: Dockerfile,
  top = 0,
): void {
  if (start.line === end.line) {
    const length = end.character - start.character;
    if (length > 0) tokens.push({ line: start.line - top, start: start.character, length, type, modifiers });
    return;
  }
  for (let { line } = start; line <= end.line; line += 1) {
    const from = line === start.line ? start.character : 0;
    const lineStart = lines.startOf(line);
    const cut = line === end.line ? -1 : continuationAt(text, lineStart, lines.endOf(line), escapeCharacter);
    const width = (cut < 0 ? lines.endOf(line) : cut) - lineStart;
    const to = line === end.line ? Math.min(end.character, width) : width;
    if (to > from) tokens.push({ line: line - top, start: from, length: to - from, type, modifiers });
  }
}

export function inFileOrder(a: Token, b: Token): number {
  return a.line - b.line || a.start - b.start || a.length - b.length;
}
