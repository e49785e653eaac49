import type { Dockerfile, Instruction, Stage } from "../../engine/dockerfile/model.ts";
import { isAlike, type Marks, noMarks } from "./marks.ts";

/** Marks of everything that differs between two versions; undefined: anything may differ. */
export type Changes = Marks | undefined;

/** Undefined for what was never looked at. */
type MarksOf = (instruction: Instruction, at: number) => Marks | undefined;

/** Of a stage's own instructions, wherever the stage stands. Places in it are as they were unless the answer is undefined. */
export function changesIn(before: Stage, now: Stage, marksOf: MarksOf): Changes {
  if (before === now) return noMarks;
  if (before.from.content !== now.from.content || before.instructions.length !== now.instructions.length)
    return undefined;
  const down = now.from.range.start.line - before.from.range.start.line;
  const marks = new Set<string>();
  for (let at = 0; at < now.instructions.length; at += 1) {
    const [old, one] = [before.instructions[at] as Instruction, now.instructions[at] as Instruction];
    if (old === one && down === 0) continue;
    if (one.range.start.line - old.range.start.line !== down) return undefined;
    if (old.content === one.content) continue;
    const [gone, come] = [marksOf(old, at), marksOf(one, at)];
    if (!gone || !come || !isAlike(old, one)) return undefined;
    for (const mark of gone) marks.add(mark);
    for (const mark of come) marks.add(mark);
  }
  return marks.size === 0 ? noMarks : marks;
}

/** `stages`: what differs in each of them and in its place, if they are as many as before. */
export function changesInFile(before: Dockerfile, now: Dockerfile, stages: readonly Changes[]): Changes {
  if (before.stages.length !== now.stages.length || !isSameTop(before, now)) return undefined;
  let changes: Changes = before.comments === now.comments ? noMarks : new Set("#");
  for (const own of stages) changes = together(changes, own);
  return changes;
}

export function together(a: Changes, b: Changes): Changes {
  if (!a || !b) return undefined;
  if (a.size === 0 || a === b) return b;
  return b.size === 0 ? a : new Set([...a, ...b]);
}

/** Directives and what stands above the first FROM. */
function isSameTop(before: Dockerfile, now: Dockerfile): boolean {
  const end = now.stages[0]?.from;
  if (before.directives.length !== now.directives.length) return false;
  const isRead = now.directives.every(({ name, value, range }, at) => {
    const old = before.directives[at];
    return old?.name === name && old.value === value && old.range.end.character === range.end.character;
  });
  if (!isRead || !end) return false;
  for (const [at, one] of now.instructions.entries()) {
    if (one === end) return true;
    if (one !== before.instructions[at]) return false;
  }
  return true;
}
