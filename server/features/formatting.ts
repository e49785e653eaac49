import type { FormattingOptions, TextEdit } from "vscode-languageserver";
import { type Dockerfile, parse } from "../../engine/analysis.ts";
import type { Position, Range } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { baseFormat, baseFormatOnType, baseFormatRange } from "../base-language.ts";
import { applyEdits } from "../lint/fixes.ts";

export function formatting(analysis: Analysis, options: FormattingOptions): TextEdit[] {
  return keepMeaning(analysis, baseFormat(analysis.text, options));
}

export function rangeFormatting(analysis: Analysis, range: Range, options: FormattingOptions): TextEdit[] {
  return keepMeaning(analysis, baseFormatRange(analysis.text, range, options));
}

export function onTypeFormatting(
  analysis: Analysis,
  at: Position,
  typed: string,
  options: FormattingOptions,
): TextEdit[] {
  return keepMeaning(analysis, baseFormatOnType(analysis.text, at, typed, options));
}

/**
 * The library indents also the inside of a quoted string or a heredoc that runs over lines, which changes what the
 * image does. Edits in an instruction that would then read differently are dropped.
 */
function keepMeaning(analysis: Analysis, edits: TextEdit[]): TextEdit[] {
  if (
    edits.length === 0 ||
    meaning(analysis.dockerfile).join() === meaning(parse(applyEdits(analysis.text, edits))).join()
  ) {
    return edits;
  }
  const head = analysis.dockerfile.escape === "`" ? "# escape=`\n" : "";
  const down = head ? 1 : 0;
  const changed = analysis.dockerfile.instructions.filter(({ range }) => {
    const top = range.start.line;
    const text = analysis.textOf({ start: { line: top, character: 0 }, end: range.end });
    const own = edits
      .filter((edit) => edit.range.start.line >= top && edit.range.start.line <= range.end.line)
      .map((edit) => ({ range: shift(edit.range, down - top), newText: edit.newText }));
    if (own.length === 0) return false;
    const before = meaning(parse(head + text));
    return before.join() !== meaning(parse(applyEdits(head + text, own))).join();
  });
  return edits.filter(
    ({ range: { start } }) =>
      !changed.some(({ range }) => range.start.line <= start.line && start.line <= range.end.line),
  );
}

function shift({ start, end }: Range, lines: number): Range {
  return { start: { ...start, line: start.line + lines }, end: { ...end, line: end.line + lines } };
}

function meaning({ instructions }: Dockerfile): readonly string[] {
  return instructions.map(({ keyword, flags, words, heredocs }) =>
    JSON.stringify([
      keyword,
      flags.map(({ name, value }) => [name, value]),
      words.map(({ text }) => text),
      heredocs.map(({ content }) => content),
    ]),
  );
}
