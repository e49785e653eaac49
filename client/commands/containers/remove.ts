import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import type { ContainerNode } from "../../views/containers.ts";
import { containerOf, pickContainer } from "../pick.ts";

export async function removeContainer(services: Services, target?: ContainerNode): Promise<void> {
  const node = await pickContainer(services, target, "any", msg("Which container shall be removed?"));
  if (!node) return;
  const { docker } = await services.engines.connection();
  const running = node.kind.startsWith("container.running");
  const question = running
    ? msg("Stop and remove {name}?", { name: node.name })
    : msg("Remove {name}?", { name: node.name });
  const detail = msg("What the container has written to its own file system is lost. Its image stays.");
  if (!(await services.ui.confirm(question, detail, msg("Remove")))) return;
  await containerOf(docker, node).remove({ force: running });
}
