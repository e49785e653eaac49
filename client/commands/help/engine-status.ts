import * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import { formatAddress } from "../../engines/address.ts";
import type { Connection } from "../../engines/connection.ts";
import { type StatusRow, statusRows } from "../../help/status-rows.ts";
import type { Services } from "../../services.ts";
import { engineName } from "../../ui/engine-name.ts";
import { t } from "../../ui/text.ts";

interface Item extends vscode.QuickPickItem {
  readonly copies: string;
}

/** What the engine can do on this machine. Choosing a row copies it: of a note, the command that cures it. */
export async function showEngineStatus(services: Services): Promise<void> {
  const connection = await services.engines.connection();
  const rows = connection.isEmbedded ? statusRows(await connection.status()) : await foreignRows(connection);
  const picker = vscode.window.createQuickPick<Item>();
  const copy = { iconPath: new vscode.ThemeIcon("copy"), tooltip: t(msg("Copy")) };
  picker.title = t(msg("Engine: {name}", { name: engineName(connection.target, t) }));
  picker.placeholder = t(msg("Choose a line to copy it, a note to copy the command that cures it"));
  picker.matchOnDetail = true;
  picker.items = rows.map(({ kind, label, value, command }): Item => {
    const text = t(value);
    const shared = { copies: command ?? text, buttons: [copy] };
    return kind === "note"
      ? { ...shared, label: `$(warning) ${t(label)}`, detail: text }
      : { ...shared, label: t(label), description: text };
  });
  const take = async ({ copies }: Item) => {
    await vscode.env.clipboard.writeText(copies);
    services.ui.info(msg("Copied: {text}", { text: copies }));
    picker.hide();
  };
  picker.onDidTriggerItemButton(({ item }) => take(item));
  picker.onDidAccept(() => {
    const [item] = picker.selectedItems;
    if (item) void take(item);
  });
  picker.onDidHide(() => picker.dispose());
  picker.show();
}

async function foreignRows({ docker, target }: Connection): Promise<readonly StatusRow[]> {
  const { Version, ApiVersion, Os, Arch } = await docker.version();
  const fact = (label: StatusRow["label"], name: string): StatusRow => ({
    kind: "fact",
    label,
    value: msg("{text}", { text: name }),
  });
  return [
    fact(msg("Version"), Version),
    fact(msg("API"), ApiVersion),
    fact(msg("Platform"), `${Os}/${Arch}`),
    ...(target.address ? [fact(msg("Address"), formatAddress(target.address))] : []),
  ];
}
