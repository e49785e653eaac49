import * as vscode from "vscode";
import type { ForecastNews } from "../../engine/base/language-api.ts";
import { msg } from "../../engine/base/message.ts";
import type { Services } from "../services.ts";
import { formatDuration } from "../ui/format.ts";
import { t } from "../ui/text.ts";

/** The forecast beside the text: the time of the next build in the status bar, what will be done again on the ruler. */
export function registerForecast(context: vscode.ExtensionContext, { forecasts }: Services): void {
  const item = vscode.window.createStatusBarItem("drydock.forecast", vscode.StatusBarAlignment.Right, 90);
  item.name = t(msg("Drydock: next build"));
  item.command = "drydock.forecast.show";
  const missed = decoration("editorOverviewRuler.warningForeground");
  const unknown = decoration("editorOverviewRuler.infoForeground");

  const show = () => {
    const editor = vscode.window.activeTextEditor;
    const news = editor?.document.languageId === "dockerfile" ? forecasts.of(editor.document.uri) : undefined;
    if (!news || isOff() || news.steps.length === 0) return item.hide();
    const { hits, steps, expectedMs, unmeasured, words, isEstimate } = news;
    const total = steps.length;
    const time = expectedMs > 0 ? ` · ≈ ${formatDuration(expectedMs)}` : unmeasured > 0 ? " · ?" : "";
    item.text = `$(history) ${hits}/${total}${time}`;
    const reused = t(msg("The next build reuses {hits} of {total} steps.", { hits, total }));
    const lines = [
      reused,
      words,
      ...(isEstimate ? [t(msg("An estimate, from what this engine was seen to build."))] : []),
      ...adviceLines(news),
    ];
    item.tooltip = lines.join("\n");
    item.accessibilityInformation = { label: `${reused} ${words}`, role: "button" };
    item.show();
  };
  const mark = (uri: string) => {
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document.uri.toString() !== uri) continue;
      const news = isOff() ? undefined : forecasts.of(editor.document.uri);
      const linesOf = (outcome: string) =>
        (news?.steps ?? [])
          .filter((step) => step.outcome === outcome && step.line < editor.document.lineCount)
          .map(({ line }) => editor.document.lineAt(line).range);
      editor.setDecorations(missed, linesOf("miss"));
      editor.setDecorations(unknown, linesOf("unknown"));
    }
  };
  context.subscriptions.push(
    item,
    missed,
    unknown,
    vscode.window.onDidChangeActiveTextEditor(show),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (!change.affectsConfiguration("drydock.forecast.hints")) return;
      show();
      for (const { document } of vscode.window.visibleTextEditors) mark(document.uri.toString());
    }),
    {
      dispose: forecasts.changed.on((uri) => {
        show();
        mark(uri);
      }),
    },
  );
}

const mostAdvice = 3;

/** What would pay most, in order. */
function adviceLines({ advice }: ForecastNews): readonly string[] {
  const shown = advice.slice(0, mostAdvice);
  const rows = shown.map(
    ({ line, words }) => `• ${t(msg("Line {line}: {advice}", { line: line + 1, advice: words }))}`,
  );
  return rows.length === 0 ? [] : ["", `${t(msg("What would pay most"))}:`, ...rows];
}

function isOff(): boolean {
  return vscode.workspace.getConfiguration().get("drydock.forecast.hints") === "off";
}

/** On the ruler at the right only: the words are at the ends of lines. */
function decoration(color: string): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    overviewRulerColor: new vscode.ThemeColor(color),
    overviewRulerLane: vscode.OverviewRulerLane.Right,
  });
}
