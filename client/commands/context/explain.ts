import * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";

interface Explanation {
  readonly text: string;
  readonly uri?: string;
  readonly line?: number;
}

/** Says why a file is, or is not, in the build context, and leads to the line that decides. */
export async function explainContext(services: Services, target?: vscode.Uri): Promise<void> {
  const file = target instanceof vscode.Uri ? target : vscode.window.activeTextEditor?.document.uri;
  if (file?.scheme !== "file") {
    services.ui.info(msg("Choose a file of this workspace in the Explorer, or open it."));
    return;
  }
  const client = await services.language.ready();
  const found = await client.sendRequest<readonly Explanation[]>("drydock/explainContext", { uri: file.toString() });
  const [only] = found;
  if (found.length === 1 && only) {
    const show = { label: msg("Show Line"), run: () => open(only) };
    services.ui.info(msg("{text}", { text: only.text }), ...(only.line === undefined ? [] : [show]));
    return;
  }
  const rows = found.map((one) => ({ label: one.text, value: one }));
  const chosen = await services.ui.pick(rows, msg("One answer for each ignore file"));
  if (chosen) await open(chosen);
}

async function open({ uri, line = 0 }: Explanation): Promise<void> {
  if (uri === undefined) return;
  await vscode.window.showTextDocument(vscode.Uri.parse(uri), { selection: new vscode.Range(line, 0, line, 0) });
}
