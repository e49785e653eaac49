import * as vscode from "vscode";
import { formatMessage, type Message } from "../../engine/base/message.ts";

/** A message in the display language. */
export function t(message: Message): string {
  return formatMessage(message, (template) => vscode.l10n.t(template));
}
