import type { Container, ContainerMount, PortMapping } from "../containers/types.ts";
import { humanDuration, isoTime } from "./times.ts";

/** One element of `GET /containers/json`. `image`: what to show as its image, when the name has moved on. */
export function containerSummary(container: Container, image = container.options.image, now = Date.now()) {
  const network = container.options.networkMode ?? "bridge";
  return {
    Id: container.id,
    Names: [`/${container.name}`],
    Image: image,
    ImageID: container.imageId,
    Command: [container.path, ...container.args].map(quoted).join(" "),
    Created: Math.floor(container.createdAt / 1000),
    Ports: portList(container),
    Labels: container.labels,
    State: container.status,
    Status: statusText(container, now),
    HostConfig: { NetworkMode: network },
    NetworkSettings: { Networks: { [network]: endpoint(container) } },
    Mounts: mountPoints(container),
  };
}

/** `Up 5 minutes`, `Exited (0) 2 hours ago`. */
export function statusText(container: Container, now: number): string {
  const since = (time: number | undefined) => humanDuration(Math.max(0, now - (time ?? now)));
  switch (container.status) {
    case "running":
      return `Up ${since(container.startedAt)}`;
    case "exited":
      return `Exited (${container.exitCode ?? 0}) ${since(container.finishedAt)} ago`;
    case "paused":
      return `Up ${since(container.startedAt)} (Paused)`;
    case "restarting":
      return `Restarting (${container.exitCode ?? 0}) ${since(container.finishedAt)} ago`;
    case "created":
      return "Created";
    case "removing":
      return "Removal In Progress";
    case "dead":
      return "Dead";
  }
}

/** `GET /containers/{id}/json`. */
export function containerDetails(container: Container, home: string) {
  const { options } = container;
  const network = options.networkMode ?? "bridge";
  return {
    Id: container.id,
    Created: isoTime(container.createdAt),
    Path: container.path,
    Args: container.args,
    State: {
      Status: container.status,
      Running: container.status === "running",
      Paused: false,
      Restarting: false,
      OOMKilled: false,
      Dead: container.status === "dead",
      Pid: container.status === "running" ? (container.pid ?? 0) : 0,
      ExitCode: container.exitCode ?? 0,
      Error: container.error ?? "",
      StartedAt: isoTime(container.startedAt),
      FinishedAt: isoTime(container.finishedAt),
    },
    Image: container.imageId,
    ResolvConfPath: "",
    HostnamePath: "",
    HostsPath: "",
    LogPath: `${home}/containers/${container.id}`,
    Name: `/${container.name}`,
    RestartCount: container.restartCount,
    Driver: "overlay2",
    Platform: "linux",
    MountLabel: "",
    ProcessLabel: "",
    AppArmorProfile: "",
    ExecIDs: null,
    HostConfig: hostConfig(container),
    GraphDriver: { Name: "overlay2", Data: null },
    Mounts: mountPoints(container),
    Config: config(container),
    NetworkSettings: {
      Bridge: "",
      SandboxID: "",
      SandboxKey: "",
      Ports: portMap(container),
      ...addressless,
      Networks: { [network]: endpoint(container) },
    },
  };
}

function config(container: Container) {
  const { options } = container;
  return {
    Hostname: container.hostname,
    Domainname: "",
    User: container.user,
    AttachStdin: options.openStdin === true && options.stdinOnce === true,
    AttachStdout: true,
    AttachStderr: true,
    ExposedPorts: Object.fromEntries(container.exposedPorts.map((port) => [port, {}])),
    Tty: options.tty ?? false,
    OpenStdin: options.openStdin ?? false,
    StdinOnce: options.stdinOnce ?? false,
    Env: container.env,
    Cmd: options.cmd ?? container.args,
    Image: options.image,
    Volumes: null,
    WorkingDir: container.workingDir,
    Entrypoint: options.entrypoint ?? null,
    OnBuild: null,
    Labels: container.labels,
    ...(options.stopSignal === undefined ? {} : { StopSignal: options.stopSignal }),
    ...(options.stopTimeout === undefined ? {} : { StopTimeout: options.stopTimeout }),
  };
}

function hostConfig({ options }: Container) {
  const binds = bindsOf(options.mounts ?? []);
  const tmpfs = tmpfsOf(options.mounts ?? []);
  return {
    Binds: binds.length > 0 ? binds.map((bind) => `${bind.source}:${bind.target}${bind.readOnly ? ":ro" : ""}`) : null,
    ContainerIDFile: "",
    LogConfig: { Type: "json-file", Config: {} },
    NetworkMode: options.networkMode ?? "bridge",
    PortBindings: groupPorts(options.ports ?? []),
    RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
    AutoRemove: options.autoRemove ?? false,
    VolumeDriver: "",
    VolumesFrom: null,
    ConsoleSize: [0, 0],
    CapAdd: options.capAdd ?? null,
    CapDrop: options.capDrop ?? null,
    CgroupnsMode: "private",
    Dns: [],
    DnsOptions: [],
    DnsSearch: [],
    ExtraHosts: options.extraHosts ?? null,
    GroupAdd: null,
    IpcMode: "private",
    Cgroup: "",
    Links: null,
    OomScoreAdj: 0,
    PidMode: "",
    Privileged: options.privileged ?? false,
    PublishAllPorts: options.publishAll ?? false,
    ReadonlyRootfs: options.readOnlyRootfs ?? false,
    SecurityOpt: options.noNewPrivileges ? ["no-new-privileges"] : null,
    ...(tmpfs.length > 0 ? { Tmpfs: Object.fromEntries(tmpfs.map(({ target, options }) => [target, options])) } : {}),
    UTSMode: "",
    UsernsMode: "",
    ShmSize: 67108864,
    Runtime: "drydock",
    Isolation: "",
    Memory: 0,
    NanoCpus: 0,
  };
}

/** Containers have no address that the host could reach; published ports are how to get in. */
const addressless = {
  EndpointID: "",
  Gateway: "",
  GlobalIPv6Address: "",
  GlobalIPv6PrefixLen: 0,
  IPAddress: "",
  IPPrefixLen: 0,
  IPv6Gateway: "",
  MacAddress: "",
};

function endpoint(container: Container) {
  const network = container.options.networkMode ?? "bridge";
  return {
    IPAMConfig: null,
    Links: null,
    Aliases: null,
    DriverOpts: null,
    NetworkID: network.padEnd(64, "0"),
    DNSNames: null,
    ...addressless,
  };
}

function mountPoints({ mounts }: Container) {
  const binds = bindsOf(mounts).map((bind) => ({
    Type: "bind",
    Source: bind.source,
    Destination: bind.target,
    Mode: bind.readOnly ? "ro" : "",
    RW: !bind.readOnly,
    Propagation: "rprivate",
  }));
  const tmpfs = tmpfsOf(mounts).map(({ target }) => ({
    Type: "tmpfs",
    Source: "",
    Destination: target,
    Mode: "",
    RW: true,
    Propagation: "",
  }));
  return [...binds, ...tmpfs];
}

function bindsOf(mounts: readonly ContainerMount[]) {
  return mounts.flatMap((mount) => (mount.type === "bind" ? [mount] : []));
}

function tmpfsOf(mounts: readonly ContainerMount[]) {
  return mounts.flatMap((mount) => (mount.type === "tmpfs" ? [mount] : []));
}

/** Published ports, then the exposed ones that are not. */
function portList(container: Container) {
  const running = container.status === "running" ? container.publishedPorts : [];
  const published = running.map((port) => ({
    IP: port.hostIp || "0.0.0.0",
    PrivatePort: port.containerPort,
    PublicPort: port.hostPort,
    Type: port.protocol,
  }));
  const taken = new Set(running.map(portKey));
  const exposed = container.status === "running" ? container.exposedPorts.filter((port) => !taken.has(port)) : [];
  return [
    ...published,
    ...exposed.map((port) => {
      const [number, protocol = "tcp"] = port.split("/");
      return { PrivatePort: Number(number), Type: protocol };
    }),
  ];
}

/** `{"80/tcp": [{HostIp, HostPort}], "81/tcp": null}`. */
function portMap(container: Container) {
  if (container.status !== "running") return {};
  const exposed = Object.fromEntries(container.exposedPorts.map((port) => [port, null]));
  return { ...exposed, ...groupPorts(container.publishedPorts) };
}

function groupPorts(ports: readonly PortMapping[]) {
  const groups: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    const group = groups[portKey(port)] ?? [];
    groups[portKey(port)] = group;
    group.push({ HostIp: port.hostIp || "0.0.0.0", HostPort: port.hostPort === 0 ? "" : String(port.hostPort) });
  }
  return groups;
}

function portKey(port: PortMapping): string {
  return `${port.containerPort}/${port.protocol}`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
