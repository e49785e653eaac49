import type { Instruction, Stage } from "../../../engine/analysis.ts";
import type { Position } from "../../../engine/base/ranges.ts";
import type { Analysis } from "../../analysis.ts";
import { comparePositions } from "../../lint/fixes.ts";
import type { ProjectEntry, StageView, VariableView } from "../../lint/views.ts";

/** What an engine and registries have said so far. */
export interface ImageKnowledge {
  /** Names of the engine's images; undefined: not asked yet. */
  readonly images: readonly string[] | undefined;
  /** Undefined: not asked yet. */
  tags(repository: string): readonly string[] | undefined;
  /** What is in a folder (`/etc/`) of an image that the engine has; undefined: not asked yet. */
  files(image: string, folder: string): readonly ProjectEntry[] | undefined;
}

/** Nobody can be asked. */
export const noImages: ImageKnowledge = { images: [], tags: () => [], files: () => [] };

/** Where the cursor stands, as completion sees it. */
export interface Place {
  readonly analysis: Analysis;
  readonly position: Position;
  /** The line, and what of it stands before the cursor. */
  readonly line: string;
  readonly lineBefore: string;
  /** `keyword`: the first word of an instruction, or the one behind ONBUILD. */
  readonly kind: "comment" | "keyword" | "arguments" | "heredoc";
  /** The instruction around the cursor; behind ONBUILD its trigger. */
  readonly instruction?: Instruction;
  /** The instruction of the file: ONBUILD itself. */
  readonly outer?: Instruction;
  /** Upper case; empty where no instruction is. */
  readonly keyword: string;
  /** What stands between the keyword and the cursor, on one line; in a heredoc its body before the cursor. */
  readonly before: string;
  readonly stage?: Stage;
  readonly images: ImageKnowledge;
  /** The character that opened the list, unless somebody asked for it. */
  readonly trigger?: string;
}

export interface PlaceOptions {
  readonly images?: ImageKnowledge;
  readonly trigger?: string;
}

export function placeAt(analysis: Analysis, position: Position, { images = noImages, trigger }: PlaceOptions): Place {
  const line = analysis.dockerfile.lines.at(position.line);
  const lineBefore = line.slice(0, position.character);
  const stage = analysis.stageAt(position.line);
  const shared = {
    analysis,
    position,
    line,
    lineBefore,
    images,
    ...(trigger !== undefined && { trigger }),
    ...(stage && { stage }),
  };
  const outer = instructionAround(analysis, position);
  const instruction = outer?.trigger ?? outer;
  const heredoc = instruction?.heredocs.find(
    ({ contentRange: { start, end } }) =>
      comparePositions(start, position) <= 0 && (end.line > position.line || comparePositions(position, end) <= 0),
  );
  if (outer && instruction && heredoc) {
    const before = analysis.textOf({ start: heredoc.contentRange.start, end: position });
    return { ...shared, kind: "heredoc", instruction, outer, keyword: instruction.keyword, before };
  }
  if (/^\s*#/.test(lineBefore)) return { ...shared, kind: "comment", keyword: "", before: lineBefore };
  if (!outer || !instruction) return { ...shared, kind: "keyword", keyword: "", before: lineBefore.trimStart() };
  const [first, rest] = splitKeyword(logicalText(analysis, outer, position));
  if (rest === undefined) return { ...shared, kind: "keyword", keyword: "", before: first, outer };
  if (outer.keyword !== "ONBUILD") {
    return { ...shared, kind: "arguments", keyword: outer.keyword, before: rest, instruction, outer };
  }
  const [second, behind] = splitKeyword(rest);
  if (behind === undefined) return { ...shared, kind: "keyword", keyword: "ONBUILD", before: second, outer };
  return { ...shared, kind: "arguments", keyword: instruction.keyword, before: behind, instruction, outer };
}

/** The stage's view as rules have it. */
export function viewAt({ analysis, stage }: Place): StageView | undefined {
  return stage && analysis.views.stages[stage.index];
}

const nothing: ReadonlyMap<string, VariableView> = new Map();

/** What has a value here; in FROM, what stands above all stages. */
export function variablesAt(place: Place): ReadonlyMap<string, VariableView> {
  const { analysis, outer, stage } = place;
  if (!stage || outer === stage.from) return analysis.views.globals;
  return (outer && viewAt(place)?.variablesAt(outer)) ?? nothing;
}

export function workdirAt(place: Place): string | undefined {
  return place.outer && viewAt(place)?.workdirAt(place.outer);
}

/** The instruction whose line it is, or that goes on here behind a continuation. */
function instructionAround(analysis: Analysis, position: Position): Instruction | undefined {
  const { dockerfile } = analysis;
  const last = dockerfile.instructions[analysis.indexAt(position)];
  if (!last) return undefined;
  const { end } = last.range;
  if (position.line <= end.line) return last;
  const goesOn = position.line === end.line + 1 && endsOpen(dockerfile.lines.at(end.line), dockerfile.escape);
  return goesOn ? last : undefined;
}

/** The instruction's text up to a place on one line: without continuations, comments and empty lines between. */
function logicalText({ dockerfile }: Analysis, { range }: Instruction, position: Position): string {
  const { lines, escape: escapeCharacter } = dockerfile;
  let text = "";
  for (let at = range.start.line; at <= position.line; at += 1) {
    const line = lines.at(at);
    const start = at === range.start.line ? range.start.character : 0;
    if (at === position.line) text += line.slice(start, position.character);
    else if (endsOpen(line, escapeCharacter)) text += line.slice(start).replace(/.[ \t]*$/, "");
    else if (at === range.start.line) text += line.slice(start);
  }
  return text;
}

function endsOpen(line: string, escapeCharacter: string): boolean {
  return !/^\s*#/.test(line) && line.trimEnd().endsWith(escapeCharacter);
}

function splitKeyword(text: string): readonly [string, string?] {
  const found = /^(\S+)\s+/.exec(text);
  return found ? [found[1] ?? "", text.slice(found[0].length)] : [text];
}

/** The instruction before the one at the cursor. */
export function instructionAbove({ analysis, outer, position }: Place): Instruction | undefined {
  const { instructions } = analysis.dockerfile;
  const line = outer?.range.start.line ?? position.line;
  let at = analysis.indexAt({ line, character: 0 });
  while ((instructions[at]?.range.end.line ?? -1) >= line) at -= 1;
  return instructions[at];
}

/** Does the file write its keywords in lower case? Its last one before the cursor says so; without one, the word being typed does not. */
export function writesLower(place: Place): boolean {
  const written = instructionAbove(place)?.keywordWord.text;
  return written !== undefined && written === written.toLowerCase();
}
