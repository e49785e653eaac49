import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import { openStreamTerminal } from "../../terminals/stream-terminal.ts";
import { t } from "../../ui/text.ts";
import type { ImageNode } from "../../views/images.ts";
import { pickImage } from "../pick.ts";

/** `run -it --rm` in a terminal: the image's own command, with a terminal, gone when it ends. */
export async function runInteractive(services: Services, target?: ImageNode): Promise<void> {
  const node = await pickImage(services, target, msg("Which image shall be run?"));
  if (!node) return;
  const { docker } = await services.engines.connection();
  const connect = async ({ rows, columns }: { rows: number; columns: number }) => {
    const container = await docker.createContainer({
      Image: node.reference,
      Tty: true,
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      HostConfig: { AutoRemove: true, ConsoleSize: [rows, columns] },
    });
    // Attached before it starts, so that the first lines are seen; waited for before it can be gone.
    const stream = await container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true });
    const ended = container.wait({ condition: "removed" });
    ended.catch(() => {});
    try {
      await container.start();
    } catch (error) {
      // What has never run is not removed by itself.
      await container.remove({ force: true }).catch(() => {});
      throw error;
    }
    await container.resize({ h: rows, w: columns }).catch(() => {});
    return {
      stream,
      resize: (h: number, w: number) => container.resize({ h, w }),
      finished: async () => (await ended).StatusCode as number,
    };
  };
  const name = t(msg("Run: {name}", { name: node.label }));
  openStreamTerminal(name, "run", connect, (error) => services.ui.error(error)).show();
}
