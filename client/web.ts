import * as vscode from "vscode";
import { LanguageClient } from "vscode-languageclient/browser";
import { languageDocuments } from "./language.ts";
import { registerRuleDocs, rulePages } from "./rule-docs.ts";
import { turnOffCommand, turnRuleOff } from "./rule-off.ts";

/** What VS Code loads in a browser: the language alone. There is no engine, so nothing can be built or run. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const program = vscode.Uri.joinPath(context.extensionUri, "dist", "webserver.js");
  const worker = new Worker(program.toString(true));
  context.subscriptions.push(
    vscode.commands.registerCommand("drydock.lint.turnOff", (rule: unknown) =>
      typeof rule === "string" ? turnRuleOff(rule) : undefined,
    ),
  );
  const initializationOptions = {
    translations: vscode.l10n.bundle ?? {},
    program: program.toString(true),
    rulePages,
    turnOffCommand,
    suggestCommand: "editor.action.triggerSuggest",
  };
  const options = { documentSelector: languageDocuments, initializationOptions };
  const client = new LanguageClient("drydock", "Drydock Language Server", worker as never, options);
  const started = client.start().then(() => client);
  registerRuleDocs(context, { language: { client: started as never } });
  context.subscriptions.push(client);
  await started;
}

/** Of browsers; VS Code's own types know none. */
declare class Worker {
  constructor(url: string);
  postMessage(message: unknown): void;
}
