import type { WorkspaceEdit } from "vscode-languageserver";
import { type Message, msg } from "../../engine/base/message.ts";
import type { Position, Range } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import type { Occurrence } from "../references.ts";

export function prepareRename(analysis: Analysis, position: Position): Range | undefined {
  return renamable(analysis, position)?.range;
}

/** The edits, or why the new name cannot be. */
export function rename(analysis: Analysis, position: Position, newName: string): WorkspaceEdit | { refused: Message } {
  const one = renamable(analysis, position);
  if (!one) return { refused: msg("Only a stage's name and a variable can be renamed") };
  const { symbols, dockerfile, uri } = analysis;
  if (one.kind === "variable" && !/^[A-Za-z_]\w*$/.test(newName)) {
    return { refused: msg("A variable's name has letters, digits and _, and starts with no digit") };
  }
  if (one.kind === "stage" && !/^[a-z][a-z0-9_.-]*$/i.test(newName)) {
    return { refused: msg("A stage's name starts with a letter and has letters, digits, -, _ and .") };
  }
  const same = symbols.same(one);
  const isTaken =
    one.kind === "stage" &&
    dockerfile.stages.some(
      ({ name }) =>
        name && name.text.toLowerCase() === newName.toLowerCase() && !same.some(({ range }) => range === name.range),
    );
  if (isTaken) return { refused: msg("There is already a stage {name}", { name: newName }) };
  const edits = same.filter(({ isNamed }) => isNamed).map(({ range }) => ({ range, newText: newName }));
  return { changes: { [uri]: edits } };
}

function renamable({ symbols }: Analysis, position: Position): Occurrence | undefined {
  const one = symbols.at(position);
  return one?.isNamed && symbols.definitionOf(one) ? one : undefined;
}
