import type { Location } from "vscode-languageserver";
import type { Position } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { heredocAt } from "../symbols/heredoc-names.ts";

/** All places that name the stage, variable or heredoc under the cursor. */
export function references(analysis: Analysis, position: Position, withDefinition: boolean): Location[] {
  const { uri, symbols } = analysis;
  const one = symbols.at(position);
  if (one) {
    const places = symbols.same(one).filter(({ isDefinition }) => withDefinition || !isDefinition);
    return places.map(({ range }) => ({ uri, range }));
  }
  const heredoc = heredocAt(analysis, position);
  if (!heredoc) return [];
  const places = withDefinition ? [heredoc.opened, heredoc.closed] : [heredoc.closed];
  return places.map((range) => ({ uri, range }));
}
