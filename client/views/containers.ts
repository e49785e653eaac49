import type { ContainerInfo } from "dockerode";
import { type Message, msg } from "../../engine/base/message.ts";
import { formatAge } from "../ui/format.ts";
import { publishedPorts } from "../ui/ports.ts";
import type { Node } from "./tree.ts";

export interface ContainerNode extends Node {
  readonly containerId: string;
  readonly name: string;
  /** Host ports that answer on this machine, for Open in Browser. */
  readonly hostPorts: readonly number[];
}

interface Surroundings {
  readonly nowMs: number;
  readonly translate: (message: Message) => string;
}

/** Rows of the Containers view: running ones first, the newest on top. */
export function containerNodes(
  containers: readonly ContainerInfo[],
  { nowMs, translate }: Surroundings,
): ContainerNode[] {
  const order = [...containers].sort((a, b) => Number(isRunning(b)) - Number(isRunning(a)) || b.Created - a.Created);
  return order.map((container) => {
    const name = (container.Names[0] ?? container.Id.slice(0, 12)).replace(/^\//, "");
    const running = isRunning(container);
    const ports = publishedPorts(container.Ports);
    const state = translate(stateOf(container));
    const age = translate(formatAge(container.Created * 1000, nowMs));
    // The icon says that it runs; what a person looks for comes first, because the side bar is narrow.
    const parts = running ? [...ports, container.Image] : [state, container.Image, age];
    return {
      id: container.Id,
      containerId: container.Id,
      name,
      hostPorts: [
        ...new Set(
          container.Ports.flatMap((port) => (port.PublicPort && port.Type === "tcp" ? [port.PublicPort] : [])),
        ),
      ],
      label: name,
      description: parts.join(" · "),
      // Not the API's `Status`: that is English.
      tooltip: [
        name,
        container.Image,
        `${state} · ${age}`,
        container.Command,
        ...ports,
        container.Id.slice(0, 12),
      ].join("\n"),
      icon: running ? { id: "vm-running", color: "testing.iconPassed" } : { id: "vm-outline" },
      accessibleLabel: `${name}, ${state}, ${container.Image}`,
      kind: running ? (ports.length > 0 ? "container.running.published" : "container.running") : "container.stopped",
    };
  });
}

function isRunning(container: ContainerInfo): boolean {
  return container.State === "running";
}

function stateOf(container: ContainerInfo): Message {
  if (isRunning(container)) return msg("running");
  if (container.State === "created") return msg("created");
  const code = /\((\d+)\)/.exec(container.Status)?.[1];
  return code === undefined ? msg("stopped") : msg("exited with {code}", { code });
}
