import * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import { formatAddress } from "../../engines/address.ts";
import type { EngineTarget } from "../../engines/targets.ts";
import type { Services } from "../../services.ts";
import { engineName } from "../../ui/engine-name.ts";
import { t } from "../../ui/text.ts";
import type { EngineNode } from "../../views/engines.ts";

interface Choice extends vscode.QuickPickItem {
  readonly id: string;
}

/** Chooses the engine of this window, from those that there are or by an address. It is used at once. */
export async function useEngine(services: Services, target?: Pick<EngineNode, "engineId">): Promise<void> {
  const id = target?.engineId ?? (await ask(services));
  if (id === undefined) return;
  await services.engines.choose(id);
}

async function ask({ engines, ui }: Services): Promise<string | undefined> {
  const picker = vscode.window.createQuickPick<Choice>();
  picker.title = t(msg("Use Engine"));
  picker.placeholder = t(msg("Where are images built and containers run?"));
  picker.matchOnDescription = true;
  const targets = engines.targets();
  const { choice } = engines;
  const answers = new Map<string, boolean>();
  const show = () => {
    const [active] = picker.activeItems;
    picker.items = [
      {
        id: "auto",
        label: `${choice === "auto" ? "$(check)" : "$(blank)"} ${t(msg("Automatic"))}`,
        detail: t(msg("Docker or Podman when it works, else the engine that comes with Drydock.")),
      },
      ...targets.map((target) => item(target, choice, answers.get(target.id))),
      { id: "address", label: `$(blank) ${t(msg("Another address…"))}` },
    ];
    const again = picker.items.find(({ id }) => id === active?.id);
    if (again) picker.activeItems = [again];
  };
  show();
  for (const target of targets) {
    void engines.answers(target).then((answer) => {
      answers.set(target.id, answer);
      show();
    });
  }
  const chosen = await new Promise<string | undefined>((resolve) => {
    picker.onDidAccept(() => resolve(picker.selectedItems[0]?.id));
    picker.onDidHide(() => resolve(undefined));
    picker.show();
  });
  picker.dispose();
  if (chosen !== "address") return chosen;
  const address = await ui.input({
    title: msg("Use Engine"),
    prompt: msg("Address of a Docker Engine API."),
    value: choice.includes("://") ? choice : "",
    placeholder: msg("unix:///var/run/docker.sock, tcp://host:2376 or ssh://user@host"),
    validate: (text) =>
      /^(unix|npipe|tcp|https?|ssh):\/\/[^\s]+$/.test(text.trim())
        ? undefined
        : msg("An address looks like unix:///var/run/docker.sock, tcp://host:2376 or ssh://user@host."),
  });
  return address?.trim() || undefined;
}

function item(target: EngineTarget, choice: string, answer: boolean | undefined): Choice {
  const state =
    answer === undefined
      ? ""
      : answer
        ? t(msg("running"))
        : target.kind === "embedded"
          ? t(msg("starts when it is needed"))
          : t(msg("does not answer"));
  return {
    id: target.id,
    label: `${target.id === choice ? "$(check)" : "$(blank)"} ${engineName(target, t)}`,
    description: state,
    ...(target.address ? { detail: formatAddress(target.address) } : {}),
  };
}
