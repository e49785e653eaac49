import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import { openStreamTerminal } from "../../terminals/stream-terminal.ts";
import { t } from "../../ui/text.ts";
import type { ContainerNode } from "../../views/containers.ts";
import { containerOf, pickContainer } from "../pick.ts";

interface ExecChoice {
  readonly command: string;
  readonly user: string;
}

/** A command in a running container, as any user of it. What was typed is remembered for its image. */
export async function execCommand(services: Services, target?: ContainerNode): Promise<void> {
  const node = await pickContainer(services, target, "running", msg("In which container?"));
  if (!node) return;
  const key = `exec:${node.image}`;
  const last = services.storage.get<ExecChoice>(key);
  const command = await services.ui.input({
    title: msg("Run a command in {name}", { name: node.name }),
    prompt: msg("The command, as in a shell of the container."),
    value: last?.command ?? "sh",
  });
  if (!command) return;
  const user = await services.ui.input({
    title: msg("Run a command in {name}", { name: node.name }),
    prompt: msg("As which user? Empty: the container's own."),
    value: last?.user ?? "",
    placeholder: msg("root"),
  });
  if (user === undefined) return;
  await services.storage.update(key, { command, user });
  const { docker } = await services.engines.connection();
  const connect = async ({ rows, columns }: { readonly rows: number; readonly columns: number }) => {
    const exec = await containerOf(docker, node).exec({
      // Plain words need no shell, so that this works in images without one.
      Cmd: /[|&;<>$`"'*?()]/.test(command) ? ["/bin/sh", "-c", command] : command.split(/\s+/),
      ...(user ? { User: user } : {}),
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
      tty: true,
      resize: (h: number, w: number) => exec.resize({ h, w }),
      finished: async () => (await exec.inspect()).ExitCode ?? undefined,
    };
  };
  const name = t(msg("{command}: {name}", { command: command.slice(0, 30), name: node.name }));
  openStreamTerminal(name, "terminal", connect, (error) => services.ui.error(error)).show();
}
