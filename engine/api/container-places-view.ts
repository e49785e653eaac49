// Where a container is, in Docker's words: its mounts, its ports, its networks.
import type { Container, ContainerMount, Endpoint, PortMapping } from "../containers/types.ts";

/** `Mounts`. What `--tmpfs` asked for is not one of them. */
export function mountPoints({ mounts }: Container, mountpointOf: (volume: string) => string) {
  return mounts
    .filter((mount) => mount.type !== "tmpfs" || mount.written === undefined)
    .map((mount) => mountPoint(mount, mountpointOf));
}

function mountPoint(mount: ContainerMount, mountpointOf: (volume: string) => string) {
  const { type: Type, target: Destination } = mount;
  if (mount.type === "tmpfs") {
    return { Type, Source: "", Destination, Mode: "", RW: !/\bro\b/.test(mount.options), Propagation: "" };
  }
  const [Mode, RW] = [mount.written ?? "", !mount.readOnly];
  if (mount.type === "bind") {
    return { Type, Source: mount.source, Destination, Mode, RW, Propagation: mount.propagation ?? "rprivate" };
  }
  const Source = mount.source === "" ? "" : mountpointOf(mount.source);
  const volume = { Type, Name: mount.source, Source, Destination, Driver: "local" };
  // Docker's mode of a volume that has none, unless it is one without a name.
  return { ...volume, Mode: Mode || (mount.anonymous && mount.written !== undefined ? "" : "z"), RW, Propagation: "" };
}

/** `Binds` of a HostConfig: what was written as `-v source:target`. */
export function bindsView(mounts: readonly ContainerMount[]): string[] {
  return mounts.flatMap((mount) =>
    mount.type !== "tmpfs" && mount.written !== undefined && mount.source !== ""
      ? [`${mount.source}:${mount.target}${mount.written === "" ? "" : `:${mount.written}`}`]
      : [],
  );
}

export function tmpfsView(mounts: readonly ContainerMount[]): Record<string, string> | undefined {
  const found = mounts.flatMap((mount) =>
    mount.type === "tmpfs" && mount.written !== undefined ? [[mount.target, mount.written] as const] : [],
  );
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

/** `Mounts` of a HostConfig: what was written as `--mount`. */
export function mountsView(mounts: readonly ContainerMount[]): Readonly<Record<string, unknown>>[] {
  return mounts.filter(({ written }) => written === undefined).map(mountView);
}

function mountView(mount: ContainerMount): Readonly<Record<string, unknown>> {
  const { type: Type, target: Target } = mount;
  if (mount.type === "tmpfs") return { Type, Target, TmpfsOptions: tmpfsOptions(mount.options) };
  const common = { Type, Source: mount.source, Target, ...(mount.readOnly ? { ReadOnly: true } : {}) };
  if (mount.type === "bind") {
    const { propagation } = mount;
    return { ...common, ...(propagation ? { BindOptions: { Propagation: propagation } } : {}) };
  }
  const options = {
    ...(mount.noCopy ? { NoCopy: true } : {}),
    ...(mount.labels ? { Labels: mount.labels } : {}),
    ...(mount.subpath === undefined ? {} : { Subpath: mount.subpath }),
    ...(mount.driverOptions ? { DriverConfig: { Name: "local", Options: mount.driverOptions } } : {}),
  };
  return { ...common, ...(Object.keys(options).length > 0 ? { VolumeOptions: options } : {}) };
}

function tmpfsOptions(options: string) {
  const size = /(?:^|,)size=(\d+)/.exec(options)?.[1];
  const mode = /(?:^|,)mode=([0-7]+)/.exec(options)?.[1];
  return {
    ...(size === undefined ? {} : { SizeBytes: Number(size) }),
    ...(mode === undefined ? {} : { Mode: Number.parseInt(mode, 8) }),
  };
}

/** What a port without an address listens on, in Docker's words. */
const everywhere = ["0.0.0.0", "::"];

/** Published ports, then the exposed ones that are not. */
export function portList(container: Container) {
  const isUp = container.status === "running" || container.status === "paused";
  const running = isUp ? container.publishedPorts : [];
  const published = running.flatMap(({ hostIp, containerPort, hostPort, protocol }) =>
    (hostIp ? [hostIp] : everywhere).map((IP) => ({
      IP,
      PrivatePort: containerPort,
      PublicPort: hostPort,
      Type: protocol,
    })),
  );
  const taken = new Set(running.map(portKey));
  const exposed = isUp ? container.exposedPorts.filter((port) => !taken.has(port)) : [];
  return [
    ...published,
    ...exposed.map((port) => {
      const [number, protocol = "tcp"] = port.split("/");
      return { PrivatePort: Number(number), Type: protocol };
    }),
  ];
}

/** `{"80/tcp": [{HostIp, HostPort}], "81/tcp": null}`. */
export function portMap(container: Container) {
  if (container.status !== "running" && container.status !== "paused") return {};
  const exposed = Object.fromEntries(container.exposedPorts.map((port) => [port, null]));
  return { ...exposed, ...groupPorts(container.publishedPorts, everywhere) };
}

/** `unwritten`: the addresses that are shown for none. */
export function groupPorts(ports: readonly PortMapping[], unwritten: readonly string[] = [""]) {
  const groups: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    const group = groups[portKey(port)] ?? [];
    groups[portKey(port)] = group;
    const HostPort = port.hostPort === 0 ? "" : String(port.hostPort);
    for (const HostIp of port.hostIp ? [port.hostIp] : unwritten) group.push({ HostIp, HostPort });
  }
  return groups;
}

function portKey(port: PortMapping): string {
  return `${port.containerPort}/${port.protocol}`;
}

/** By the network's name. A container in another's network has none. */
export function networksOf(container: Container): Record<string, ReturnType<typeof endpointView>> {
  const { networkMode = "bridge" } = container.options;
  if (networkMode.startsWith("container:")) return {};
  const endpoints =
    container.endpoints.length > 0
      ? container.endpoints
      : [{ networkId: "", networkName: networkMode, aliases: [], options: {} }];
  return Object.fromEntries(endpoints.map((endpoint) => [endpoint.networkName, endpointView(container, endpoint)]));
}

function endpointView(container: Container, endpoint: Endpoint) {
  const { options } = endpoint;
  const fixed = { IPv4Address: options.ipv4, IPv6Address: options.ipv6 };
  const isUp = endpoint.ipv4 !== undefined;
  const isDefault = ["bridge", "host", "none"].includes(endpoint.networkName);
  const names = [container.name, ...endpoint.aliases, container.id.slice(0, 12)];
  return {
    IPAMConfig: fixed.IPv4Address || fixed.IPv6Address ? fixed : null,
    Links: options.links ?? null,
    Aliases: endpoint.aliases.length > 0 ? endpoint.aliases : null,
    DriverOpts: null,
    GwPriority: 0,
    NetworkID: endpoint.networkId,
    // Only networks of one's own have names for their containers.
    DNSNames: isDefault ? null : [...new Set(names)],
    EndpointID: isUp ? container.id : "",
    Gateway: endpoint.gateway ?? "",
    IPAddress: endpoint.ipv4 ?? "",
    IPPrefixLen: endpoint.prefixLength ?? 0,
    IPv6Gateway: "",
    GlobalIPv6Address: "",
    GlobalIPv6PrefixLen: 0,
    MacAddress: endpoint.macAddress ?? options.macAddress ?? "",
  };
}
