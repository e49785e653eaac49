import type { LazyStageView } from "./stage-view.ts";

/**
 * Everything that a StageView shows, in a list that can be compared: while it is the same, so is what checks say of it.
 * `parentDistance`: lines down from the stage that it is built from, whose places a report may name.
 */
export function stageKey(
  view: LazyStageView,
  parent: readonly unknown[] | undefined,
  parentDistance: number,
): readonly unknown[] {
  const { stage, file, index, isLast, isBase, isSource, project } = view;
  const { line } = stage.from.range.start;
  const key: unknown[] = [project, index, isLast, isBase, isSource, parent, parentDistance, file.shellComments];
  // Only the values of ARGs above all stages are seen from inside one; their places are not.
  for (const arg of file.dockerfile.globalArgs) key.push(arg.content);
  key.push(stage.from.content);
  for (const instruction of stage.instructions) {
    key.push(instruction.content, instruction.range.start.line - line);
  }
  return key;
}

export function sameKey(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((part, at) => part === b[at]);
}
