import { randomBytes } from "node:crypto";
import path from "node:path";
import * as vscode from "vscode";
import { msg } from "../../engine/base/message.ts";
import type { Services } from "../services.ts";
import { t } from "../ui/text.ts";
import { fileGone } from "./errors.ts";
import { replayPage } from "./replay-page.ts";
import { sayIn } from "./say.ts";

/** The history of a Dockerfile as a chart. `into`: a tab of an earlier window; the history is read again, since it may have grown. */
export async function openReplay(
  { forecasts, ui }: Services,
  file: vscode.Uri,
  commits: number,
  into?: vscode.WebviewPanel,
): Promise<void> {
  const name = path.basename(file.fsPath);
  const reading = msg("Reading the history");
  if (into) sayIn(into, `${t(reading)}…`);
  await vscode.workspace.fs.stat(file).then(undefined, () => {
    throw fileGone(name);
  });
  const replay = await ui.whileWaiting(reading, () => forecasts.replay(file, commits));
  const count = replay.commits.length;
  const title = t(
    count === 1
      ? msg("History of {name}: one commit", { name })
      : msg("History of {name}: {count} commits", { name, count }),
  );
  const panel = into ?? vscode.window.createWebviewPanel("drydock.replay", title, vscode.ViewColumn.Active);
  panel.title = title;
  // Its one script keeps what the page shows, for a later window.
  panel.webview.options = { enableScripts: true, localResourceRoots: [] };
  const nonce = randomBytes(16).toString("base64");
  panel.webview.html = replayPage(replay, title, t, nonce, { file: file.toString(), commits });
}
