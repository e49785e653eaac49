import type * as vscode from "vscode";
import type { Services } from "../services.ts";
import { t } from "../ui/text.ts";
import { containerArrangement, containerNodes } from "./containers.ts";
import { imageArrangement, imageNodes } from "./images.ts";
import { registerTree } from "./tree.ts";

export function registerViews(context: vscode.ExtensionContext, services: Services): void {
  const surroundings = () => ({ nowMs: Date.now(), translate: t });
  context.subscriptions.push(
    registerTree(services, {
      id: "drydock.containers",
      arrangement: containerArrangement(t),
      concerns: ({ Type }) => Type === "container",
      async load() {
        const { docker } = await services.engines.connection();
        return containerNodes(await docker.listContainers({ all: true }), surroundings());
      },
    }),
    registerTree(services, {
      id: "drydock.images",
      arrangement: imageArrangement(t),
      concerns: ({ Type }) => Type === "image",
      async load() {
        const { docker } = await services.engines.connection();
        return imageNodes(await docker.listImages(), surroundings());
      },
    }),
  );
}
