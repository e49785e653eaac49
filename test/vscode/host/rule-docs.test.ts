import assert from "node:assert/strict";
import * as vscode from "vscode";

/** Resolves when `find` has found something; asked again whenever tabs change. */
function tabWhere(find: (tab: vscode.Tab) => boolean): Promise<vscode.Tab> {
  return new Promise((resolve) => {
    const look = () => {
      const tab = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).find(find);
      if (!tab) return;
      listener.dispose();
      resolve(tab);
    };
    const listener = vscode.window.tabGroups.onDidChangeTabs(look);
    look();
  });
}

describe("the page of a rule", () => {
  const page = vscode.Uri.parse("drydock-rule:/run/shell-form-cmd.md");

  it("is written by the language server and shown as a preview", async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    assert.ok(folder);
    await vscode.window.showTextDocument(vscode.Uri.joinPath(folder, "Dockerfile"));
    const document = await vscode.workspace.openTextDocument(page);
    assert.match(document.getText(), /^# run\/shell-form-cmd\n/);
    await vscode.commands.executeCommand("vscode.open", page);
    await tabWhere(
      ({ input, isActive }) =>
        isActive && input instanceof vscode.TabInputCustom && input.uri.toString() === page.toString(),
    );
  });
});
