import { type DocumentHighlight, DocumentHighlightKind } from "vscode-languageserver";
import type { Position } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { heredocAt } from "../symbols/heredoc-names.ts";

/** Every place of the stage, variable or heredoc under the cursor. */
export function highlights(analysis: Analysis, position: Position): DocumentHighlight[] {
  const { symbols } = analysis;
  const one = symbols.at(position);
  if (one) {
    return symbols.same(one).map(({ range, isWrite }) => ({
      range,
      kind: isWrite ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
    }));
  }
  const heredoc = heredocAt(analysis, position);
  return heredoc ? [heredoc.opened, heredoc.closed].map((range) => ({ range, kind: DocumentHighlightKind.Text })) : [];
}
