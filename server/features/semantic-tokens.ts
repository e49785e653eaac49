import type { SemanticTokens } from "vscode-languageserver";
import type { Dockerfile, Instruction, Stage } from "../../engine/analysis.ts";
import type { Range } from "../../engine/base/ranges.ts";
import type { Comment } from "../../engine/dockerfile/model.ts";
import type { Analysis } from "../analysis.ts";
import type { InstructionView, StageView } from "../lint/views.ts";
import { isPrepared } from "../shell/grammar.ts";
import type { Occurrence } from "../symbols/model.ts";
import { Colours } from "./tokens/colours.ts";
import { instructionTokens } from "./tokens/instruction-tokens.ts";
import { Encoder, packed, type Stretch } from "./tokens/stretch.ts";
import { addToken, bitOf, numberOf, type Token } from "./tokens/token.ts";

/**
 * Colours that need to know what a word means: stages, images, variables, flags, the commands of scripts. A stage that says
 * what it said, and whose names stand for what they stood for, keeps its colours wherever it stands.
 */
export function colours(analysis: Analysis, within?: Range): Colours {
  const { stages, comments, instructions } = analysis.dockerfile;
  const firstLine = within?.start.line ?? 0;
  const lastLine = within?.end.line ?? Number.POSITIVE_INFINITY;
  const all = new Colours();
  const below = stages[0]?.from.range.start.line ?? Number.POSITIVE_INFINITY;
  let next = 0;
  const commentsAbove = (line: number) => {
    const first = next;
    while ((comments[next]?.range.start.line ?? Number.POSITIVE_INFINITY) < line) next += 1;
    return { first, end: next };
  };
  const own = commentsAbove(below);
  if (firstLine < below && (below > 0 || instructions[0] !== stages[0]?.from)) all.add(aboveStages(analysis, own), 0);
  for (const stage of stages) {
    const end = stages[stage.index + 1]?.from.range.start.line ?? Number.POSITIVE_INFINITY;
    const inside = commentsAbove(end);
    const top = stage.from.range.start.line;
    if (top <= lastLine && end > firstLine) all.add(ofStage(analysis, stage, inside), top);
  }
  return all;
}

/** The same as the protocol has it, of all lines or of some. */
export function semanticTokens(analysis: Analysis, within?: Range): SemanticTokens {
  const data = colours(analysis, within).numbers();
  return { data: within ? between(data, within.start.line, within.end.line) : data };
}

function between(data: readonly number[], first: number, last: number): number[] {
  const found: number[] = [];
  let line = 0;
  let [startHere, lineBefore] = [0, 0];
  let start = 0;
  for (let at = 0; at < data.length; at += 5) {
    const [down = 0, across = 0, length = 0, type = 0, modifiers = 0] = data.slice(at, at + 5);
    line += down;
    start = down > 0 ? across : start + across;
    if (line < first || line > last) continue;
    const isBelow = line > lineBefore;
    found.push(line - lineBefore, isBelow ? start : start - startHere, length, type, modifiers);
    [lineBefore, startHere] = [line, start];
  }
  return found;
}

/** Indices in the file's comments. */
interface CommentSpan {
  readonly first: number;
  readonly end: number;
}

/** Directives, ARGs and what is misplaced there: a few lines, unless there is no stage at all. */
function aboveStages({ dockerfile, symbols, views }: Analysis, span: CommentSpan): Stretch {
  const known: Token[] = [];
  for (const { range } of dockerfile.directives) addToken(known, range, { type: macro }, dockerfile);
  addPlaces(known, { dockerfile, occurrences: symbols.inside(-1), span, top: 0 });
  const encoder = new Encoder();
  encode(encoder, { dockerfile, known, top: 0, views: views.above });
  return encoder.finish();
}

/** What all of a stage's colours follow from, wherever it stands; lines count from its FROM. */
interface Known {
  readonly index: number;
  readonly scope: object;
  readonly hasPowershell: boolean;
  readonly contents: readonly object[];
  readonly lines: readonly number[];
  readonly shells: readonly object[];
  /** Line, character and length of each. */
  readonly comments: readonly number[];
  readonly stretch: Stretch;
}

/** Of a stage that is the same at the same place. */
const placed = new WeakMap<StageView, Known>();
/** By what its FROM says. */
const moved = new WeakMap<object, Known>();

function ofStage(analysis: Analysis, stage: Stage, span: CommentSpan): Stretch {
  const { dockerfile, symbols, views } = analysis;
  const view = views.stages[stage.index] as StageView;
  const { scope } = symbols;
  const isAsIn = (known: Known) => known.scope === scope && hasComments(known.comments, dockerfile, span, stage);
  const here = placed.get(view);
  if (here && isAsIn(here)) return here.stretch;
  const before = moved.get(stage.from.content);
  if (before && isAsIn(before) && saysTheSame(before, view)) {
    placed.set(view, before);
    return before.stretch;
  }
  work.stages += 1;
  const top = stage.from.range.start.line;
  const known: Token[] = [];
  addPlaces(known, { dockerfile, occurrences: symbols.inside(stage.index), span, top });
  const encoder = new Encoder();
  encode(encoder, { dockerfile, known, top, from: stage.from, views: view.instructions });
  const now: Known = {
    index: stage.index,
    scope,
    hasPowershell: isPrepared("powershell"),
    contents: stage.instructions.map(({ content }) => content),
    lines: stage.instructions.map(({ range }) => range.start.line - top),
    shells: stage.instructions.map((_, at) => view.shellBefore(at)),
    comments: commentPlaces(dockerfile, span, top),
    stretch: encoder.finish(),
  };
  placed.set(view, now);
  moved.set(stage.from.content, now);
  return now.stretch;
}

function saysTheSame({ index, hasPowershell, contents, lines, shells }: Known, view: StageView): boolean {
  const { stage } = view;
  if (index !== stage.index || hasPowershell !== isPrepared("powershell")) return false;
  if (contents.length !== stage.instructions.length) return false;
  const top = stage.from.range.start.line;
  return stage.instructions.every(
    ({ content, range }, at) =>
      content === contents[at] && range.start.line - top === lines[at] && view.shellBefore(at) === shells[at],
  );
}

function commentPlaces({ comments }: Dockerfile, { first, end }: CommentSpan, top: number): readonly number[] {
  const own = comments.slice(first, end);
  return own.flatMap(({ text, range: { start } }) => [start.line - top, start.character, text.length]);
}

function hasComments(
  known: readonly number[],
  { comments }: Dockerfile,
  { first, end }: CommentSpan,
  { from }: Stage,
): boolean {
  if (known.length !== 3 * (end - first)) return false;
  const top = from.range.start.line;
  for (let at = first, place = 0; at < end; at += 1, place += 3) {
    const { text, range } = comments[at] as Comment;
    const { line, character } = range.start;
    if (line - top !== known[place] || character !== known[place + 1] || text.length !== known[place + 2]) return false;
  }
  return true;
}

interface Places {
  readonly dockerfile: Dockerfile;
  readonly occurrences: readonly Occurrence[];
  readonly span: CommentSpan;
  readonly top: number;
}

/** Names and comments; both are in file order. */
function addPlaces(tokens: Token[], { dockerfile, occurrences, span, top }: Places): void {
  const { comments } = dockerfile;
  let next = span.first;
  const addComments = (line: number) => {
    for (; next < span.end; next += 1) {
      const { range } = comments[next] as Comment;
      if (range.start.line >= line) return;
      addToken(tokens, range, { type: comment }, dockerfile, top);
    }
  };
  for (const { kind, range, isDefinition } of occurrences) {
    addComments(range.start.line);
    const type = kind === "stage" ? stageName : variable;
    addToken(tokens, range, { type, modifiers: isDefinition ? declaration : 0 }, dockerfile, top);
  }
  addComments(Number.POSITIVE_INFINITY);
}

const macro = numberOf("macro");
const comment = numberOf("comment");
const stageName = numberOf("class");
const variable = numberOf("variable");
const declaration = bitOf("declaration");

interface Parts {
  readonly dockerfile: Dockerfile;
  /** Names and comments. */
  readonly known: readonly Token[];
  readonly top: number;
  readonly from?: Instruction;
  readonly views: readonly InstructionView[];
}

function encode(encoder: Encoder, { dockerfile, known, top, from, views }: Parts): void {
  let next = 0;
  const add = (whole: Instruction, own: string) => {
    const line = whole.range.start.line - top;
    for (; (known[next]?.line ?? Number.POSITIVE_INFINITY) < line; next += 1) encoder.token(known[next] as Token);
    next = encoder.merge(own, line, known, next);
  };
  if (from) add(from, ofInstruction(from, undefined, dockerfile));
  for (const view of views) {
    // Behind the whole ONBUILD stands its trigger.
    if (view.onbuild === undefined && view.instruction.trigger) continue;
    const whole = view.onbuild ?? view.instruction;
    add(whole, ofInstruction(whole, view, dockerfile));
  }
  for (; next < known.length; next += 1) encoder.token(known[next] as Token);
}

interface KnownTokens {
  readonly shell: string;
  readonly tokens: string;
}

/** Counted for tests. */
export const work = { instructions: 0, stages: 0 };

const kept = new WeakMap<Instruction["content"], KnownTokens>();

/** Also the instruction behind ONBUILD. A FROM has no view, and no script. */
function ofInstruction(whole: Instruction, view: InstructionView | undefined, dockerfile: Dockerfile): string {
  const shell = !view || view.shell.isDefault ? "" : `${isPrepared("powershell")} ${view.shell.words.join("\0")}`;
  const found = kept.get(whole.content);
  if (found?.shell === shell) return found.tokens;
  work.instructions += 1;
  const tokens = packed(instructionTokens(whole, dockerfile, view?.script));
  kept.set(whole.content, { shell, tokens });
  return tokens;
}
