import * as vscode from "vscode";
import { msg } from "../../engine/base/message.ts";
import { backendOf } from "../files/backend.ts";
import { fileNodes } from "../files/nodes.ts";
import type { Place } from "../files/place.ts";
import { linesOfLayers } from "../layers/lines.ts";
import { layerSource } from "../layers/source.ts";
import type { Services } from "../services.ts";
import { t } from "../ui/text.ts";
import { errorText } from "../ui/ui.ts";
import { buildNodes } from "./builds.ts";
import { containerChildren } from "./container-children.ts";
import { containerUsage } from "./container-usage.ts";
import { containerArrangement, containerNodes } from "./containers.ts";
import { fileDrops } from "./drops.ts";
import { engineNodes } from "./engines.ts";
import { imageArrangement, imageNodes } from "./images.ts";
import { imageChildren } from "./layers.ts";
import { networkArrangement, networkNodes } from "./networks.ts";
import { registryNodes } from "./registries.ts";
import { registerTree } from "./tree.ts";
import { volumeArrangement, volumeNodes } from "./volumes.ts";

/** A row of a running build says how long it takes: it is drawn anew so often, while it can be seen. */
const clockMs = 1000;

export function registerViews(context: vscode.ExtensionContext, services: Services): void {
  const surroundings = () => ({ nowMs: Date.now(), translate: t });
  const list = async (place: Place) => backendOf(await services.engines.connection()).list(place);
  const dragAndDrop = fileDrops(services);
  const { freshness } = services;
  const usage = containerUsage(services);
  const containers = registerTree(services, {
    id: "drydock.containers",
    showsAges: true,
    arrangement: containerArrangement(t),
    dragAndDrop,
    concerns: ({ Type, Action }) => Type === "container" || (Type === "image" && Action === "tag"),
    async load() {
      const { docker } = await services.engines.connection();
      const inspect = (id: string) => docker.getContainer(id).inspect();
      const [containers, images] = await Promise.all([docker.listContainers({ all: true }), docker.listImages()]);
      const imageIds = new Map(images.flatMap(({ Id, RepoTags }) => (RepoTags ?? []).map((name) => [name, Id])));
      const builtNames = new Map(
        services.builds.list.flatMap(({ imageId, tag }) => (imageId && tag ? [[imageId, tag] as const] : [])),
      );
      const around = { ...surroundings(), stale: freshness.marks(), imageIds, builtNames };
      const nodes = containerNodes(containers, around, async (container) =>
        containerChildren(container, { list, inspect, translate: t }),
      );
      return usage.decorate(nodes);
    },
  });
  usage.show(containers);
  const images = registerTree(services, {
    id: "drydock.images",
    showsAges: true,
    arrangement: imageArrangement(t),
    concerns: ({ Type }) => Type === "image",
    async load() {
      const { docker } = await services.engines.connection();
      const around = { ...surroundings(), stale: freshness.marks() };
      return imageNodes(await docker.listImages(), around, async (image) => {
        const connection = await services.engines.connection();
        const layers = await layerSource(connection).layers(image.imageId);
        const lines = linesOfLayers(services, image.imageId, layers);
        const files = connection.isEmbedded ? { list } : {};
        return imageChildren(image, layers, { ...surroundings(), lines, ...files });
      });
    },
  });
  const look = () => {
    containers.refresh();
    images.refresh();
  };
  context.subscriptions.push(
    usage,
    containers,
    images,
    { dispose: freshness.changed.on(look) },
    registerTree(services, {
      id: "drydock.volumes",
      showsAges: true,
      arrangement: volumeArrangement(t),
      dragAndDrop,
      concerns: ({ Type, Action }) => Type === "volume" || (Type === "container" && /^(create|destroy)$/.test(Action)),
      async load() {
        const { docker } = await services.engines.connection();
        const [{ Volumes }, containers] = await Promise.all([
          docker.listVolumes(),
          docker.listContainers({ all: true }),
        ]);
        return volumeNodes(Volumes ?? [], containers, surroundings(), async (id) => {
          const root: Place = { kind: "volume", id, path: "/" };
          return fileNodes(root, await list(root), list);
        });
      },
    }),
    registerTree(services, {
      id: "drydock.networks",
      arrangement: networkArrangement,
      concerns: ({ Type, Action }) =>
        Type === "network" || (Type === "container" && /^(start|die|destroy)$/.test(Action)),
      async load() {
        const { docker } = await services.engines.connection();
        const [networks, containers] = await Promise.all([docker.listNetworks(), docker.listContainers({ all: true })]);
        return networkNodes(networks, containers, t);
      },
    }),
    registriesView(services),
    enginesView(services),
    ...buildsView(services),
  );
}

function buildsView(services: Services): vscode.Disposable[] {
  const { builds } = services;
  const tree = registerTree(services, {
    id: "drydock.builds",
    showsAges: true,
    concerns: () => false,
    load: async () => buildNodes(builds.list, { nowMs: Date.now(), translate: t }),
    badge: () => {
      const running = builds.list.filter(({ state }) => state === "running").length;
      if (running === 0) return undefined;
      return { value: running, tooltip: t(msg("Builds running: {count}", { count: running })) };
    },
  });
  const clock = setInterval(() => {
    if (builds.list.some(({ state }) => state === "running")) tree.refresh();
  }, clockMs);
  return [tree, { dispose: builds.changed.on(() => tree.refresh()) }, { dispose: () => clearInterval(clock) }];
}

/** Nothing is asked of a registry before it is opened. */
function registriesView(services: Services): vscode.Disposable {
  const { registries } = services;
  const tree = registerTree(services, {
    id: "drydock.registries",
    canSelectMany: false,
    concerns: () => false,
    load: async () =>
      registryNodes(registries.list, {
        repositories: (host, namespace) => registries.repositories(host, namespace),
        tags: (repository) => registries.tags(repository),
        problem: errorText,
        translate: t,
      }),
  });
  return vscode.Disposable.from(tree, { dispose: registries.changed.on(() => tree.refresh()) });
}

/** Asks each engine whether it answers when the view is looked at, and when another one is used. */
function enginesView(services: Services): vscode.Disposable {
  const { engines } = services;
  const answers = new Map<string, boolean>();
  const tree = registerTree(services, {
    id: "drydock.engines",
    canSelectMany: false,
    concerns: () => false,
    load: async () => {
      const targets = engines.targets();
      for (const target of targets) {
        void engines.answers(target).then((answer) => {
          if (answers.get(target.id) === answer) return;
          answers.set(target.id, answer);
          const [node] = engineNodes([target], engines.used?.id, answers, t);
          if (node) tree.update(target.id, node);
        });
      }
      return engineNodes(targets, engines.used?.id, answers, t);
    },
  });
  return vscode.Disposable.from(tree, { dispose: engines.changed.on(() => tree.refresh()) });
}
