import type { ContainerInfo } from "dockerode";
import { type Message, msg } from "../../engine/base/message.ts";
import { formatAge } from "../ui/format.ts";
import { publishedPorts } from "../ui/ports.ts";
import type { Arrangement } from "./arrange.ts";
import type { Node } from "./node.ts";

export interface ContainerNode extends Node {
  readonly containerId: string;
  readonly name: string;
  readonly state: string;
  readonly image: string;
  readonly createdAtMs: number;
  /** Of Compose. */
  readonly project?: string;
  readonly networks: readonly string[];
  /** Host ports that answer on this machine, for Open in Browser. */
  readonly hostPorts: readonly number[];
}

export interface Surroundings {
  readonly nowMs: number;
  readonly translate: (message: Message) => string;
  /** By image id: why it is not any more what its sources would make. */
  readonly stale?: ReadonlyMap<string, string>;
  /** What the names of images stand for now. */
  readonly imageIds?: ReadonlyMap<string, string>;
  /** By image id: what it was called when it was built. The list says only the id once the name stands for another. */
  readonly builtNames?: ReadonlyMap<string, string>;
}

/** What belongs to a container below its row; the files, mounts and ports. */
export type ContainerChildren = (container: ContainerInfo) => Promise<readonly Node[]>;

/** One row a container. */
export function containerNodes(
  containers: readonly ContainerInfo[],
  around: Surroundings,
  children?: ContainerChildren,
): ContainerNode[] {
  return containers.map((container) => containerNode(container, around, children)).sort(runningFirst);
}

function containerNode(
  container: ContainerInfo,
  around: Surroundings,
  children: ContainerChildren | undefined,
): ContainerNode {
  const { nowMs, translate } = around;
  const image = imageName(container, around);
  const old = outOfDate(container, image, around);
  const mark = old && translate(old);
  const name = (container.Names[0] ?? container.Id.slice(0, 12)).replace(/^\//, "");
  const ports = publishedPorts(container.Ports);
  const health = healthOf(container);
  const state = translate(health ?? stateOf(container));
  const age = translate(formatAge(container.Created * 1000, nowMs));
  const runs = container.State === "running";
  // The icon says that it runs; what a person looks for comes first, because the side bar is narrow.
  const ill = illness(container);
  const parts = runs ? [...(ill ? [translate(ill)] : []), ...ports, image] : [state, image, age];
  const project = container.Labels?.["com.docker.compose.project"];
  if (mark) parts.unshift(translate(msg("out of date")));
  const tooltip = [
    name,
    ...(mark ? [mark] : []),
    image,
    `${state} · ${age}`,
    container.Command,
    ...ports,
    container.Id.slice(0, 12),
  ];
  return {
    id: container.Id,
    containerId: container.Id,
    name,
    state: container.State,
    image,
    createdAtMs: container.Created * 1000,
    ...(project ? { project } : {}),
    networks: Object.keys(container.NetworkSettings?.Networks ?? {}),
    hostPorts: [
      ...new Set(container.Ports.flatMap((port) => (port.PublicPort && port.Type === "tcp" ? [port.PublicPort] : []))),
    ],
    label: name,
    description: parts.join(" · "),
    // Not the API's `Status`: that is English.
    tooltip: tooltip.join("\n"),
    icon: iconOf(container),
    accessibleLabel: [name, state, ...(mark ? [mark] : []), image].join(", "),
    kind: mark ? staleKinds[kindOf(container, ports.length > 0)] : kindOf(container, ports.length > 0),
    ...(children ? { loadChildren: () => children(container) } : {}),
  };
}

/** Running ones first, the newest on top. */
function runningFirst(a: ContainerNode, b: ContainerNode): number {
  return Number(b.state === "running") - Number(a.state === "running") || b.createdAtMs - a.createdAtMs;
}

export function containerArrangement(translate: (message: Message) => string): Arrangement<ContainerNode> {
  const byName =
    (id: string, of: (node: ContainerNode) => string | undefined, icon: string) => (node: ContainerNode) => {
      const label = of(node);
      return label === undefined
        ? undefined
        : { id: `${id}/${label}`, label, icon: { id: icon }, kind: "group.containers" };
    };
  return {
    groups: [
      { id: "project", label: msg("Compose project"), of: byName("project", ({ project }) => project, "layers") },
      { id: "none", label: msg("nothing") },
      { id: "network", label: msg("network"), of: byName("network", ({ networks }) => networks[0], "type-hierarchy") },
      {
        id: "state",
        label: msg("state"),
        of: ({ state }) => ({
          id: `state/${state}`,
          label: translate(stateWord(state)),
          icon: { id: state === "running" ? "vm-running" : "vm-outline" },
          kind: "group.containers",
        }),
      },
      { id: "image", label: msg("image"), of: byName("image", ({ image }) => image, "package") },
    ],
    sorts: [
      { id: "state", label: msg("running ones first"), compare: runningFirst },
      { id: "name", label: msg("name"), compare: (a, b) => a.name.localeCompare(b.name) },
      { id: "newest", label: msg("newest first"), compare: (a, b) => b.createdAtMs - a.createdAtMs },
      {
        id: "image",
        label: msg("image"),
        compare: (a, b) => a.image.localeCompare(b.image) || a.name.localeCompare(b.name),
      },
    ],
  };
}

function iconOf({ State, Status }: ContainerInfo): NonNullable<Node["icon"]> {
  if (State === "paused") return { id: "debug-pause", color: "testing.iconQueued" };
  if (State === "restarting") return { id: "sync", color: "testing.iconQueued" };
  if (State !== "running") return { id: "vm-outline" };
  // Told by its shape too: high contrast has no colour for it.
  if (Status.includes("(unhealthy)")) return { id: "warning", color: "problemsWarningIcon.foreground" };
  if (Status.includes("(health: starting)")) return { id: "vm-running", color: "testing.iconQueued" };
  return { id: "vm-running", color: "testing.iconPassed" };
}

type ContainerKind = keyof typeof staleKinds;

/** With sources that have changed since. */
const staleKinds = {
  "container.running.published": "container.running.published.stale",
  "container.running": "container.running.stale",
  "container.paused": "container.paused.stale",
  "container.restarting": "container.restarting.stale",
  "container.stopped": "container.stopped.stale",
} as const;

/** As a person calls it: a name, or the beginning of the id. */
function imageName({ Image, ImageID }: ContainerInfo, { builtNames }: Surroundings): string {
  if (!Image.startsWith("sha256:")) return Image;
  return builtNames?.get(ImageID) ?? Image.slice("sha256:".length, "sha256:".length + 12);
}

function outOfDate({ ImageID }: ContainerInfo, image: string, { stale, imageIds }: Surroundings): Message | undefined {
  const newest = imageIds?.get(image) ?? imageIds?.get(`${image}:latest`);
  if (newest !== undefined && newest !== ImageID)
    return msg("Its image was built anew since: Rebuild & Restart takes the new one.");
  const reason = stale?.get(ImageID);
  return reason === undefined ? undefined : msg("Its sources have changed: {reason}", { reason });
}

function kindOf({ State }: ContainerInfo, isPublished: boolean): ContainerKind {
  if (State === "running") return isPublished ? "container.running.published" : "container.running";
  if (State === "paused") return "container.paused";
  // Between two tries: it can be stopped, and has no process to enter.
  if (State === "restarting") return "container.restarting";
  return "container.stopped";
}

/** `Up 3 minutes (healthy)`: the list says it nowhere else. */
function healthOf({ State, Status }: ContainerInfo): Message | undefined {
  if (State !== "running") return undefined;
  if (Status.includes("(healthy)")) return msg("running, healthy");
  if (Status.includes("(unhealthy)")) return msg("running, unhealthy");
  if (Status.includes("(health: starting)")) return msg("running, health not known yet");
  return undefined;
}

/** What a running one's row says besides its icon. */
function illness({ Status }: ContainerInfo): Message | undefined {
  if (Status.includes("(unhealthy)")) return msg("unhealthy");
  return Status.includes("(health: starting)") ? msg("health not known yet") : undefined;
}

function stateOf({ State, Status }: ContainerInfo): Message {
  if (State === "exited") {
    const code = /\((\d+)\)/.exec(Status)?.[1];
    return code === undefined ? msg("stopped") : msg("exited with {code}", { code });
  }
  return stateWord(State);
}

function stateWord(state: string): Message {
  switch (state) {
    case "running":
      return msg("running");
    case "created":
      return msg("created");
    case "paused":
      return msg("paused");
    case "restarting":
      return msg("restarting");
    default:
      return msg("stopped");
  }
}
