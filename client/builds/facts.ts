import * as vscode from "vscode";
import type { BuildFacts } from "../../engine/base/build-facts.ts";
import type { Services } from "../services.ts";
import { guessContext } from "./context.ts";
import { type BuildSettings, readSettings } from "./settings.ts";

/** What the Dockerfile says of its builds, as it stands in the editor. Empty when the language server does not answer. */
export async function factsOf(
  { language, log }: Pick<Services, "language" | "log">,
  file: vscode.Uri,
): Promise<BuildFacts> {
  try {
    const text = (await vscode.workspace.openTextDocument(file)).getText();
    return await (await language.ready()).sendRequest<BuildFacts>("drydock/buildFacts", { text });
  } catch (error) {
    log.warn(`build facts: ${error}`);
    return { stages: [], args: [], sources: [], ports: [], secrets: [] };
  }
}

/** The folder that a build of the file reads: what was chosen for it, else the one that fits. */
export async function contextOf(
  services: Pick<Services, "language" | "log" | "storage">,
  file: vscode.Uri,
  settings?: BuildSettings,
): Promise<string> {
  const chosen = (settings ?? readSettings(services.storage, file.toString())).context;
  if (chosen !== undefined) return chosen;
  const root = vscode.workspace.getWorkspaceFolder(file)?.uri.fsPath;
  return guessContext(file.fsPath, root, (await factsOf(services, file)).sources);
}
