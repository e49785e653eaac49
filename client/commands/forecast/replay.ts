import type * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import { openReplay } from "../../webviews/replay.ts";
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
  await openReplay(services, file, commits);
}
