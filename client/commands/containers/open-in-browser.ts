import * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import type { ContainerNode } from "../../views/containers.ts";
import { pickContainer } from "../pick.ts";

export async function openInBrowser(services: Services, target?: ContainerNode): Promise<void> {
  const node = await pickContainer(services, target, "running", msg("Which container shall be opened?"));
  if (!node) return;
  const ports = node.hostPorts;
  if (ports.length === 0) {
    services.ui.info(
      msg("{name} publishes no port. EXPOSE only documents a port; run the image again and publish it, like 3000:80.", {
        name: node.name,
      }),
    );
    return;
  }
  const port =
    ports.length === 1
      ? ports[0]
      : await services.ui.pick(
          ports.map((value) => ({ label: `http://localhost:${value}`, value })),
          msg("Which port shall be opened?"),
        );
  if (port !== undefined) await openPort(port);
}

/** A click on a port. */
export async function openPortOf(_services: Services, port?: number): Promise<void> {
  if (port !== undefined) await openPort(port);
}

/** Goes through VS Code's port forwarding, so that it also works in a remote window. */
export async function openPort(port: number): Promise<void> {
  await vscode.env.openExternal(vscode.Uri.parse(`http://localhost:${port}/`));
}
