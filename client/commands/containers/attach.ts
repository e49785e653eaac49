import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import { openStreamTerminal } from "../../terminals/stream-terminal.ts";
import { t } from "../../ui/text.ts";
import type { ContainerNode } from "../../views/containers.ts";
import { containerOf, pickContainer } from "../pick.ts";

/** The container's own process: what it prints, and what is typed for it. Closing the terminal leaves it running. */
export async function attachContainer(services: Services, target?: ContainerNode): Promise<void> {
  const node = await pickContainer(services, target, "running", msg("Which container?"));
  if (node) openAttached(services, node, false);
}

/** `start -a -i`: attached before it starts, so that a program that asks something can be answered. */
export async function startAttached(services: Services, target?: ContainerNode): Promise<void> {
  const node = await pickContainer(services, target, "stopped", msg("Which container shall be started?"));
  if (node) openAttached(services, node, true);
}

function openAttached(services: Services, node: ContainerNode, start: boolean): void {
  const connect = async ({ rows, columns }: { readonly rows: number; readonly columns: number }) => {
    const { docker } = await services.engines.connection();
    const container = containerOf(docker, node);
    const { Tty } = (await container.inspect()).Config;
    const stream = await container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true });
    const ended = container.wait({ condition: start ? "next-exit" : "not-running" });
    ended.catch(() => {});
    if (start) await container.start();
    if (Tty) await container.resize({ h: rows, w: columns }).catch(() => {});
    return {
      stream,
      tty: Tty,
      resize: async (h: number, w: number) => (Tty ? container.resize({ h, w }) : undefined),
      finished: async () => (await ended).StatusCode as number,
    };
  };
  const name = t(msg("Attached: {name}", { name: node.name }));
  openStreamTerminal(name, "plug", connect, (error) => services.ui.error(error)).show();
}
