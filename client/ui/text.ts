import * as vscode from "vscode";
import type { Message } from "../../engine/base/message.ts";

/** A message in the display language. */
export function t(message: Message): string {
  return vscode.l10n.t(message.template, message.args ?? {});
}
