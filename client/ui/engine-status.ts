import * as vscode from "vscode";
import { msg } from "../../engine/base/message.ts";
import { formatAddress } from "../engines/address.ts";
import type { Services } from "../services.ts";
import { engineName } from "./engine-name.ts";
import { t } from "./text.ts";

/** Which engine is used, in the status bar, from when one is used. A click changes it. */
export function registerEngineStatus(context: vscode.ExtensionContext, { engines }: Services): void {
  const item = vscode.window.createStatusBarItem("drydock.engine", vscode.StatusBarAlignment.Left, 10);
  item.name = t(msg("Drydock: engine"));
  item.command = "drydock.engines.use";
  const show = () => {
    const { used } = engines;
    if (!used) return item.hide();
    const name = engineName(used, t);
    item.text = `$(package) ${used.kind === "embedded" ? "Drydock" : name}`;
    const where = used.address ? `\n${formatAddress(used.address)}` : "";
    item.tooltip = `${t(msg("Images are built and containers run by {name}.", { name }))}${where}\n${t(msg("Click to use another engine."))}`;
    item.accessibilityInformation = { label: t(msg("Engine: {name}", { name })), role: "button" };
    item.show();
  };
  context.subscriptions.push(item, { dispose: engines.changed.on(show) });
  show();
}
