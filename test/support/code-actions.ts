import type { CodeAction } from "vscode-languageserver";
import type { TextEdit } from "../../server/lint/rule.ts";

/** The edits of an action in the document itself, whether they carry its version or not. */
export function editsOf(action: CodeAction | undefined): readonly TextEdit[] {
  const { changes = {}, documentChanges = [] } = action?.edit ?? {};
  const versioned = documentChanges.flatMap((change) =>
    "edits" in change && change.textDocument.version !== null ? change.edits : [],
  );
  return [...Object.values(changes).flat(), ...versioned].flatMap((edit) => ("newText" in edit ? [edit] : []));
}
