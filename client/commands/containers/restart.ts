import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import type { ContainerNode } from "../../views/containers.ts";
import { containerOf, pickContainer } from "../pick.ts";

export async function restartContainer(services: Services, target?: ContainerNode): Promise<void> {
  const node = await pickContainer(services, target, "any", msg("Which container shall be restarted?"));
  if (!node) return;
  const { docker } = await services.engines.connection();
  await services.ui.whileWaiting(msg("Restarting {name}", { name: node.name }), () =>
    containerOf(docker, node).restart(),
  );
}
