import { type DocumentHighlight, DocumentHighlightKind } from "vscode-languageserver";
import type { Position } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";

/** Every place of the stage or variable under the cursor. */
export function highlights({ symbols }: Analysis, position: Position): DocumentHighlight[] {
  const one = symbols.at(position);
  if (!one) return [];
  return symbols.same(one).map(({ range, isDefinition }) => ({
    range,
    kind: isDefinition ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
  }));
}
