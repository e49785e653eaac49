import { withoutStageNames } from "./check-values.ts";
import { byPlace, type Content } from "./content.ts";
import { type DirectiveZone, readDirectives } from "./directives.ts";
import * as problem from "./errors.ts";
import { instructionForms } from "./instructions.ts";
import { commonEnds, LineIndex } from "./line-index.ts";
import type { Comment, Dockerfile, Instruction, Problem, Stage } from "./model.ts";
import { ParsedInstruction, type Piece } from "./parsed-instruction.ts";
import { Scanner } from "./scanner.ts";

/** Reads a Dockerfile. Never throws and never stops early: what is wrong is in `problems`. Time is linear in the text. */
export function parse(text: string): Dockerfile {
  const lines = LineIndex.of(text);
  const zone = readDirectives(lines);
  const scanner = new Scanner(lines, zone.escape, zone.end);
  const pieces: Piece[] = [];
  while (scanner.line < lines.count) {
    const piece = scanner.next();
    if (piece !== undefined) pieces.push(piece);
  }
  return new ParsedDockerfile(lines, zone, pieces, new RecentContents());
}

/**
 * What `parse(text)` gives, in the time of what has changed since `previous`. Instructions and stages that are the same and
 * stand at the same place are the same objects.
 */
export function reparse(previous: Dockerfile, text: string): Dockerfile {
  if (!(previous instanceof ParsedDockerfile)) return parse(text);
  if (previous.text === text) return previous;
  const before = previous.lines;
  const ends = commonEnds(before.text, text);
  const lines = before.edited(text, ends);
  const zone = readDirectives(lines);
  if (zone.escape !== previous.escape) return parse(text);

  const { pieces: old, recent } = previous;
  const kept = keptBefore(old, before, ends.prefix, zone.end);
  const from = Math.max(zone.end, old[kept - 1]?.nextLine ?? 0);
  const sameFrom = text.length - ends.suffix;
  const shift = { lines: lines.count - before.count, characters: text.length - before.text.length };
  for (let at = kept; at < old.length; at++) {
    const piece = old[at];
    if (piece === undefined || before.startOf(piece.line) + shift.characters >= sameFrom) break;
    recent.add(piece.source);
  }

  const scanner = new Scanner(lines, zone.escape, from, recent);
  const read: Piece[] = [];
  let next = kept;
  let same = false;
  while (scanner.line < lines.count) {
    const line = scanner.line - shift.lines;
    while ((old[next]?.line ?? Number.POSITIVE_INFINITY) < line) next++;
    // Both texts start a line here, go on alike to their ends, and stand between two pieces: what follows is read already.
    same =
      lines.startOf(scanner.line) >= sameFrom &&
      line >= previous.zone.end &&
      before.startOf(line) + shift.characters === lines.startOf(scanner.line) &&
      (old[next - 1]?.nextLine ?? 0) <= line;
    if (same) break;
    const piece = scanner.next();
    if (piece !== undefined) read.push(piece);
  }
  const pieces = old.slice(0, kept);
  for (const piece of read) pieces.push(piece);
  for (let at = next; same && at < old.length; at++) {
    const piece = old[at];
    if (piece !== undefined) pieces.push(shift.lines === 0 ? piece : piece.at(piece.line + shift.lines));
  }
  recent.forget();
  const parts = same && shift.lines === 0 ? replaced(previous, old.slice(kept, next), read) : undefined;
  return new ParsedDockerfile(lines, zone, pieces, recent, previous, parts);
}

/** What does not have to be put together again. */
interface Parts extends Pick<Dockerfile, "instructions" | "stages" | "globalArgs"> {
  readonly misplaced: readonly Problem[];
  readonly comments: readonly Comment[] | undefined;
  readonly problems: readonly Problem[] | undefined;
}

/** Of a key inside instructions of a stage, the most frequent edit by far: copies of lists are cheap, walks are not. */
function replaced(previous: ParsedDockerfile, gone: readonly Piece[], come: readonly Piece[]): Parts | undefined {
  const [first] = gone;
  const isAlike = come.every((one, at) => isSameKind(gone[at], one));
  const stage = first && stageAround(previous.stages, first.line);
  if (!stage || gone.length !== come.length || !isAlike) return undefined;
  const instructions = replacedIn(previous.instructions, first as ParsedInstruction, come);
  const stages = previous.stages.slice();
  const own = replacedIn(stage.instructions, first as ParsedInstruction, come);
  stages[stage.index] = stageOf(stage.index, stage.from, own);
  const { globalArgs, misplaced, known } = previous;
  const all = [...gone, ...come];
  const comments = all.every(({ source }) => source.comments.length === 0) ? known.comments : undefined;
  const problems = all.every(({ source }) => source.problems.length === 0) ? known.problems : undefined;
  return { instructions, stages, globalArgs, misplaced, comments, problems };
}

function isSameKind(gone: Piece | undefined, come: Piece): boolean {
  if (!(gone instanceof ParsedInstruction) || !(come instanceof ParsedInstruction)) return false;
  return gone.line === come.line && gone.keyword === come.keyword && come.keyword !== "FROM";
}

/** The last stage that begins above a line. */
function stageAround(stages: readonly Stage[], line: number): Stage | undefined {
  let [low, high] = [0, stages.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stages[middle]?.from.range.start.line ?? 0) < line) low = middle + 1;
    else high = middle;
  }
  return stages[low - 1];
}

/** `come` in the place of as many from `first` on. */
function replacedIn(all: readonly Instruction[], first: Instruction, come: readonly Piece[]): readonly Instruction[] {
  const copy = all.slice();
  const start = all.indexOf(first);
  come.forEach((one, at) => {
    copy[start + at] = one as ParsedInstruction;
  });
  return copy;
}

/** How many pieces lie before the edit with all that they depend on, and below the directives. */
function keptBefore(pieces: readonly Piece[], lines: LineIndex, prefix: number, zoneEnd: number): number {
  let kept = 0;
  for (const piece of pieces) {
    const end = lines.startOf(piece.nextLine);
    // The line end belongs to it: without one, the edit goes on in its last line.
    const hasEnd = end <= prefix && lines.text.charCodeAt(end - 1) === 10;
    if (piece.source.open || !hasEnd || piece.line < zoneEnd) break;
    kept++;
  }
  return kept;
}

/** Contents that stood where something was changed: an undo, or lines that were moved, find them again. */
class RecentContents {
  private readonly contents = new Map<string, Content>();

  get(text: string): Content | undefined {
    return this.contents.get(text);
  }

  add(content: Content): void {
    if (content.open) return;
    this.contents.delete(content.text);
    this.contents.set(content.text, content);
  }

  /** Keeps the newest. */
  forget(): void {
    let tooMany = this.contents.size - rememberedContents;
    for (const text of this.contents.keys()) {
      if (tooMany-- <= 0) return;
      this.contents.delete(text);
    }
  }
}

const rememberedContents = 100;

class ParsedDockerfile implements Dockerfile {
  readonly text: string;
  readonly lines: LineIndex;
  readonly escape: Dockerfile["escape"];
  readonly directives: Dockerfile["directives"];
  readonly instructions: readonly Instruction[];
  readonly stages: readonly Stage[];
  readonly globalArgs: readonly Instruction[];
  readonly zone: DirectiveZone;
  /** Instructions and comments in file order. */
  readonly pieces: readonly Piece[];
  readonly recent: RecentContents;
  readonly misplaced: readonly Problem[];
  private allComments: readonly Comment[] | undefined;
  /** Of the version before: the same list goes on while it is the same. */
  private readonly commentsBefore: readonly Comment[];
  private allProblems: readonly Problem[] | undefined;

  constructor(
    lines: LineIndex,
    zone: DirectiveZone,
    pieces: readonly Piece[],
    recent: RecentContents,
    previous?: ParsedDockerfile,
    parts?: Parts,
  ) {
    this.text = lines.text;
    this.lines = lines;
    this.escape = zone.escape;
    this.directives = zone.directives;
    this.zone = zone;
    this.pieces = pieces;
    this.recent = recent;
    this.commentsBefore = previous?.allComments ?? previous?.commentsBefore ?? [];
    if (parts) {
      this.instructions = parts.instructions;
      this.globalArgs = parts.globalArgs;
      this.stages = parts.stages;
      this.misplaced = parts.misplaced;
      this.allComments = parts.comments;
      this.allProblems =
        zone.problems.length === 0 && previous?.zone.problems.length === 0 ? parts.problems : undefined;
      return;
    }
    const instructions: Instruction[] = [];
    for (const piece of pieces) if (piece instanceof ParsedInstruction) instructions.push(piece);
    this.instructions = instructions;
    const firstFrom = instructions.findIndex(({ keyword }) => keyword === "FROM");
    const top = firstFrom < 0 ? instructions : instructions.slice(0, firstFrom);
    this.globalArgs = top.filter(({ keyword }) => keyword === "ARG");
    this.stages = firstFrom < 0 ? [] : stagesOf(instructions, firstFrom, previous?.stages ?? []);
    this.misplaced = [...top.flatMap(beforeFrom), ...this.nothingToBuild()];
  }

  /** What somebody has asked for. */
  get known(): {
    readonly comments: readonly Comment[] | undefined;
    readonly problems: readonly Problem[] | undefined;
  } {
    return { comments: this.allComments, problems: this.allProblems };
  }

  get comments(): readonly Comment[] {
    if (this.allComments === undefined) {
      const comments: Comment[] = [];
      for (const piece of this.pieces) {
        if (piece.source.comments.length > 0) for (const comment of piece.comments) comments.push(comment);
      }
      this.allComments = isSame(this.commentsBefore, comments) ? this.commentsBefore : comments;
    }
    return this.allComments;
  }

  get problems(): readonly Problem[] {
    if (this.allProblems === undefined) {
      const problems = [...this.zone.problems];
      for (const piece of this.pieces) for (const found of piece.problems) problems.push(found);
      for (const found of this.misplaced) problems.push(found);
      this.allProblems = withoutStageNames(problems, this.stages).sort(byPlace);
    }
    return this.allProblems;
  }

  private nothingToBuild(): Problem[] {
    if (this.stages.length > 0) return [];
    const top = { start: { line: 0, character: 0 }, end: { line: 0, character: this.lines.endOf(0) } };
    const last = this.instructions.at(-1);
    return [last === undefined ? problem.emptyFile(top) : problem.noStage(last.range)];
  }
}

function beforeFrom({ keyword, keywordWord }: Instruction): Problem[] {
  const isKnown = keyword !== "ARG" && Object.hasOwn(instructionForms, keyword);
  return isKnown ? [problem.beforeFrom(keywordWord.range, keyword)] : [];
}

function stagesOf(instructions: readonly Instruction[], first: number, previous: readonly Stage[]): Stage[] {
  const stages: Stage[] = [];
  for (let start = first; start < instructions.length; ) {
    let end = start + 1;
    while (end < instructions.length && instructions[end]?.keyword !== "FROM") end++;
    const from = instructions[start];
    if (from === undefined) break;
    const own = instructions.slice(start + 1, end);
    const known = previous[stages.length];
    stages.push(known?.from === from && isSame(known.instructions, own) ? known : stageOf(stages.length, from, own));
    start = end;
  }
  return stages;
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, at) => one === b[at]);
}

function stageOf(index: number, from: Instruction, instructions: readonly Instruction[]): Stage {
  const [, as, name] = from.words;
  const end = (instructions.at(-1) ?? from).range.end;
  const stage = { index, from, instructions, range: { start: from.range.start, end } };
  return name !== undefined && /^as$/i.test(as?.text ?? "") ? { ...stage, name } : stage;
}
