import * as vscode from "vscode";
import { msg } from "../engine/base/message.ts";
import type { Services } from "./services.ts";
import { t } from "./ui/text.ts";

/** The start of the links that diagnostics have; the language server is told of it. */
export const rulePages = "drydock-rule:/";

/**
 * `drydock-rule:/run/shell-form-cmd.md` is a page that the language server writes, so that it is there without a network
 * and in the user's language. package.json has VS Code show such pages as a preview.
 */
export function registerRuleDocs(
  context: vscode.ExtensionContext,
  { language }: { readonly language: Pick<Services["language"], "client"> },
): void {
  const provider: vscode.TextDocumentContentProvider = {
    async provideTextDocumentContent({ path }) {
      const client = await language.client;
      const page = await client?.sendRequest<string | null>("drydock/rulePage", {
        code: path.replace(/^\/|\.md$/g, ""),
      });
      return page ?? t(msg("Open a Dockerfile to read this page."));
    },
  };
  const scheme = rulePages.slice(0, rulePages.indexOf(":"));
  context.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(scheme, provider));
}
