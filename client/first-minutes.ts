import * as vscode from "vscode";
import { openedSample } from "./commands/project/sample.ts";
import type { Services } from "./services.ts";

const walkthrough = "firstMinutes";

/** Ticks the steps of the walkthrough off as they happen, and shows a sample that was just opened. */
export function registerFirstMinutes(context: vscode.ExtensionContext, services: Services): void {
  const set = (key: string) => void vscode.commands.executeCommand("setContext", key, true);
  context.subscriptions.push(
    {
      dispose: services.builds.changed.on(({ state }) => {
        if (state === "done") set("drydock.hasBuilt");
      }),
    },
    {
      dispose: services.engines.events.on((event) => {
        if (event?.Type === "container" && event.Action === "start") set("drydock.hasRun");
      }),
    },
  );
  showSample(services).catch((error) => services.log.warn(String(error)));
}

export function openWalkthrough(extensionId: string, toSide = false): Thenable<unknown> {
  return vscode.commands.executeCommand("workbench.action.openWalkthrough", `${extensionId}#${walkthrough}`, toSide);
}

async function showSample({ memory, extension }: Services): Promise<void> {
  const opened = memory.get<string>(openedSample);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  if (opened === undefined || folder?.toString() !== opened) return;
  await memory.update(openedSample, undefined);
  await vscode.window.showTextDocument(vscode.Uri.joinPath(folder, "Dockerfile"), { preview: false });
  await openWalkthrough(extension.id, true);
}
