import path from "node:path";
import type { Container, Health } from "../containers/types.ts";
import type { ContainerConfig } from "../oci/types.ts";
import { configView, hostConfigView } from "./container-config-view.ts";
import { mountPoints, networksOf, portList, portMap } from "./container-places-view.ts";
import { humanDuration, isoTime } from "./times.ts";

/** What a container's record does not say itself. */
export interface ViewContext {
  readonly home: string;
  /** Of the image, as far as it is still there. */
  readonly image: ContainerConfig;
  readonly execIds: readonly string[];
  /** Where a volume's files are. */
  readonly mountpointOf: (volume: string) => string;
}

export type SummaryContext = Pick<ViewContext, "mountpointOf"> & {
  /** What to show as the image, when the name has moved on. */
  readonly imageName?: string;
  readonly now?: number;
};

export function isUp({ status }: Container): boolean {
  return status === "running" || status === "paused" || status === "restarting";
}

/** One element of `GET /containers/json`. */
export function containerSummary(container: Container, context: SummaryContext) {
  const { imageName = container.options.image, now = Date.now() } = context;
  return {
    Id: container.id,
    Names: [`/${container.name}`],
    Image: imageName,
    ImageID: container.imageId,
    Command: [container.path, ...container.args].map(quoted).join(" "),
    Created: Math.floor(container.createdAt / 1000),
    Ports: portList(container),
    Labels: container.labels,
    State: container.status,
    Status: statusText(container, now),
    HostConfig: {
      NetworkMode: container.options.networkMode ?? "bridge",
      ...(container.options.annotations ? { Annotations: container.options.annotations } : {}),
    },
    NetworkSettings: { Networks: networksOf(container) },
    // As Docker has it: a list does not say where a volume's files are.
    Mounts: mountPoints(container, context.mountpointOf).map((mount) =>
      mount.Type === "volume" ? { ...mount, Source: "" } : mount,
    ),
  };
}

/** `Up 5 minutes (healthy)`, `Exited (0) 2 hours ago`. */
export function statusText(container: Container, now: number): string {
  const since = (time: number | undefined) => humanDuration(Math.max(0, now - (time ?? now)));
  const { exitCode = 0 } = container;
  switch (container.status) {
    case "running":
      return `Up ${since(container.startedAt)}${healthWord(container.health)}`;
    case "exited":
      return `Exited (${exitCode}) ${since(container.finishedAt)} ago`;
    case "paused":
      return `Up ${since(container.startedAt)} (Paused)`;
    case "restarting":
      return `Restarting (${exitCode}) ${since(container.finishedAt)} ago`;
    case "created":
      return "Created";
    case "removing":
      return "Removal In Progress";
    case "dead":
      return "Dead";
  }
}

function healthWord(health: Health | undefined): string {
  if (!health) return "";
  return health.status === "starting" ? " (health: starting)" : ` (${health.status})`;
}

/** `GET /containers/{id}/json`. */
export function containerDetails(container: Container, context: ViewContext) {
  const folder = path.join(context.home, "containers", container.id);
  return {
    Id: container.id,
    Created: isoTime(container.createdAt),
    Path: container.path,
    Args: container.args,
    State: stateView(container),
    Image: container.imageId,
    ResolvConfPath: path.join(folder, "resolv.conf"),
    HostnamePath: path.join(folder, "hostname"),
    HostsPath: path.join(folder, "hosts"),
    LogPath: container.options.log?.driver === "none" ? "" : path.join(folder, `${container.id}-json.log`),
    Name: `/${container.name}`,
    RestartCount: container.restartCount,
    Driver: "overlay2",
    Platform: "linux",
    MountLabel: "",
    ProcessLabel: "",
    AppArmorProfile: "",
    ExecIDs: context.execIds.length > 0 ? context.execIds : null,
    HostConfig: hostConfigView(container),
    GraphDriver: { Name: "overlay2", Data: null },
    Mounts: mountPoints(container, context.mountpointOf),
    Config: configView(container, context.image),
    NetworkSettings: networkSettings(container),
  };
}

function stateView(container: Container) {
  const up = isUp(container);
  return {
    Status: container.status,
    Running: up,
    Paused: container.status === "paused",
    Restarting: container.status === "restarting",
    OOMKilled: container.oomKilled ?? false,
    Dead: container.status === "dead",
    Pid: up ? (container.pid ?? 0) : 0,
    ExitCode: container.exitCode ?? 0,
    Error: container.error ?? "",
    StartedAt: isoTime(container.startedAt),
    FinishedAt: isoTime(container.finishedAt),
    ...(container.health ? { Health: healthView(container.health) } : {}),
  };
}

function healthView(health: Health) {
  return {
    Status: health.status,
    FailingStreak: health.failingStreak,
    Log: health.log.map((probe) => ({
      Start: isoTime(probe.startedAt),
      End: isoTime(probe.endedAt),
      ExitCode: probe.exitCode,
      Output: probe.output,
    })),
  };
}

/** The addresses beside `Networks` are those on the default network, as they were before there were others. */
function networkSettings(container: Container) {
  const networks = networksOf(container);
  const { bridge } = networks;
  return {
    Bridge: "",
    SandboxID: isUp(container) ? container.id : "",
    SandboxKey: "",
    Ports: portMap(container),
    HairpinMode: false,
    LinkLocalIPv6Address: "",
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: bridge?.EndpointID ?? "",
    Gateway: bridge?.Gateway ?? "",
    GlobalIPv6Address: "",
    GlobalIPv6PrefixLen: 0,
    IPAddress: bridge?.IPAddress ?? "",
    IPPrefixLen: bridge?.IPPrefixLen ?? 0,
    IPv6Gateway: "",
    MacAddress: bridge?.MacAddress ?? "",
    Networks: networks,
  };
}

/** Docker quotes what has blanks, and nothing else. */
function quoted(word: string): string {
  return /\s/.test(word) ? `'${word}'` : word;
}
