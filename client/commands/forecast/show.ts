import * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import { formatDuration } from "../../ui/format.ts";
import { t } from "../../ui/text.ts";
import { chooseDockerfile } from "../images/build.ts";

const marks = { hit: "$(check)", miss: "$(sync)", unknown: "$(question)" } as const;

interface StepItem extends vscode.QuickPickItem {
  /** From 0. */
  readonly line: number;
}

/** Every step of the next build, with why, and what would pay most; the chosen one is shown. */
export async function showForecast(services: Services): Promise<void> {
  const file = await chooseDockerfile(services, undefined);
  if (!file) return;
  const news = services.forecasts.of(file) ?? (await services.forecasts.ask(file));
  if (!news || news.problem !== undefined) {
    services.ui.info(msg("Nothing can be foretold: {reason}", { reason: news?.problem ?? "" }));
    return;
  }
  const steps: StepItem[] = news.steps.map(({ line, outcome, instruction, reason, durationMs }) => ({
    label: `${marks[outcome]} ${instruction.split("\n")[0]}`,
    description: durationMs === undefined ? "" : formatDuration(durationMs),
    detail: outcome === "hit" ? t(msg("reused")) : reason,
    line,
  }));
  const advice: StepItem[] = news.advice.map(({ line, words }) => ({ label: `$(lightbulb) ${words}`, line }));
  const title: StepItem = { label: t(msg("What would pay most")), kind: vscode.QuickPickItemKind.Separator, line: 0 };
  const picked = await vscode.window.showQuickPick([...steps, ...(advice.length === 0 ? [] : [title, ...advice])], {
    title: news.words,
    placeHolder: t(msg("Choose a step to see it")),
    matchOnDetail: true,
  });
  if (!picked) return;
  const selection = new vscode.Range(picked.line, 0, picked.line, 0);
  await vscode.window.showTextDocument(file, { selection });
}
