/** A row of a view, plain data: made by the pure `nodes(data)` of each view. */
export interface Node {
  /** Unique in its view, and the same after a refresh. */
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  /** Plain text, or Markdown where it says so. */
  readonly tooltip?: string;
  readonly icon?: { readonly id: string; readonly color?: string };
  /** Read aloud instead of label and icon. */
  readonly accessibleLabel?: string;
  /** What menus test: `container.running`. */
  readonly kind: string;
  readonly children?: readonly Node[];
  /** Asked when the row is opened. */
  readonly loadChildren?: () => Promise<readonly Node[]>;
  /** Open from the beginning. */
  readonly expanded?: boolean;
  /** What a click does. */
  readonly command?: { readonly id: string; readonly arguments: readonly unknown[] };
  /** Takes the icon and colours of a file. */
  readonly resource?: string;
}

/** Rows that were there before and say something else now. */
export function saysOther<T extends Node>(before: readonly T[], now: readonly T[]): T[] {
  const said = new Map(before.map((node) => [node.id, node]));
  return now.filter((node) => {
    const old = said.get(node.id);
    return old && (old.description !== node.description || old.tooltip !== node.tooltip);
  });
}
