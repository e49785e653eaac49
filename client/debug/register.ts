import path from "node:path";
import * as vscode from "vscode";
import { backendOf } from "../files/backend.ts";
import { fileNodes } from "../files/nodes.ts";
import type { Place } from "../files/place.ts";
import type { Services } from "../services.ts";
import { errorText } from "../ui/ui.ts";
import { registerTree } from "../views/tree.ts";
import type { DebugState } from "./adapter.ts";
import { debugType } from "./configuration.ts";

/** The debug type `drydock`. The debugger itself is loaded with the first session. */
export function registerDebug(context: vscode.ExtensionContext, services: Services): void {
  const provider: vscode.DebugConfigurationProvider = {
    provideDebugConfigurations: () => [
      { type: debugType, request: "launch", name: "Debug Build", dockerfile: `\${workspaceFolder}/Dockerfile` },
    ],
    resolveDebugConfiguration: (folder, configuration) => completed(folder, configuration),
  };
  const dynamic: vscode.DebugConfigurationProvider = {
    provideDebugConfigurations: async () =>
      (await vscode.workspace.findFiles("**/{[Dd]ockerfile,Containerfile}", "**/node_modules/**", 20)).map((uri) => ({
        type: debugType,
        request: "launch",
        name: vscode.workspace.asRelativePath(uri),
        dockerfile: uri.fsPath,
      })),
  };
  context.subscriptions.push(
    vscode.debug.registerDebugConfigurationProvider(debugType, provider),
    vscode.debug.registerDebugConfigurationProvider(
      debugType,
      dynamic,
      vscode.DebugConfigurationProviderTriggerKind.Dynamic,
    ),
    vscode.debug.registerDebugAdapterDescriptorFactory(debugType, {
      async createDebugAdapterDescriptor(session) {
        const { openAdapter } = await import("./start.ts");
        return new vscode.DebugAdapterInlineImplementation(openAdapter(services, session, errorText));
      },
    }),
    filesView(services),
  );
}

/** F5 without a launch.json, and configurations that leave out what is clear. */
function completed(
  folder: vscode.WorkspaceFolder | undefined,
  configuration: vscode.DebugConfiguration,
): vscode.DebugConfiguration {
  const shown = vscode.window.activeTextEditor?.document;
  const open = shown?.languageId === "dockerfile" ? shown.uri.fsPath : undefined;
  const dockerfile = configuration.dockerfile ?? open ?? path.join(folder?.uri.fsPath ?? "", "Dockerfile");
  if (configuration.type) return { ...configuration, dockerfile };
  return { type: debugType, request: "launch", name: path.basename(dockerfile), dockerfile };
}

/** Below the debugger's own views: the file system before the next step. */
function filesView(services: Services): vscode.Disposable {
  const list = async (place: Place) => backendOf(await services.engines.connection()).list(place);
  const tree = registerTree(services, {
    id: "drydock.debug.files",
    canSelectMany: false,
    concerns: () => false,
    async load() {
      const session = vscode.debug.activeDebugSession;
      if (session?.type !== debugType) return [];
      // Before FROM, or while it runs, there is none.
      const state: DebugState | undefined = await Promise.resolve(session.customRequest("drydock/state")).catch(
        () => undefined,
      );
      if (!state) return [];
      const root: Place = { kind: "image", id: state.image, path: "/" };
      return fileNodes(root, await list(root), list);
    },
  });
  const look = () => {
    tree.refresh();
    // What was built is reused from now on, and leaves no record that would tell.
    services.language.client?.then((client) => client.sendNotification("drydock/forecastAgain")).catch(() => {});
  };
  return vscode.Disposable.from(
    tree,
    vscode.debug.registerDebugAdapterTrackerFactory(debugType, {
      createDebugAdapterTracker: () => ({
        onDidSendMessage({ type, event }) {
          if (type === "event" && (event === "stopped" || event === "terminated")) look();
        },
      }),
    }),
    vscode.debug.onDidChangeActiveDebugSession(() => tree.refresh()),
  );
}
