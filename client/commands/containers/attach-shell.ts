import type Docker from "dockerode";
import * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import { demultiplex } from "../../engines/stdio.ts";
import type { Services } from "../../services.ts";
import { openStreamTerminal } from "../../terminals/stream-terminal.ts";
import { t } from "../../ui/text.ts";
import type { ContainerNode } from "../../views/containers.ts";
import { containerOf, pickContainer } from "../pick.ts";
import { knownShells, listShells, shellCommand } from "./shell.ts";

/** What was chosen for an image. */
interface ShellChoice {
  readonly shell: string;
  readonly user: string;
}

const keyOf = (image: string) => `shell:${image}`;

/** The shell that was chosen for the image, else the setting's, else the best that the container has. */
export async function attachShell(services: Services, target?: ContainerNode): Promise<void> {
  const node = await pickContainer(services, target, "running", msg("In which container shall the shell be opened?"));
  if (!node) return;
  const usual = { shell: vscode.workspace.getConfiguration().get("drydock.shell", "auto").trim(), user: "" };
  await open(services, node, { ...usual, ...services.storage.get<ShellChoice>(keyOf(node.image)) });
}

/** Asks which shell, of those that the container has, and as whom. Remembered for its image. */
export async function attachShellWithOptions(services: Services, target?: ContainerNode): Promise<void> {
  const node = await pickContainer(services, target, "running", msg("In which container shall the shell be opened?"));
  if (!node) return;
  const { docker } = await services.engines.connection();
  const shells = await shellsOf(containerOf(docker, node));
  const shell = await services.ui.pick(
    [
      { label: t(msg("the best there is")), value: "auto" },
      ...(shells.length > 0 ? shells : knownShells).map((value) => ({ label: value, value })),
    ],
    msg("Which shell?"),
  );
  if (shell === undefined) return;
  const user = await services.ui.pick(
    [
      { label: t(msg("the container's own user")), value: "" },
      { label: "root", value: "root" },
    ],
    msg("As which user?"),
  );
  if (user === undefined) return;
  await services.storage.update(keyOf(node.image), { shell, user });
  await open(services, node, { shell, user });
}

async function open(services: Services, node: ContainerNode, { shell, user }: ShellChoice): Promise<void> {
  const { docker } = await services.engines.connection();
  const connect = async ({ rows, columns }: { readonly rows: number; readonly columns: number }) => {
    const exec = await containerOf(docker, node).exec({
      Cmd: shellCommand(shell),
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
      resize: (h: number, w: number) => exec.resize({ h, w }),
      finished: async () => (await exec.inspect()).ExitCode ?? undefined,
    };
  };
  const name = t(msg("Shell: {name}", { name: user ? `${user}@${node.name}` : node.name }));
  openStreamTerminal(name, "terminal", connect, (error) => services.ui.error(error)).show();
}

/** Empty when it has none that can tell. */
async function shellsOf(container: Docker.Container): Promise<string[]> {
  try {
    const exec = await container.exec({ Cmd: [...listShells], AttachStdout: true });
    const stream = await exec.start({});
    let text = "";
    for await (const { data } of demultiplex(stream, false)) text += data.toString();
    return text.split("\n").filter(Boolean);
  } catch {
    return [];
  }
}
