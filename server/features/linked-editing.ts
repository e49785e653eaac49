import type { LinkedEditingRanges } from "vscode-languageserver";
import type { Position } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";

/** The places of a stage's name, which change together while it is typed. They have to be written alike. */
export function linkedEditing(analysis: Analysis, position: Position): LinkedEditingRanges | undefined {
  const { symbols } = analysis;
  const one = symbols.at(position);
  if (one?.kind !== "stage" || !one.isNamed) return undefined;
  const ranges = symbols.same(one).flatMap(({ range, isNamed }) => (isNamed ? [range] : []));
  const texts = new Set(ranges.map((range) => analysis.textOf(range)));
  const isOneLine = ranges.every(({ start, end }) => start.line === end.line);
  if (ranges.length < 2 || texts.size > 1 || !isOneLine) return undefined;
  return { ranges, wordPattern: "[A-Za-z][A-Za-z0-9_.-]*" };
}
