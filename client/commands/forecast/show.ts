import * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import { formatDuration } from "../../ui/format.ts";
import { t } from "../../ui/text.ts";
import { chooseDockerfile } from "../images/build.ts";

const marks = { hit: "$(check)", miss: "$(sync)", unknown: "$(question)" } as const;

/** Every step of the next build, with why; the chosen one is shown. */
export async function showForecast(services: Services): Promise<void> {
  const file = await chooseDockerfile(services, undefined);
  if (!file) return;
  const news = services.forecasts.of(file) ?? (await services.forecasts.ask(file));
  if (!news || news.problem !== undefined) {
    services.ui.info(msg("Nothing can be foretold: {reason}", { reason: news?.problem ?? "" }));
    return;
  }
  const picked = await vscode.window.showQuickPick(
    news.steps.map(({ line, outcome, instruction, reason, durationMs }) => ({
      label: `${marks[outcome]} ${instruction.split("\n")[0]}`,
      description: durationMs === undefined ? "" : formatDuration(durationMs),
      detail: outcome === "hit" ? t(msg("reused")) : reason,
      line,
    })),
    { title: news.words, placeHolder: t(msg("Choose a step to see it")), matchOnDetail: true },
  );
  if (!picked) return;
  const selection = new vscode.Range(picked.line, 0, picked.line, 0);
  await vscode.window.showTextDocument(file, { selection });
}
