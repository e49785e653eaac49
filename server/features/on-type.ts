import type { FormattingOptions, TextEdit } from "vscode-languageserver";
import { continuationAt, type Instruction } from "../../engine/analysis.ts";
import type { Position } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { blanks, indentations, indentOf, lastHeadLine } from "../format/indentation.ts";
import type { FormatOptions, FormatSettings } from "../format/options.ts";
import { formatOptions } from "./formatting.ts";

/** Behind the escape character: the lines that have become part of the instruction. Behind Enter: the new line. */
export function onTypeFormatting(
  analysis: Analysis,
  { line }: Position,
  typed: string,
  editor: FormattingOptions,
  settings?: FormatSettings,
): TextEdit[] {
  const options = formatOptions(editor, settings);
  if (typed === "\n") return newLine(analysis, line, options);
  return typed === analysis.dockerfile.escape ? joinedLines(analysis, line, options) : [];
}

/**
 * What looks like the next instruction is left alone: who types `\` at the end of a line goes on with Enter, and then the
 * line below is an instruction again.
 */
function joinedLines(analysis: Analysis, line: number, options: FormatOptions): TextEdit[] {
  const { dockerfile } = analysis;
  const instruction = instructionAround(analysis, line);
  if (!instruction || !isContinued(analysis, line) || /^[A-Z]+\s/.test(dockerfile.lines.at(line + 1))) return [];
  return indentations(instruction, dockerfile, options).flatMap((change) =>
    change.line > line ? [edit(change.line, change.from, change.to)] : [],
  );
}

/** As deep as the line above, one level below an instruction's first line, at the margin behind its last one. */
function newLine(analysis: Analysis, line: number, options: FormatOptions): TextEdit[] {
  const { dockerfile } = analysis;
  const above = line - 1;
  const instruction = instructionAround(analysis, above);
  if (!instruction || above > lastHeadLine(instruction)) return [];
  const text = dockerfile.lines.at(line);
  const own = indentOf(text);
  if (own !== text) {
    // A line that was cut in two, unless the cut is in a word or in quotes.
    const change = indentations(instruction, dockerfile, options).find((one) => one.line === line);
    return change ? [edit(line, change.from, change.to)] : [];
  }
  let wanted = "";
  if (isContinued(analysis, above)) {
    const isFirst = above === instruction.range.start.line;
    wanted = isFirst ? blanks(options.indentSize, options) : indentOf(dockerfile.lines.at(above));
  } else if (above === lastHeadLine(instruction) && above < instruction.range.end.line) {
    // The first line of a heredoc.
    return [];
  }
  return wanted === own ? [] : [edit(line, own, wanted)];
}

function edit(line: number, from: string, newText: string): TextEdit {
  return { range: { start: { line, character: 0 }, end: { line, character: from.length } }, newText };
}

function isContinued({ dockerfile: { lines, escape: escapeCharacter } }: Analysis, line: number): boolean {
  const text = lines.at(line);
  return !text.trimStart().startsWith("#") && continuationAt(text, 0, text.length, escapeCharacter) >= 0;
}

/** The instruction that has the line. */
function instructionAround(analysis: Analysis, line: number): Instruction | undefined {
  const found = analysis.dockerfile.instructions[analysis.indexAt({ line, character: Number.POSITIVE_INFINITY })];
  return found && found.range.end.line >= line ? found : undefined;
}
