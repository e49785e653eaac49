import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import type { ContainerNode } from "../../views/containers.ts";
import { containerOf, pickContainer } from "../pick.ts";

export async function startContainer(services: Services, target?: ContainerNode): Promise<void> {
  const node = await pickContainer(services, target, "stopped", msg("Which container shall be started?"));
  if (!node) return;
  const { docker } = await services.engines.connection();
  await containerOf(docker, node).start();
}
