import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import type { ContainerNode } from "../../views/containers.ts";
import { containerOf, pickContainer } from "../pick.ts";

export async function stopContainer(services: Services, target?: ContainerNode): Promise<void> {
  const node = await pickContainer(services, target, "running", msg("Which container shall be stopped?"));
  if (!node) return;
  const { docker } = await services.engines.connection();
  // A process that ignores SIGTERM takes ten seconds: long enough to wonder, so it is said what is waited for.
  await services.ui.whileWaiting(msg("Stopping {name}", { name: node.name }), () => containerOf(docker, node).stop());
}
