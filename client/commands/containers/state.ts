import type Docker from "dockerode";
import { type Message, msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import type { ContainerNode } from "../../views/containers.ts";
import { forEach, rowsOf } from "../many.ts";
import { containerOf, isIn, noneIn, pickContainer, type Wanted } from "../pick.ts";

type Target = ContainerNode | undefined;
type All = readonly ContainerNode[] | undefined;

export const startContainer = (services: Services, target?: ContainerNode, all?: readonly ContainerNode[]) =>
  each(services, target, all, "stopped", msg("Which container shall be started?"), undefined, (one) => one.start());

// A process that ignores SIGTERM takes ten seconds: long enough to wonder, so it is said what is waited for.
export const stopContainer = (services: Services, target?: ContainerNode, all?: readonly ContainerNode[]) =>
  each(services, target, all, "alive", msg("Which container shall be stopped?"), stopping, (one) => one.stop());

export const restartContainer = (services: Services, target?: ContainerNode, all?: readonly ContainerNode[]) =>
  each(services, target, all, "any", msg("Which container shall be restarted?"), restarting, (one) => one.restart());

export const pauseContainer = (services: Services, target?: ContainerNode, all?: readonly ContainerNode[]) =>
  each(services, target, all, "running", msg("Which container shall be paused?"), undefined, (one) => one.pause());

export const unpauseContainer = (services: Services, target?: ContainerNode, all?: readonly ContainerNode[]) =>
  each(services, target, all, "paused", msg("Which container shall go on?"), undefined, (one) => one.unpause());

/** Asks for the signal. */
export async function killContainer(services: Services, target?: Target, all?: All): Promise<void> {
  const nodes = await chosen(services, target, all, "alive", msg("Which container shall get a signal?"));
  if (nodes.length === 0) return;
  const signal = await services.ui.pick(
    [
      { label: "SIGKILL", detail: msg("Ends at once, without a chance to clean up."), value: "SIGKILL" },
      { label: "SIGTERM", detail: msg("Please end: what Stop sends first."), value: "SIGTERM" },
      { label: "SIGINT", detail: msg("What Ctrl+C sends."), value: "SIGINT" },
      { label: "SIGHUP", detail: msg("Many servers read their configuration again."), value: "SIGHUP" },
      ...["SIGUSR1", "SIGUSR2", "SIGQUIT"].map((value) => ({ label: value, value })),
    ].map(({ label, value, ...more }) => ({
      label,
      value,
      ...("detail" in more ? { description: services.ui.text(more.detail) } : {}),
    })),
    msg("Which signal?"),
  );
  if (!signal) return;
  const { docker } = await services.engines.connection();
  await forEach(nodes, (node) => containerOf(docker, node).kill({ signal }));
}

const stopping = (name: string) => msg("Stopping {name}", { name });
const restarting = (name: string) => msg("Restarting {name}", { name });

/** `waiting`: what is said meanwhile, when it may take long. */
async function each(
  services: Services,
  target: Target,
  all: All,
  wanted: Wanted,
  question: Message,
  waiting: ((name: string) => Message) | undefined,
  work: (container: Docker.Container) => Promise<unknown>,
): Promise<void> {
  const nodes = await chosen(services, target, all, wanted, question);
  if (nodes.length === 0) return;
  const { docker } = await services.engines.connection();
  const run = () => forEach(nodes, (node) => work(containerOf(docker, node)));
  const name = nodes.map((node) => node.name).join(", ");
  await (waiting ? services.ui.whileWaiting(waiting(name), run) : run());
}

async function chosen(
  services: Services,
  target: Target,
  all: All,
  wanted: Wanted,
  question: Message,
): Promise<readonly ContainerNode[]> {
  if (target) {
    // Menus of containers know their state; a group's rows have several.
    const nodes = rowsOf(target, all).filter((node) => isIn(wanted, node));
    if (nodes.length === 0) services.ui.info(noneIn(wanted));
    return nodes;
  }
  const node = await pickContainer(services, undefined, wanted, question);
  return node ? [node] : [];
}
