import * as vscode from "vscode";
import { msg } from "../../engine/base/message.ts";
import type { Services } from "../services.ts";
import { t } from "../ui/text.ts";
import type { ContainerNode } from "../views/containers.ts";
import type { ImageNode } from "../views/images.ts";
import type { NetworkNode } from "../views/networks.ts";
import type { VolumeNode } from "../views/volumes.ts";
import { pickContainer, pickImage } from "./pick.ts";

const scheme = "drydock-inspect";

/** `drydock-inspect:/container/<name>.json?<id>`: what the engine says of something, as JSON, fresh each time it is opened. */
export function registerInspect(context: vscode.ExtensionContext, services: Services): void {
  context.subscriptions.push(
    vscode.workspace.registerTextDocumentContentProvider(scheme, {
      async provideTextDocumentContent({ path, query }) {
        const [, kind = ""] = path.split("/");
        const { docker } = await services.engines.connection();
        const ask = {
          container: () => docker.getContainer(query).inspect(),
          image: () => docker.getImage(query).inspect(),
          volume: () => docker.getVolume(query).inspect(),
          network: () => docker.getNetwork(query).inspect(),
        }[kind];
        if (!ask) return "";
        try {
          return `${JSON.stringify(await ask(), undefined, 2)}\n`;
        } catch (error) {
          services.ui.error(error);
          return "";
        }
      },
    }),
  );
}

export async function inspectContainer(services: Services, target?: ContainerNode): Promise<void> {
  const node = await pickContainer(services, target, "any", msg("Which container?"));
  if (node) await open("container", node.name, node.containerId);
}

export async function inspectImage(services: Services, target?: ImageNode): Promise<void> {
  const node = await pickImage(services, target, msg("Which image?"));
  if (node) await open("image", node.label, node.imageId);
}

export async function inspectVolume(_services: Services, target?: VolumeNode): Promise<void> {
  if (target) await open("volume", target.label, target.volume);
}

export async function inspectNetwork(_services: Services, target?: NetworkNode): Promise<void> {
  if (target) await open("network", target.label, target.networkId);
}

async function open(kind: string, name: string, id: string): Promise<void> {
  const path = `/${kind}/${name.replace(/[^\w.:-]+/g, "_") || t(msg("unnamed"))}.json`;
  const uri = vscode.Uri.from({ scheme, path, query: id });
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(await vscode.languages.setTextDocumentLanguage(document, "json"));
}
