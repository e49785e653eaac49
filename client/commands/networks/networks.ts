import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import type { ContainerNode } from "../../views/containers.ts";
import type { ConnectedNode, NetworkNode } from "../../views/networks.ts";
import { forEach, rowsOf } from "../many.ts";
import { pickContainer } from "../pick.ts";

export async function createNetwork(services: Services): Promise<void> {
  const { docker } = await services.engines.connection();
  const name = await services.ui.input({
    title: msg("Create Network"),
    prompt: msg("Name of the network: containers in it find each other by their names."),
    value: "",
    validate: (text) =>
      /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(text) ? undefined : msg("Letters, digits, - _ and . only, at least two."),
  });
  if (name) await docker.createNetwork({ Name: name });
}

export async function removeNetwork(
  services: Services,
  target?: NetworkNode,
  all?: readonly NetworkNode[],
): Promise<void> {
  const picked = target ? undefined : await pickNetwork(services);
  const nodes = target ? rowsOf(target, all) : picked ? [{ networkId: picked, label: picked }] : [];
  if (nodes.length === 0) return;
  const question = msg("Remove the network {name}?", { name: nodes.map(({ label }) => label).join(", ") });
  if (!(await services.ui.confirm(question, undefined, msg("Remove")))) return;
  const { docker } = await services.engines.connection();
  await forEach(nodes, ({ networkId }) => docker.getNetwork(networkId).remove());
}

export async function pruneNetworks(services: Services): Promise<void> {
  const { docker } = await services.engines.connection();
  if (!(await services.ui.confirm(msg("Remove all networks that no container uses?"), undefined, msg("Remove"))))
    return;
  const { NetworksDeleted } = await docker.pruneNetworks();
  services.ui.info(msg("Networks removed: {count}.", { count: NetworksDeleted?.length ?? 0 }));
}

/** From a network's row the container is asked for, from a container's the network. */
export async function connectNetwork(services: Services, target?: NetworkNode | ContainerNode): Promise<void> {
  const fromContainer = target && "containerId" in target ? target : undefined;
  const fromNetwork = target && "networkId" in target ? target.networkId : undefined;
  const network = fromNetwork ?? (await pickNetwork(services));
  if (network === undefined) return;
  const container =
    fromContainer ?? (await pickContainer(services, undefined, "any", msg("Which container shall join?")));
  if (!container) return;
  const { docker } = await services.engines.connection();
  await docker.getNetwork(network).connect({ Container: container.containerId });
}

export async function disconnectNetwork(services: Services, target?: ConnectedNode): Promise<void> {
  if (!target) return;
  const { docker } = await services.engines.connection();
  await docker.getNetwork(target.networkId).disconnect({ Container: target.containerId });
}

async function pickNetwork({ engines, ui }: Services): Promise<string | undefined> {
  const { docker } = await engines.connection();
  const own = (await docker.listNetworks()).filter(({ Name }) => !["bridge", "host", "none"].includes(Name));
  if (own.length === 0) {
    ui.info(msg("There is no network of your own yet: Create Network makes one."));
    return undefined;
  }
  return ui.pick(
    own.map(({ Name, Driver }) => ({ label: Name, description: Driver, value: Name })),
    msg("Which network?"),
  );
}
