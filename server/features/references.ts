import type { Location } from "vscode-languageserver";
import type { Position } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";

/** All places that name the stage or variable under the cursor. */
export function references({ uri, symbols }: Analysis, position: Position, withDefinition: boolean): Location[] {
  const one = symbols.at(position);
  if (!one) return [];
  return symbols
    .same(one)
    .filter(({ isDefinition }) => withDefinition || !isDefinition)
    .map(({ range }) => ({ uri, range }));
}
