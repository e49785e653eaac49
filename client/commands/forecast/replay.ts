import { randomBytes } from "node:crypto";
import path from "node:path";
import * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import { t } from "../../ui/text.ts";
import { replayPage } from "../../webviews/replay-page.ts";
import { chooseDockerfile } from "../images/build.ts";

const commitsKey = "replay.commits";
const usualCommits = 200;

/** How often the last commits would have done each step again, and the same for the proposed order, as a chart. */
export async function replayHistory(services: Services, target?: vscode.Uri): Promise<void> {
  const file = await chooseDockerfile(services, target);
  if (!file) return;
  const typed = await services.ui.input({
    title: msg("Replay Git History"),
    prompt: msg("How many of the last commits?"),
    value: String(services.storage.get<number>(commitsKey) ?? usualCommits),
    validate: (text) => (/^[1-9]\d{0,5}$/.test(text) ? undefined : msg("A number from 1 to 999999.")),
  });
  if (!typed) return;
  const commits = Number(typed);
  await services.storage.update(commitsKey, commits);
  const replay = await services.ui.whileWaiting(msg("Reading the history"), () =>
    services.forecasts.replay(file, commits),
  );
  const name = path.basename(file.fsPath);
  const title = t(msg("History of {name}: {count} commits", { name, count: replay.commits.length }));
  const panel = vscode.window.createWebviewPanel("drydock.replay", title, vscode.ViewColumn.Active, {
    enableScripts: false,
    localResourceRoots: [],
  });
  panel.webview.html = replayPage(replay, title, t, randomBytes(16).toString("base64"));
}
