import type { LazyStageView } from "./stage-view.ts";

/**
 * What a StageView shows beside the stage's instructions and those of the stages that it is built from, in a list that can be
 * compared. `parentDistance`: lines down from the stage that it is built from, whose places a report may name.
 */
export function surroundingsOf(
  { file, index, isLast, isBase, isSource, project, parent }: LazyStageView,
  globals: readonly unknown[],
  parentDistance: number,
): readonly unknown[] {
  return [globals, project, index, isLast, isBase, isSource, parent?.index, parentDistance, file.shellComments];
}

/** `now`, or `before` if that is the same: then it can be compared at a glance. */
export function kept(before: readonly unknown[] | undefined, now: readonly unknown[]): readonly unknown[] {
  const isSame = before?.length === now.length && before.every((part, at) => part === now[at]);
  return isSame ? before : now;
}
