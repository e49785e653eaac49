import { randomBytes } from "node:crypto";
import type * as vscode from "vscode";
import { msg } from "../../engine/base/message.ts";
import { escapeHtml } from "../ui/html.ts";
import { t } from "../ui/text.ts";
import { commonStyle } from "./common-style.ts";

/** A sentence in the place of a page; what the page has kept stays. `again`: what Try Again does, where that makes sense. */
export function sayIn({ webview }: vscode.WebviewPanel, text: string, again?: () => void): void {
  const nonce = randomBytes(16).toString("base64url");
  webview.options = { enableScripts: again !== undefined, localResourceRoots: [] };
  const button = `<p><button id="again">${escapeHtml(t(msg("Try Again")))}</button></p><script nonce="${nonce}">
const api = acquireVsCodeApi();
document.getElementById("again").addEventListener("click", () => api.postMessage("again"));
</script>`;
  webview.html = `<!DOCTYPE html>
<html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}';">
<style nonce="${nonce}">${commonStyle}
main { padding: 1.5em; max-width: 46em; }</style></head>
<body><main role="status"><p>${escapeHtml(text)}</p>${again ? button : ""}</main></body></html>`;
  if (!again) return;
  const listener = webview.onDidReceiveMessage((message: unknown) => {
    if (message !== "again") return;
    listener.dispose();
    again();
  });
}
