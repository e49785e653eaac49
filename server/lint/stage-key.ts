import type { Stage } from "../../engine/dockerfile/model.ts";
import type { LazyStageView } from "./stage-view.ts";

/**
 * Everything that a StageView shows, in a list that can be compared: while it is the same, so is what checks say of it.
 * `parentDistance`: lines down from the stage that it is built from, whose places a report may name.
 */
export function stageKey(
  { file, index, isLast, isBase, isSource, project }: LazyStageView,
  { body, globals, parent, parentDistance }: KeyParts,
): readonly unknown[] {
  return [body, globals, project, index, isLast, isBase, isSource, parent, parentDistance, file.shellComments];
}

export interface KeyParts {
  readonly body: readonly unknown[];
  readonly globals: readonly unknown[];
  readonly parent: readonly unknown[] | undefined;
  readonly parentDistance: number;
}

/** The stage's own instructions; lines count from its first. */
export function stageBody({ from, instructions }: Stage): readonly unknown[] {
  const { line } = from.range.start;
  const body: unknown[] = [from.content];
  for (const instruction of instructions) body.push(instruction.content, instruction.range.start.line - line);
  return body;
}

/** `now`, or `before` if that is the same: then it can be compared at a glance. */
export function kept(before: readonly unknown[] | undefined, now: readonly unknown[]): readonly unknown[] {
  const isSame = before?.length === now.length && before.every((part, at) => part === now[at]);
  return isSame ? before : now;
}
