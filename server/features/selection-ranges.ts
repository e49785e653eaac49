import type { SelectionRange } from "vscode-languageserver";
import { type Instruction, type MappedText, readMountFields, readPairs } from "../../engine/analysis.ts";
import type { Position, Range } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { comparePositions, contains } from "../lint/fixes.ts";
import type { InstructionView } from "../lint/views.ts";

/** From what stands under each cursor outwards: word, argument or flag, instruction, stage, file; in a script word, command, pipeline. */
export function selectionRanges(analysis: Analysis, positions: readonly Position[]): SelectionRange[] {
  return positions.map((position) => nested(candidates(analysis, position), position));
}

function candidates(analysis: Analysis, position: Position): readonly Range[] {
  const { dockerfile, text } = analysis;
  const file = { start: { line: 0, character: 0 }, end: dockerfile.lines.positionAt(text.length) };
  const stage = analysis.stageAt(position.line);
  const found = [file, ...(stage ? [stage.range] : []), ...wordAt(analysis, position)];
  const comment = dockerfile.comments.findIndex(({ range }) => contains(range, position));
  if (comment >= 0) found.push(...commentsAround(analysis, comment));
  const instruction = analysis.instructionAt(position);
  if (!instruction) return found;
  found.push(instruction.range);
  for (const inner of instruction.trigger ? [instruction, instruction.trigger] : [instruction]) {
    found.push(inner.range, ...partsOf(inner));
  }
  const views = analysis.views.stages[stage?.index ?? -1]?.instructions ?? [];
  for (const view of views) {
    if ((view.onbuild ?? view.instruction) === instruction) found.push(...scriptParts(view));
  }
  return found;
}

/** Letters, digits and what names are made of. */
function wordAt({ dockerfile: { lines } }: Analysis, { line, character }: Position): Range[] {
  const text = lines.at(line);
  const before = /\w*$/.exec(text.slice(0, character))?.[0].length ?? 0;
  const after = /^\w*/.exec(text.slice(character))?.[0].length ?? 0;
  if (before + after === 0) return [];
  return [{ start: { line, character: character - before }, end: { line, character: character + after } }];
}

/** The comment alone, then all that stand together. */
function commentsAround({ dockerfile: { comments } }: Analysis, at: number): Range[] {
  const lineOf = (index: number) => comments[index]?.range.start.line;
  let first = at;
  let last = at;
  while (lineOf(first - 1) === (lineOf(first) ?? 0) - 1) first -= 1;
  while (lineOf(last + 1) === (lineOf(last) ?? 0) + 1) last += 1;
  const own = comments[at]?.range;
  const [top, bottom] = [comments[first]?.range, comments[last]?.range];
  return own && top && bottom ? [own, { start: top.start, end: bottom.end }] : [];
}

function partsOf(instruction: Instruction): Range[] {
  const { keyword, keywordWord, flags, words, json, rest, heredocs } = instruction;
  const found = [keywordWord.range, whole(rest), ...(json ? [] : words.map(({ range }) => range))];
  for (const flag of flags) {
    found.push(flag.range, flag.nameRange);
    if (flag.valueRange) found.push(flag.valueRange);
    if (keyword !== "RUN" || flag.name !== "mount") continue;
    for (const { range, valueRange } of readMountFields(flag).fields) found.push(range, valueRange);
  }
  for (const { range, value } of json ?? []) found.push(range, ...(value === "" ? [] : [inside(range)]));
  if (keyword === "ENV" || keyword === "ARG" || keyword === "LABEL") {
    for (const { nameSpan, valueSpan } of readPairs(instruction).pairs) {
      found.push(rest.rangeOf(nameSpan.start, nameSpan.end));
      if (valueSpan) found.push(rest.rangeOf(valueSpan.start, valueSpan.end));
    }
  }
  for (const { contentRange } of heredocs) found.push(contentRange);
  return found;
}

function whole(rest: MappedText): Range {
  return rest.rangeOf(0, rest.text.length);
}

/** Without the quotes. */
function inside({ start, end }: Range): Range {
  return { start: { ...start, character: start.character + 1 }, end: { ...end, character: end.character - 1 } };
}

function scriptParts({ script }: InstructionView): Range[] {
  if (script.text === "") return [];
  const found: Range[] = script.pipelines.map(({ start, end }) => script.rangeOf(start, end));
  for (const command of script.commands) {
    found.push(command.range, script.rangeOf(command.wholeStart, command.wholeEnd));
    for (const { range } of command.words) found.push(range);
  }
  return found;
}

/** Smallest first; what holds the cursor but only laps over the one before is left out. */
function nested(ranges: readonly Range[], position: Position): SelectionRange {
  const around = ranges.filter((range) => contains(range, position)).sort(bySize);
  const chain: Range[] = [];
  for (const range of around) {
    const last = chain.at(-1);
    const isWider = !last || (contains(range, last.start) && contains(range, last.end) && !isEqual(range, last));
    if (isWider && !isEqual(range, { start: range.end, end: range.end })) chain.push(range);
  }
  if (chain.length === 0) return { range: { start: position, end: position } };
  let parent: SelectionRange | undefined;
  for (const range of chain.reverse()) parent = parent ? { range, parent } : { range };
  return parent as SelectionRange;
}

function bySize(a: Range, b: Range): number {
  const lines = ({ start, end }: Range) => end.line - start.line;
  const width = ({ start, end }: Range) => end.character - start.character;
  return lines(a) - lines(b) || width(a) - width(b);
}

function isEqual(a: Range, b: Range): boolean {
  return comparePositions(a.start, b.start) === 0 && comparePositions(a.end, b.end) === 0;
}
