import * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import type { ContainerNode } from "../../views/containers.ts";
import { containerOf, pickContainer } from "../pick.ts";
import { runCommandLine } from "./command-line.ts";

export async function copyContainerId(services: Services, target?: ContainerNode): Promise<void> {
  const node = await pickContainer(services, target, "any", msg("Which container?"));
  if (node) await vscode.env.clipboard.writeText(node.containerId);
}

/** `docker run …` that would make such a container. */
export async function copyRunCommand(services: Services, target?: ContainerNode): Promise<void> {
  const node = await pickContainer(services, target, "any", msg("Which container?"));
  if (!node) return;
  const { docker } = await services.engines.connection();
  const info = await containerOf(docker, node).inspect();
  const image = await docker.getImage(info.Image).inspect();
  await vscode.env.clipboard.writeText(runCommandLine(info, image.Config));
  services.ui.info(msg("Copied: the docker command that makes such a container."));
}
