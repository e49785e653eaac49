import type * as vscode from "vscode";
import { msg } from "../../engine/base/message.ts";
import type { Services } from "../services.ts";
import { t } from "../ui/text.ts";
import { buildNodes } from "./builds.ts";
import { containerArrangement, containerNodes } from "./containers.ts";
import { imageArrangement, imageNodes } from "./images.ts";
import { registerTree } from "./tree.ts";

/** A row of a running build says how long it takes: it is drawn anew so often, while it can be seen. */
const clockMs = 1000;

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
    ...buildsView(services),
  );
}

function buildsView(services: Services): vscode.Disposable[] {
  const { builds } = services;
  const tree = registerTree(services, {
    id: "drydock.builds",
    concerns: () => false,
    load: async () => buildNodes(builds.list, { nowMs: Date.now(), translate: t }),
    badge: () => {
      const running = builds.list.filter(({ state }) => state === "running").length;
      if (running === 0) return undefined;
      return { value: running, tooltip: t(msg("{count} builds are running", { count: running })) };
    },
  });
  const clock = setInterval(() => {
    if (builds.list.some(({ state }) => state === "running")) tree.refresh();
  }, clockMs);
  return [tree, { dispose: builds.changed.on(() => tree.refresh()) }, { dispose: () => clearInterval(clock) }];
}
