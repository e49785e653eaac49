import * as vscode from "vscode";
import { type LayerLine, lineNow } from "./lines.ts";

/** The file may have changed since the build: the instruction is looked for. */
export async function showLine(
  from: LayerLine,
  options: Pick<vscode.TextDocumentShowOptions, "viewColumn" | "preserveFocus"> = {},
): Promise<void> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(from.file));
  const line = lineNow(document.getText(), from);
  await vscode.window.showTextDocument(document, { ...options, selection: new vscode.Range(line, 0, line, 0) });
}
