import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { escapeHtml } from "../ui/html.ts";

export interface PanelOptions {
  /** `drydock.runForm` */
  readonly id: string;
  readonly title: string;
  /** Our programs; only scripts from there run in a page. */
  readonly distDir: string;
  /** `run-form.js` of `distDir`, a bundle for browsers. */
  readonly script: string;
  /** CSS; colours are VS Code's variables, so that every theme fits. */
  readonly style: string;
  /** HTML of the body; what is not ours has gone through `escapeHtml`. */
  readonly body: string;
  readonly column?: vscode.ViewColumn;
  /** Keeps what was typed while another tab is looked at. */
  readonly retain?: boolean;
  /** A tab of an earlier window, to be filled again. */
  readonly into?: vscode.WebviewPanel | undefined;
  onMessage(message: unknown): void;
}

/** A page of ours in an editor tab: no network, one script, one style, both named by a nonce. */
export function openPanel(options: PanelOptions): vscode.WebviewPanel {
  const dist = vscode.Uri.file(options.distDir);
  const panel =
    options.into ??
    vscode.window.createWebviewPanel(options.id, options.title, options.column ?? vscode.ViewColumn.Active, {
      retainContextWhenHidden: options.retain ?? false,
    });
  panel.title = options.title;
  panel.webview.options = { enableScripts: true, localResourceRoots: [dist] };
  panel.webview.onDidReceiveMessage((message: unknown) => options.onMessage(message));
  const nonce = randomBytes(16).toString("base64url");
  const script = panel.webview.asWebviewUri(vscode.Uri.joinPath(dist, options.script));
  panel.webview.html = `<!DOCTYPE html>
<html lang="${escapeHtml(vscode.env.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}';">
<title>${escapeHtml(options.title)}</title>
<style nonce="${nonce}">${options.style}</style>
</head>
<body>${options.body}<script nonce="${nonce}" src="${script}"></script></body>
</html>`;
  return panel;
}
