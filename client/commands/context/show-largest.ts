import * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import { formatBytes } from "../../ui/format.ts";
import { sentToBuild } from "./sent.ts";

interface Large {
  readonly path: string;
  readonly isFolder: boolean;
  readonly files: number;
  readonly bytes: number;
}

interface ContextSize {
  readonly files: number;
  readonly bytes: number;
  readonly largest: readonly Large[];
}

/** What makes a build context large; what one chooses is written into its ignore file. */
export async function showLargest(services: Services, target?: vscode.Uri | string): Promise<void> {
  const file = ignoreFileOf(target);
  if (file?.scheme !== "file") {
    services.ui.info(msg("Open a Dockerfile or a .dockerignore of this workspace first."));
    return;
  }
  const client = await services.language.ready();
  const size = await services.ui.withProgress(msg("Measuring the build context"), (_, signal) => {
    const stop = new vscode.CancellationTokenSource();
    signal.addEventListener("abort", () => stop.cancel());
    const asked = client.sendRequest<ContextSize | null>("drydock/contextSize", { uri: file.toString() }, stop.token);
    return asked.catch((error) => {
      if (signal.aborted) return null;
      throw error;
    });
  });
  if (!size) return;
  if (size.largest.length === 0) {
    services.ui.info(msg("The build context is empty: no file is sent to a build."));
    return;
  }
  const rows = size.largest.map(({ path, isFolder, bytes, files }) => ({
    label: isFolder ? `${path}/` : path,
    description: isFolder ? `${formatBytes(bytes)} · ${files}` : formatBytes(bytes),
    value: path,
  }));
  const chosen = await services.ui.pick(rows, sentToBuild(size));
  if (chosen !== undefined) await append(file, chosen.replace(/[*?[\]\\]/g, "\\$&"));
}

/** The given file, the one in the editor, the one of the Dockerfile in the editor, or the one of the workspace. */
function ignoreFileOf(target: vscode.Uri | string | undefined): vscode.Uri | undefined {
  if (typeof target === "string") return vscode.Uri.parse(target);
  const active = vscode.window.activeTextEditor?.document;
  const file = target instanceof vscode.Uri ? target : active?.uri;
  if (file && /\.?(?:docker|container)ignore$/.test(file.path)) return file;
  if (active?.languageId === "dockerfile") return vscode.Uri.joinPath(active.uri, "..", ".dockerignore");
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return folder && vscode.Uri.joinPath(folder, ".dockerignore");
}

/** At the end, where it has the last word; shown and not saved, so that it can be undone. */
async function append(file: vscode.Uri, pattern: string): Promise<void> {
  const create = new vscode.WorkspaceEdit();
  create.createFile(file, { ignoreIfExists: true });
  await vscode.workspace.applyEdit(create);
  const document = await vscode.workspace.openTextDocument(file);
  const end = document.lineAt(document.lineCount - 1).range.end;
  const edit = new vscode.WorkspaceEdit();
  edit.insert(file, end, `${end.character > 0 ? "\n" : ""}${pattern}\n`);
  await vscode.workspace.applyEdit(edit);
  await vscode.window.showTextDocument(document);
}
