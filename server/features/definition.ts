import type { Location } from "vscode-languageserver";
import type { Position } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { heredocAt } from "../symbols/heredoc-names.ts";

/** Where the stage, variable or heredoc under the cursor comes from; of a stage without a name, its FROM. */
export function definition(analysis: Analysis, position: Position): Location | undefined {
  const { uri, symbols, dockerfile } = analysis;
  const one = symbols.at(position);
  if (!one) {
    const range = heredocAt(analysis, position)?.opened;
    return range && { uri, range };
  }
  const found = symbols.definitionOf(one);
  if (found) return { uri, range: found.range };
  const stage = one.kind === "stage" ? dockerfile.stages[Number(one.name)] : undefined;
  return stage && { uri, range: stage.from.range };
}
