import type { SemanticTokens } from "vscode-languageserver";
import type { Instruction } from "../../engine/analysis.ts";
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

interface Token {
  readonly range: Range;
  readonly type: TokenType;
}

/**
 * Colours that need to know what a word means: stages, images, variables that are defined, flags. Words of RUN are left
 * to the grammar, which knows the shell. Linear in the text.
 */
export function semanticTokens(analysis: Analysis, within?: Range): SemanticTokens {
  const tokens = [...collect(analysis)]
    .flatMap((token) => splitLines(token, analysis.lines))
    .filter(({ line }) => !within || (line >= within.start.line && line <= within.end.line))
    .sort((a, b) => a.line - b.line || a.start - b.start || a.length - b.length);
  const data: number[] = [];
  let line = 0;
  let end = 0;
  let start = 0;
  for (const token of tokens) {
    const isNewLine = token.line !== line;
    // Tokens may not overlap: the first and shortest wins.
    if (!isNewLine && token.start < end) continue;
    data.push(token.line - line, isNewLine ? token.start : token.start - start, token.length, token.type, 0);
    line = token.line;
    start = token.start;
    end = token.start + token.length;
  }
  return { data };
}

function* collect({ dockerfile, symbols }: Analysis): Generator<Token> {
  for (const { range } of dockerfile.directives) yield { range, type: "macro" };
  for (const { range } of dockerfile.comments) yield { range, type: "comment" };
  for (const { kind, range } of symbols.occurrences) yield { range, type: kind === "stage" ? "class" : "variable" };
  const occupied = new Set(symbols.occurrences.map(({ range }) => `${range.start.line}:${range.start.character}`));
  for (const outer of dockerfile.instructions) {
    yield* ofInstruction(outer, occupied);
    if (outer.trigger) yield* ofInstruction(outer.trigger, occupied);
  }
}

function* ofInstruction(instruction: Instruction, occupied: ReadonlySet<string>): Generator<Token> {
  const { keyword, keywordWord, flags, words } = instruction;
  yield { range: keywordWord.range, type: "keyword" };
  for (const { nameRange } of flags) yield { range: nameRange, type: "property" };
  if (keyword === "FROM") {
    const [image, as] = words;
    const isStage = image && occupied.has(`${image.range.start.line}:${image.range.start.character}`);
    if (image && !isStage && !image.text.includes("$")) yield { range: image.range, type: "namespace" };
    if (as && /^as$/i.test(as.text)) yield { range: as.range, type: "keyword" };
  }
  if (keyword === "HEALTHCHECK" && words[0] && /^(?:cmd|none)$/i.test(words[0].text)) {
    yield { range: words[0].range, type: "keyword" };
  }
}

interface LineToken {
  readonly line: number;
  readonly start: number;
  readonly length: number;
  readonly type: number;
}

/** The protocol's tokens end at the line's end; a word over a continuation has one token a line. */
function splitLines({ range, type }: Token, lines: readonly string[]): LineToken[] {
  const found: LineToken[] = [];
  for (let line = range.start.line; line <= range.end.line; line += 1) {
    const start = line === range.start.line ? range.start.character : 0;
    const width = lines[line]?.length ?? 0;
    const end = line === range.end.line ? Math.min(range.end.character, width) : width;
    if (end > start) found.push({ line, start, length: end - start, type: tokenTypes.indexOf(type) });
  }
  return found;
}
