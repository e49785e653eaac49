import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import type { ContainerNode } from "../../views/containers.ts";
import { containerOf, pickContainer } from "../pick.ts";

export async function renameContainer(services: Services, target?: ContainerNode): Promise<void> {
  const node = await pickContainer(services, target, "any", msg("Which container shall be renamed?"));
  if (!node) return;
  const name = await services.ui.input({
    title: msg("Rename {name}", { name: node.name }),
    prompt: msg("A name for the container."),
    value: node.name,
    validate: (text) =>
      /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(text) ? undefined : msg("Letters, digits, - _ and . only, at least two."),
  });
  if (!name || name === node.name) return;
  const { docker } = await services.engines.connection();
  await containerOf(docker, node).rename({ name });
}
