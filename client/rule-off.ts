import * as vscode from "vscode";

/** What the light bulb calls with a rule. In no palette: it needs the rule. */
export const turnOffCommand = "drydock.lint.turnOff";

type Rules = Readonly<Record<string, unknown>>;

/** Writes `"off"` for a rule: of the workspace when there is one, else of the person. Returns how to take it back. */
export async function turnRuleOff(rule: string): Promise<() => Thenable<void>> {
  const settings = vscode.workspace.getConfiguration("drydock");
  const inWorkspace = vscode.workspace.workspaceFolders !== undefined;
  const found = settings.inspect<Rules>("lint.rules");
  const before = inWorkspace ? found?.workspaceValue : found?.globalValue;
  const target = inWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await settings.update("lint.rules", { ...before, [rule]: "off" }, target);
  return () => vscode.workspace.getConfiguration("drydock").update("lint.rules", before, target);
}
