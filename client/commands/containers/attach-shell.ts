import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import { openStreamTerminal } from "../../terminals/stream-terminal.ts";
import { t } from "../../ui/text.ts";
import type { ContainerNode } from "../../views/containers.ts";
import { containerOf, pickContainer } from "../pick.ts";

/** bash where the image has it, else sh. */
const shell = ["/bin/sh", "-c", "command -v bash >/dev/null && exec bash || exec sh"];

export async function attachShell(services: Services, target?: ContainerNode): Promise<void> {
  const node = await pickContainer(services, target, "running", msg("In which container shall the shell be opened?"));
  if (!node) return;
  const { docker } = await services.engines.connection();
  const connect = async ({ rows, columns }: { rows: number; columns: number }) => {
    const exec = await containerOf(docker, node).exec({
      Cmd: shell,
      Tty: true,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Env: ["TERM=xterm-256color"],
    });
    const stream = await exec.start({ hijack: true, stdin: true, Tty: true });
    await exec.resize({ h: rows, w: columns }).catch(() => {});
    return {
      stream,
      resize: (h: number, w: number) => exec.resize({ h, w }),
      finished: async () => (await exec.inspect()).ExitCode ?? undefined,
    };
  };
  const name = t(msg("Shell: {name}", { name: node.name }));
  openStreamTerminal(name, "terminal", connect, (error) => services.ui.error(error)).show();
}
