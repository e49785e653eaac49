import * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import { demultiplex } from "../../engines/stdio.ts";
import type { Services } from "../../services.ts";
import { t } from "../../ui/text.ts";
import type { ContainerNode } from "../../views/containers.ts";
import { pickContainer } from "../pick.ts";
import { linesWith, logQuery, plainText } from "./log-options.ts";
import { readLogOptions } from "./logs.ts";

const scheme = "drydock-log";

/** What was read of a log, and what is looked for in it, by the address of the document. */
interface Shown {
  text: string;
  filter: string;
}

const shown = new Map<string, Shown>();
const changed = new vscode.EventEmitter<vscode.Uri>();

/** `drydock-log:/<name>.log?<id>`: a log as a document that nobody can write to. */
export function registerLogDocuments(context: vscode.ExtensionContext, services: Services): void {
  context.subscriptions.push(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: changed.event,
      async provideTextDocumentContent(uri) {
        const known = shown.get(uri.toString()) ?? { text: await read(services, uri.query), filter: "" };
        shown.set(uri.toString(), known);
        return linesWith(known.text, known.filter);
      },
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => void shown.delete(uri.toString())),
  );
}

export async function openLogDocument(services: Services, target?: ContainerNode): Promise<void> {
  const node = await pickContainer(services, target, "any", msg("Whose logs?"));
  if (!node) return;
  const uri = vscode.Uri.from({ scheme, path: `/${node.name}.log`, query: node.containerId });
  shown.delete(uri.toString());
  changed.fire(uri);
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(await vscode.languages.setTextDocumentLanguage(document, "log"));
}

/** The document follows while the person types. */
export async function filterLog(_services: Services): Promise<void> {
  const uri = vscode.window.activeTextEditor?.document.uri;
  const log = uri && shown.get(uri.toString());
  if (!uri || !log) return;
  const before = log.filter;
  const input = vscode.window.createInputBox();
  input.value = before;
  input.placeholder = t(msg("Words to look for; Esc takes it back"));
  let accepted = false;
  const apply = (filter: string) => {
    log.filter = filter;
    changed.fire(uri);
  };
  input.onDidChangeValue(apply);
  input.onDidAccept(() => {
    accepted = true;
    input.hide();
  });
  input.onDidHide(() => {
    if (!accepted) apply(before);
    input.dispose();
  });
  input.show();
}

/** Reads it again. */
export async function refreshLog(services: Services): Promise<void> {
  const uri = vscode.window.activeTextEditor?.document.uri;
  const log = uri && shown.get(uri.toString());
  if (!uri || !log) return;
  log.text = await read(services, uri.query);
  changed.fire(uri);
}

async function read(services: Services, id: string): Promise<string> {
  const { docker } = await services.engines.connection();
  const container = docker.getContainer(id);
  const { Config } = await container.inspect();
  const answer = await container.logs({ ...logQuery(readLogOptions(services), Date.now()), follow: false });
  const pieces: Buffer[] = [];
  for await (const { data } of demultiplex([answer], Config.Tty)) pieces.push(data);
  return plainText(Buffer.concat(pieces).toString());
}
