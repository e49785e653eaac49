import type { TextEdit, WorkspaceEdit } from "vscode-languageserver";
import { type Message, msg } from "../../engine/base/message.ts";
import type { Position, Range } from "../../engine/base/ranges.ts";
import type { Analysis } from "../analysis.ts";
import { heredocAt } from "../symbols/heredoc-names.ts";
import type { Occurrence } from "../symbols/model.ts";
import { isPredefined } from "../symbols/predefined.ts";
import { refusedHeredoc, refusedStage, refusedVariable } from "./rename-checks.ts";

export interface Refused {
  readonly refused: Message;
}

/** What would be renamed; why it cannot be; or nothing, where nothing has a name of its own. */
export function prepareRename(analysis: Analysis, position: Position): Range | Refused | undefined {
  const one = analysis.symbols.at(position);
  if (!one) {
    const heredoc = heredocAt(analysis, position);
    return [heredoc?.opened, heredoc?.closed].find((range) => range && isAt(range, position));
  }
  const refused = cannotBegin(analysis, one);
  return refused ? { refused } : one.range;
}

/** The edits, or why the new name cannot be. */
export function rename(analysis: Analysis, position: Position, newName: string): WorkspaceEdit | Refused {
  const { symbols, uri } = analysis;
  const to = (ranges: readonly Range[]): WorkspaceEdit => ({
    changes: { [uri]: ranges.map((range): TextEdit => ({ range, newText: newName })) },
  });
  const one = symbols.at(position);
  if (!one) {
    const heredoc = heredocAt(analysis, position);
    if (!heredoc) return { refused: msg("Only a stage's name, a variable and a heredoc's name can be renamed") };
    const refused = refusedHeredoc(heredoc, newName);
    return refused ? { refused } : to([heredoc.opened, heredoc.closed]);
  }
  const check = one.kind === "stage" ? refusedStage : refusedVariable;
  const refused = cannotBegin(analysis, one) ?? (newName === one.name ? undefined : check(analysis, one, newName));
  if (refused) return { refused };
  return to(symbols.same(one).flatMap(({ range, isNamed }) => (isNamed ? [range] : [])));
}

/** Whatever the new name is. */
function cannotBegin({ symbols }: Analysis, one: Occurrence): Message | undefined {
  if (!one.isNamed) return msg("A stage's number is no name: it counts the stages from 0");
  if (one.kind === "variable") {
    if (isPredefined(one.name)) return msg("{name} has a meaning of its own and keeps its name", { name: one.name });
    return symbols.definitionOf(one) ? undefined : msg("{name} is not declared in this file", { name: one.name });
  }
  const computed = symbols.links.find(
    ({ target, isComputed }) => isComputed && target && `stage ${target.index}` === one.entity,
  );
  if (!computed) return undefined;
  const line = `${computed.range.start.line + 1}`;
  return msg("FROM in line {line} finds this stage through a variable: write its name there first", { line });
}

function isAt({ start, end }: Range, { line, character }: Position): boolean {
  return line === start.line && character >= start.character && character <= end.character;
}
