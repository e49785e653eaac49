import * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import { type ReportFacts, reportText, type SetSetting } from "../../help/report.ts";
import type { Services } from "../../services.ts";
import { t } from "../../ui/text.ts";

/** Opens VS Code's form for issues, with what we would ask for; it is read, and sent, by the person alone. */
export async function reportIssue(services: Services): Promise<void> {
  const data = reportText(await factsOf(services));
  // Without an address to send it to, the form of VS Code ends in an error.
  if (!services.extension.packageJSON.bugs?.url) return writeReport(services, data);
  await vscode.commands.executeCommand("workbench.action.openIssueReporter", {
    extensionId: services.extension.id,
    data,
  });
}

/** The report as a document that the person completes and takes along. */
async function writeReport({ ui }: Services, data: string): Promise<void> {
  const parts = [
    [msg("What happened?"), ""],
    [msg("What did you expect?"), ""],
    [msg("How can it be seen again?"), ""],
    [msg("This machine"), data],
  ] as const;
  const content = parts.map(([title, text]) => `## ${t(title)}\n\n${text}\n`).join("\n");
  const document = await vscode.workspace.openTextDocument({ language: "markdown", content });
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(2, 0, 2, 0) });
  ui.info(msg("Fill in what happened, then copy the report. Nothing has been sent."), {
    label: msg("Copy Report"),
    run: () => vscode.env.clipboard.writeText(document.getText()),
  });
}

async function factsOf({ engines, extension, log }: Services): Promise<ReportFacts> {
  // Nothing is started for a report: an engine that does not start may be what it is about.
  const connection = engines.started ? await engines.running().catch(() => undefined) : undefined;
  const status = connection?.isEmbedded
    ? await connection.status().catch((error) => {
        log.warn(String(error));
        return undefined;
      })
    : undefined;
  return {
    version: String(extension.packageJSON.version),
    editor: `${vscode.env.appName} ${vscode.version}`,
    platform: `${process.platform} ${process.arch}`,
    remote: vscode.env.remoteName,
    engine: engines.used?.kind,
    status,
    settings: ownSettings(extension.packageJSON),
  };
}

interface Manifest {
  readonly contributes: {
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly enum?: readonly unknown[] }>> };
  };
}

/** What somebody has set. */
function ownSettings({ contributes }: Manifest): readonly SetSetting[] {
  const settings = vscode.workspace.getConfiguration();
  return Object.entries(contributes.configuration.properties).flatMap(([key, { enum: choices }]) => {
    const found = settings.inspect(key);
    const value = found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue;
    return value === undefined ? [] : [{ key, value, ...(choices && { choices }) }];
  });
}
