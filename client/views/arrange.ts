import { type Message, msg } from "../../engine/base/message.ts";
import type { Node } from "./node.ts";

/** How the rows of a view may be put together; the first of each list is how it begins. */
export interface Arrangement<T extends Node> {
  readonly groups: readonly Grouping<T>[];
  readonly sorts: readonly Sorting<T>[];
}

export interface Grouping<T extends Node> {
  readonly id: string;
  readonly label: Message;
  /** Absent: no groups. A row of which it says undefined stands beside the groups. */
  readonly of?: (node: T) => Group | undefined;
}

export interface Group {
  readonly id: string;
  readonly label: string;
  readonly icon?: Node["icon"];
  /** What menus test of the group's row. */
  readonly kind: string;
}

export interface Sorting<T extends Node> {
  readonly id: string;
  readonly label: Message;
  compare(a: T, b: T): number;
}

/** What a person has chosen of them, and looks for. */
export interface ViewChoice {
  readonly group: string;
  readonly sort: string;
  readonly filter: string;
}

/** A row that stands for the rows below it. */
export interface GroupNode<T extends Node> extends Node {
  readonly children: readonly T[];
}

export interface Arranged<T extends Node> {
  readonly rows: readonly (T | GroupNode<T>)[];
  readonly shown: number;
  readonly all: number;
}

/** Rows with every word of the filter, sorted, in groups. */
export function arrange<T extends Node>(
  nodes: readonly T[],
  { groups, sorts }: Arrangement<T>,
  { group, sort, filter }: ViewChoice,
): Arranged<T> {
  const found = filterNodes(nodes, filter);
  const sorting = sorts.find(({ id }) => id === sort) ?? sorts[0];
  const sorted = sorting ? [...found].sort((a, b) => sorting.compare(a, b)) : found;
  const grouping = groups.find(({ id }) => id === group) ?? groups[0];
  const rows = grouping?.of ? inGroups(sorted, grouping.of) : sorted;
  return { rows, shown: found.length, all: nodes.length };
}

/** A row fits when each word is somewhere in what it says. */
export function filterNodes<T extends Node>(nodes: readonly T[], filter: string): readonly T[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return nodes;
  return nodes.filter((node) => {
    const text = [node.label, node.description, node.tooltip].join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function inGroups<T extends Node>(nodes: readonly T[], of: (node: T) => Group | undefined): (T | GroupNode<T>)[] {
  const groups = new Map<string, { readonly group: Group; readonly members: T[] }>();
  const alone: T[] = [];
  for (const node of nodes) {
    const group = of(node);
    if (!group) {
      alone.push(node);
      continue;
    }
    const known = groups.get(group.id) ?? { group, members: [] };
    groups.set(group.id, known);
    known.members.push(node);
  }
  const rows = [...groups.values()].map(
    ({ group: { id, label, icon, kind }, members }): GroupNode<T> => ({
      id: `group/${id}`,
      label,
      description: String(members.length),
      kind,
      expanded: true,
      children: members,
      ...(icon ? { icon } : {}),
    }),
  );
  return [...rows.sort((a, b) => a.label.localeCompare(b.label)), ...alone];
}

/** The line above the rows while a filter hides some. */
export function filterMessage({ shown, all }: Arranged<Node>, filter: string): Message | undefined {
  if (filter.trim() === "") return undefined;
  return msg('{shown} of {all} with "{filter}"', { shown, all, filter: filter.trim() });
}
