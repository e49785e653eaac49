import * as vscode from "vscode";
import { msg } from "../engine/base/message.ts";
import { doubled, type Neighbour, silencing } from "./neighbours-facts.ts";
import type { Services } from "./services.ts";

const asked = "neighbours.asked";

/** Extensions that check Dockerfiles too, as far as we know them. */
const known = ["ms-azuretools.vscode-containers", "ms-azuretools.vscode-docker", "docker.docker"];

/**
 * Asks once, ever, whose checks shall be shown: when the first Dockerfile really has problems of both, not before. What is
 * chosen is written to settings of the person, where it can be seen and changed.
 */
export function registerNeighbours(context: vscode.ExtensionContext, services: Services): void {
  if (services.memory.get(asked) === true || !known.some((id) => vscode.extensions.getExtension(id))) return;
  const listener = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
    const theirs = uris
      .filter((uri) =>
        vscode.workspace.textDocuments.some(
          (one) => one.languageId === "dockerfile" && one.uri.toString() === uri.toString(),
        ),
      )
      .map((uri) => doubled(vscode.languages.getDiagnostics(uri).map(({ source }) => source)))
      .find((source) => source !== undefined);
    if (theirs === undefined) return;
    listener.dispose();
    ask(services, theirs).catch(services.ui.error);
  });
  context.subscriptions.push(listener);
}

async function ask({ memory, ui }: Services, source: string): Promise<void> {
  // Another window may have asked by now.
  if (memory.get(asked) === true) return;
  await memory.update(asked, true);
  const settings = vscode.workspace.getConfiguration();
  const person = vscode.ConfigurationTarget.Global;
  const neighbours = known.flatMap((id) => {
    const found = vscode.extensions.getExtension(id);
    return found ? [{ id, manifest: found.packageJSON as Neighbour }] : [];
  });
  const silent = silencing(neighbours.map(({ manifest }) => manifest));
  // Of the old and the new extension of one maker either has them for both.
  const loud = neighbours.find(({ id }) => id.startsWith("docker."));
  const ours = {
    label: msg("Only Drydock's"),
    async run() {
      for (const [key, value] of silent) await settings.update(key, value, person);
      if (loud && silencing([loud.manifest]).length === 0) {
        ui.info(
          msg("{name} has no setting that switches its checks off. Disable that extension where they disturb.", {
            name: loud.id,
          }),
        );
      }
    },
  };
  ui.info(
    msg("Another extension checks Dockerfiles too ({source}): many problems show twice.", { source }),
    ...(silent.length > 0 ? [ours] : []),
    { label: msg("Only Theirs"), run: () => settings.update("drydock.lint.enabled", false, person) },
    { label: msg("Keep Both"), run: () => {} },
  );
}
