import { Readable } from "node:stream";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import * as vscode from "vscode";
import { EngineError } from "../../../engine/base/errors.ts";
import { msg } from "../../../engine/base/message.ts";
import { buildOf } from "../../builds/build-of.ts";
import { contextOf } from "../../builds/facts.ts";
import {
  appLabel,
  attachConfiguration,
  hook,
  hookName,
  inspectorAnswers,
  inspectorPort,
  nodeDebugOptions,
} from "../../debug/node-app.ts";
import type { Services } from "../../services.ts";
import { t } from "../../ui/text.ts";
import { type ContainerNode, containerNodes } from "../../views/containers.ts";
import { viewLogs } from "../containers/logs.ts";
import { pickContainer } from "../pick.ts";

/** Runs a container's Node app under VS Code's debugger: in a copy of the container, which goes when the session ends. */
export async function debugNodeApp(services: Services, target?: ContainerNode): Promise<void> {
  const node = await pickContainer(services, target, "any", msg("Which container's app shall be debugged?"));
  if (!node) return;
  const { docker } = await services.engines.connection();
  const original = docker.getContainer(node.containerId);
  const info = await original.inspect();
  const build = buildOf(services, info.Image, info.Config.Image);
  const file = build && vscode.Uri.parse(build.file);
  const folder = file ? vscode.workspace.getWorkspaceFolder(file) : vscode.workspace.workspaceFolders?.[0];
  const localRoot = file ? await contextOf(services, file) : (folder?.uri.fsPath ?? "");
  const image = await docker.getImage(info.Image).inspect();

  // Both want the same ports.
  const ran = info.State.Running;
  let copy: Docker.Container | undefined;
  let isOver = false;
  const end = async () => {
    if (isOver) return;
    isOver = true;
    await copy?.remove({ force: true }).catch(() => {});
    if (ran) await original.start();
  };
  try {
    const port = await services.ui.whileWaiting(
      msg("Starting {name} for the debugger", { name: node.name }),
      async () => {
        const name = await freeName(docker, node.name);
        if (ran) await original.stop();
        copy = await docker.createContainer(nodeDebugOptions(info, image.Config, name));
        await copy.putArchive(hookArchive(), { path: "/" });
        await copy.start();
        return inspectorPortOf(copy);
      },
    );
    if (!copy) return;
    // Goes on for as long as the terminal is open.
    showLogs(services, docker, copy.id).catch(services.ui.error);
    const configuration = attachConfiguration({ name: node.name, port, localRoot, workingDir: info.Config.WorkingDir });
    const marked = { ...configuration, drydockContainer: copy.id };
    const listener = vscode.debug.onDidTerminateDebugSession(({ configuration: one, parentSession }) => {
      if (parentSession || one.drydockContainer !== copy?.id) return;
      listener.dispose();
      end().catch(services.ui.error);
    });
    if (await vscode.debug.startDebugging(folder, marked)) return;
    listener.dispose();
    await end();
  } catch (error) {
    await end();
    throw error;
  }
}

/** A copy that an earlier window has left is ours to replace. */
async function freeName(docker: Docker, name: string): Promise<string> {
  const all = await docker.listContainers({ all: true });
  const left = all.find(({ Labels }) => Labels[appLabel] === name);
  if (left) await docker.getContainer(left.Id).remove({ force: true });
  const taken = new Set(all.filter((one) => one !== left).flatMap(({ Names }) => Names.map((one) => one.slice(1))));
  for (let count = 1; ; count++) {
    const wanted = count === 1 ? `${name}-debug` : `${name}-debug-${count}`;
    if (!taken.has(wanted)) return wanted;
  }
}

function hookArchive(): Readable {
  const tar = pack();
  tar.entry({ name: hookName, mode: 0o644 }, hook);
  tar.finalize();
  return Readable.from(tar);
}

/** @throws EngineError when no Node begins to wait for a debugger */
async function inspectorPortOf(container: Docker.Container): Promise<number> {
  const { NetworkSettings, Name } = await container.inspect();
  const port = Number(NetworkSettings.Ports[`${inspectorPort}/tcp`]?.[0]?.HostPort);
  const runs = async () => (await container.inspect()).State.Running;
  if (port > 0 && (await inspectorAnswers(port, runs))) return port;
  throw new EngineError({
    code: "unavailable",
    message: msg("No Node.js program in {name} waits for a debugger.", { name: Name.slice(1) }),
    hint: msg(
      "The container must start one, by node itself or by npm, yarn or pnpm, and its port must be reached from here.",
    ),
  });
}

async function showLogs(services: Services, docker: Docker, id: string): Promise<void> {
  const infos = await docker.listContainers({ all: true, filters: { id: [id] } });
  const [node] = containerNodes(infos, { nowMs: Date.now(), translate: t });
  if (node) await viewLogs(services, node);
}
