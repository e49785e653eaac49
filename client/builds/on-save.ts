import path from "node:path";
import * as vscode from "vscode";
import { rebuildAndRestart } from "../commands/containers/rebuild-and-restart.ts";
import type { Services } from "../services.ts";
import { buildOf } from "./build-of.ts";
import { contextOf } from "./facts.ts";

const setting = "drydock.rebuildOnSave";

/** Several files are often saved together. */
const settleMs = 300;

/** Where the setting is on: containers that run an image of the saved file's context are built and started anew. */
export function registerRebuildOnSave(context: vscode.ExtensionContext, services: Services): void {
  const saved = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();
  context.subscriptions.push(
    vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      if (uri.scheme !== "file" || !vscode.workspace.getConfiguration(undefined, uri).get(setting, false)) return;
      if (!services.engines.started || services.builds.list.length === 0) return;
      saved.add(uri.fsPath);
      clearTimeout(timer);
      timer = setTimeout(() => {
        const files = [...saved];
        saved.clear();
        working = working.then(() => rebuild(services, files)).catch(services.ui.error);
      }, settleMs);
    }),
    { dispose: () => clearTimeout(timer) },
  );
}

async function rebuild(services: Services, files: readonly string[]): Promise<void> {
  const { docker } = await services.engines.connection();
  for (const container of await docker.listContainers()) {
    const build = buildOf(services, container.ImageID, container.Image);
    if (!build) continue;
    const file = vscode.Uri.parse(build.file);
    const folder = `${await contextOf(services, file)}${path.sep}`;
    if (!files.some((one) => one === file.fsPath || one.startsWith(folder))) continue;
    const name = container.Names[0]?.replace(/^\//, "") ?? container.Id.slice(0, 12);
    await rebuildAndRestart(services, { containerId: container.Id, name, image: container.Image });
  }
}
