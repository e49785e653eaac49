import type { Node } from "../views/node.ts";

/** The rows that a command of a menu is meant for: all that are chosen if the clicked one is among them, and those below a group. */
export function rowsOf<T extends Node>(target: T | undefined, all: readonly T[] | undefined): readonly T[] {
  if (!target) return [];
  const chosen = all?.some(({ id }) => id === target.id) ? all : [target];
  const flat = chosen.flatMap((node) =>
    node.kind.startsWith("group.") ? ((node.children ?? []) as readonly T[]) : [node],
  );
  return [...new Map(flat.map((node) => [node.id, node])).values()];
}

/** Does it for each, goes on after a failure, and throws the first one at the end. */
export async function forEach<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const results = await Promise.allSettled(items.map((item) => work(item)));
  const failed = results.find((result): result is PromiseRejectedResult => result.status === "rejected");
  if (failed) throw failed.reason;
}
