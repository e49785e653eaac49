import * as vscode from "vscode";
import type { Services } from "./services.ts";
import { stageLines } from "./ui/stage-lines.ts";

const setting = "drydock.stageSeparators.enabled";
/** Lines move with the text by themselves; only new stages wait. */
const waitMs = 400;

/** A thin line above each stage but the first, in the colour of the guides within the text. */
export function registerStageSeparators(
  context: vscode.ExtensionContext,
  { language, log }: Pick<Services, "language" | "log">,
): void {
  const line = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    borderStyle: "solid",
    borderWidth: "1px 0 0 0",
    borderColor: new vscode.ThemeColor("editorIndentGuide.activeBackground1"),
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
  let timer: NodeJS.Timeout | undefined;

  const draw = async () => {
    const isOn = vscode.workspace.getConfiguration().get(setting, true);
    for (const editor of vscode.window.visibleTextEditors) {
      const { document } = editor;
      if (document.languageId !== "dockerfile") continue;
      const { version } = document;
      const froms = isOn ? await stagesOf(document.uri) : [];
      // A newer version has a timer of its own.
      if (document.version !== version) continue;
      const lines = stageLines(froms, (at) => document.lineAt(at).text);
      editor.setDecorations(
        line,
        lines.map((at) => new vscode.Range(at, 0, at, 0)),
      );
    }
  };
  /** From the outline, which knows a FROM from a line of a heredoc. */
  const stagesOf = async (uri: vscode.Uri): Promise<number[]> => {
    await language.ready();
    const found = await vscode.commands.executeCommand<
      (vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined
    >("vscode.executeDocumentSymbolProvider", uri);
    const stages = (found ?? []).filter(({ kind }) => kind === vscode.SymbolKind.Module);
    return stages.flatMap((stage) => ("range" in stage ? [stage.range.start.line] : []));
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      draw().catch((error) => log.debug(`stage separators: ${error}`));
    }, waitMs);
  };

  context.subscriptions.push(
    line,
    { dispose: () => clearTimeout(timer) },
    vscode.window.onDidChangeVisibleTextEditors(soon),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document.languageId === "dockerfile") soon();
    }),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration(setting)) soon();
    }),
  );
  if (vscode.window.visibleTextEditors.some(({ document }) => document.languageId === "dockerfile")) soon();
}
