import path from "node:path";
import * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import { t } from "../../ui/text.ts";

/** Where the folder is remembered that the next window opens with (first-minutes.ts). */
export const openedSample = "sample.opened";

const name = "first-dockerfile";

/** Copies the sample app into a folder that the person chooses, and opens it. */
export async function openSample({ distDir, memory }: Services): Promise<void> {
  const [parent] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      title: t(msg("Where shall the sample app be put?")),
      openLabel: t(msg("Put It Here")),
    })) ?? [];
  if (!parent) return;
  const taken = new Set((await vscode.workspace.fs.readDirectory(parent)).map(([one]) => one));
  const folder = vscode.Uri.joinPath(parent, freeName(taken));
  const source = vscode.Uri.file(path.join(path.dirname(distDir), "examples", name));
  await vscode.workspace.fs.copy(source, folder);
  await memory.update(openedSample, folder.toString());
  const forceNewWindow = (vscode.workspace.workspaceFolders ?? []).length > 0;
  await vscode.commands.executeCommand("vscode.openFolder", folder, { forceNewWindow });
}

/** `first-dockerfile`, then `first-dockerfile-2`: nothing that is there is written over. */
export function freeName(taken: ReadonlySet<string>): string {
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? name : `${name}-${count}`;
    if (!taken.has(candidate)) return candidate;
  }
}
