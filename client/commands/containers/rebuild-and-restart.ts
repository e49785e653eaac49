import * as vscode from "vscode";
import { EngineError } from "../../../engine/base/errors.ts";
import { msg } from "../../../engine/base/message.ts";
import { buildOf } from "../../builds/build-of.ts";
import type { Services } from "../../services.ts";
import type { ContainerNode } from "../../views/containers.ts";
import { buildChosen } from "../images/build.ts";
import { pickContainer } from "../pick.ts";
import { recreate } from "./recreate.ts";

/** Builds the image of the container anew and puts a container with the same settings in its place. */
export async function rebuildAndRestart(
  services: Services,
  target?: Pick<ContainerNode, "containerId" | "name" | "image">,
): Promise<string | undefined> {
  const node = target ?? (await pickContainer(services, undefined, "any", msg("Which container shall be built anew?")));
  if (!node) return undefined;
  const { docker } = await services.engines.connection();
  const info = await docker.getContainer(node.containerId).inspect();
  const build = buildOf(services, info.Image, info.Config.Image);
  if (!build) {
    throw new EngineError({
      code: "not-found",
      message: msg("{name} is not from an image that was built here.", { name: node.name }),
      hint: msg("Build its Dockerfile with Build Image once; from then on it is known."),
    });
  }
  const built = await buildChosen(services, vscode.Uri.parse(build.file), {
    naming: build.tag === undefined ? "none" : "usual",
    ...(build.target === undefined ? {} : { stage: build.target }),
  });
  if (!built) return undefined;
  if (built.imageId === info.Image && info.State.Running) {
    services.ui.info(msg("Nothing has changed: {name} goes on running.", { name: node.name }));
    return node.containerId;
  }
  return services.ui.whileWaiting(msg("Restarting {name}", { name: node.name }), () =>
    recreate(docker, node.containerId, built.reference),
  );
}
