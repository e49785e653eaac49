import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { LensRefresh } from "./lens-refresh.ts";
import { rulePages } from "./rule-docs.ts";
import { turnOffCommand } from "./rule-off.ts";

/** The language server's client. Starts with the first Dockerfile, or file that leads to one, that is open. */
export interface Language extends vscode.Disposable {
  /** The running client, or undefined before the first Dockerfile. */
  readonly client: Promise<LanguageClient> | undefined;
  /** The running client; starts it for a command that needs it. */
  ready(): Promise<LanguageClient>;
}

/** What the server answers about. Of files that others own too, it says only what concerns Dockerfiles. */
export const languageDocuments = [
  { language: "dockerfile" },
  { language: "dockerignore" },
  { language: "dockercompose" },
  { pattern: "**/{docker-compose,compose}{,.*,-*}.{yml,yaml}" },
  { pattern: "**/docker-bake{,.*}.{hcl,json}" },
];

/** `answer` registers what answers the server's questions; the server asks only after its start. */
export function createLanguage(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  answer: (client: LanguageClient) => void,
): Language {
  let client: Promise<LanguageClient> | undefined;
  const consider = (document: vscode.TextDocument) => {
    if (!client && vscode.languages.match(languageDocuments, document) > 0) ready();
  };
  const ready = () => {
    if (!client) {
      client = start(context, answer);
      client.catch((error) => log.error(`language server: ${error}`));
    }
    return client;
  };
  // After activation: reading the client's library takes longer than all the rest of it.
  const soon = setImmediate(() => vscode.workspace.textDocuments.forEach(consider));
  const opened = vscode.workspace.onDidOpenTextDocument(consider);

  return {
    get client() {
      return client;
    },
    ready,
    dispose() {
      clearImmediate(soon);
      opened.dispose();
      client?.then((running) => running.stop()).catch(() => {});
    },
  };
}

async function start(
  context: vscode.ExtensionContext,
  answer: (client: LanguageClient) => void,
): Promise<LanguageClient> {
  // Loaded here: the library takes longer to load than everything else at activation together.
  const { LanguageClient, TransportKind } = await import("vscode-languageclient/node");
  const module = vscode.Uri.joinPath(context.extensionUri, "dist", "server.js").fsPath;
  const lenses = new LensRefresh();
  const client = new LanguageClient(
    "drydock",
    "Drydock Language Server",
    // Not IPC: there Node writes the JSON of a message that the server has kept written.
    { module, transport: TransportKind.stdio },
    {
      documentSelector: languageDocuments,
      middleware: lenses.middleware,
      // Each time: a server that has crashed is started again.
      initializationOptions: () => ({
        translations: vscode.l10n.bundle ?? {},
        rulePages,
        images: true,
        largestCommand: "drydock.context.showLargest",
        stageCommands: {
          build: "drydock.stages.build",
          buildToHere: "drydock.stages.buildToHere",
          run: "drydock.stages.run",
          debug: "drydock.stages.debug",
        },
        forecastCommand: "drydock.forecast.show",
        turnOffCommand,
        suggestCommand: "editor.action.triggerSuggest",
        trusted: vscode.workspace.isTrusted,
      }),
    },
  );
  lenses.attach(client);
  context.subscriptions.push(
    lenses,
    client.onNotification("drydock/shellCheckMissing", ({ message }: { readonly message: string }) => {
      context.subscriptions.push(shellCheckStatus(message));
    }),
  );
  answer(client);
  // A setting can name the program: the server starts none before somebody trusts the folder.
  const trust = () => void client.sendNotification("drydock/trusted");
  context.subscriptions.push(vscode.workspace.onDidGrantWorkspaceTrust(trust));
  await client.start();
  return client;
}

/** Behind the braces in the status bar, where nobody is interrupted. */
function shellCheckStatus(message: string): vscode.Disposable {
  const status = vscode.languages.createLanguageStatusItem("drydock.shellcheck", { language: "dockerfile" });
  status.name = "Drydock";
  status.text = "ShellCheck";
  status.detail = message;
  return status;
}
