import type { Location } from "vscode-languageserver";
import type { Position } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";

/** Where the stage or variable under the cursor comes from; for `--from=0` the stage's FROM. */
export function definition({ uri, symbols, dockerfile }: Analysis, position: Position): Location | undefined {
  const one = symbols.at(position);
  if (!one) return undefined;
  const found = symbols.definitionOf(one);
  if (found) return { uri, range: found.range };
  const stage = one.kind === "stage" ? dockerfile.stages[Number(one.name)] : undefined;
  return stage && { uri, range: stage.from.range };
}
