import type Docker from "dockerode";
import { type Message, msg } from "../../engine/base/message.ts";
import type { Services } from "../services.ts";
import { t } from "../ui/text.ts";
import { type ContainerNode, containerNodes } from "../views/containers.ts";
import { type ImageNode, imageNodes } from "../views/images.ts";

/** `alive`: it has a process, or will get one by itself. */
export type Wanted = "running" | "stopped" | "paused" | "alive" | "any";

/** The row a command was called on, or one that the user picks. Undefined: cancelled, or there is none (said). */
export async function pickContainer(
  services: Services,
  target: ContainerNode | undefined,
  wanted: Wanted,
  placeholder: Message,
): Promise<ContainerNode | undefined> {
  if (target) return target;
  const { docker } = await services.engines.connection();
  const nodes = containerNodes(await docker.listContainers({ all: true }), { nowMs: Date.now(), translate: t });
  const fitting = nodes.filter((node) => isIn(wanted, node));
  if (fitting.length === 0) {
    services.ui.info(
      nodes.length > 0 ? noneIn(wanted) : msg("There is no container for this. Build an image and run it first."),
    );
    return undefined;
  }
  return services.ui.pick(
    fitting.map((node) => row(node)),
    placeholder,
  );
}

export function isIn(wanted: Wanted, { kind }: ContainerNode): boolean {
  if (wanted === "any") return true;
  return wanted === "alive" ? !kind.startsWith("container.stopped") : kind.startsWith(`container.${wanted}`);
}

/** Why there is nothing to do, where there are containers. */
export function noneIn(wanted: Wanted): Message {
  if (wanted === "stopped") return msg("There is no stopped container.");
  return wanted === "paused" ? msg("There is no paused container.") : msg("There is no running container.");
}

export async function pickImage(
  services: Services,
  target: ImageNode | undefined,
  placeholder: Message,
): Promise<ImageNode | undefined> {
  if (target) return target;
  const { docker } = await services.engines.connection();
  const nodes = imageNodes(await docker.listImages(), { nowMs: Date.now(), translate: t });
  if (nodes.length === 0) {
    services.ui.info(msg("There is no image yet. Build one from a Dockerfile first."));
    return undefined;
  }
  return services.ui.pick(
    nodes.map((node) => row(node)),
    placeholder,
  );
}

export function containerOf(docker: Docker, node: ContainerNode): Docker.Container {
  return docker.getContainer(node.containerId);
}

function row<T extends ContainerNode | ImageNode>(node: T) {
  return { label: node.label, description: node.description ?? "", value: node };
}
