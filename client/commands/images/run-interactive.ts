import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import { openStreamTerminal, runSession } from "../../terminals/stream-terminal.ts";
import { t } from "../../ui/text.ts";
import type { ImageNode } from "../../views/images.ts";
import { pickImage } from "../pick.ts";

/** `run -it --rm` in a terminal: the image's own command, with a terminal, gone when it ends. */
export async function runInteractive(services: Services, target?: ImageNode): Promise<void> {
  const node = await pickImage(services, target, msg("Which image shall be run?"));
  if (!node) return;
  const { docker } = await services.engines.connection();
  const options = { Image: node.reference, Tty: true, OpenStdin: true, HostConfig: { AutoRemove: true } };
  const name = t(msg("Run: {name}", { name: node.label }));
  openStreamTerminal(name, "run", runSession(docker, options), (error) => services.ui.error(error)).show();
}
