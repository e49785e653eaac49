import type { ContainerMount, CreateOptions, PortMapping } from "../containers/types.ts";
import { badField, badMount, noNamedVolumes, noSuchNetworkMode } from "./errors.ts";
import { type Fields, fieldsOf } from "./fields.ts";

type Bind = Extract<ContainerMount, { readonly type: "bind" }>;

/** Limits that this engine does not set. Asking for one is answered with a warning, as Docker does without cgroups. */
const limits = [
  "Memory",
  "MemoryReservation",
  "MemorySwap",
  "NanoCpus",
  "CpuShares",
  "CpuQuota",
  "PidsLimit",
  "BlkioWeight",
];

/** What else this engine does not do; the value beside it asks for nothing. */
const ignored: readonly { readonly field: string; readonly unless?: unknown }[] = [
  { field: "Dns" },
  { field: "DnsSearch" },
  { field: "DnsOptions" },
  { field: "Ulimits" },
  { field: "ShmSize", unless: 0 },
  { field: "Sysctls" },
  { field: "Devices" },
  { field: "DeviceRequests" },
  { field: "GroupAdd" },
  { field: "Links" },
  { field: "VolumesFrom" },
];

export interface ParsedCreate {
  readonly options: CreateOptions;
  readonly warnings: readonly string[];
}

/** The body of `POST /containers/create`. @throws EngineError `invalid-argument`, `unsupported` */
export function parseCreate(body: unknown, name: string | undefined): ParsedCreate {
  const config = fieldsOf(body);
  const host = config.object("HostConfig");
  const image = config.text("Image");
  if (!image) throw badField("Image", "the name of an image");
  const warnings: string[] = [];

  const options: CreateOptions = compact({
    name: name?.replace(/^\//, ""),
    image,
    cmd: nonEmpty(config.list("Cmd")),
    entrypoint: entrypoint(config.list("Entrypoint")),
    env: nonEmpty(config.list("Env")),
    workingDir: config.text("WorkingDir") || undefined,
    user: config.text("User") || undefined,
    hostname: config.text("Hostname") || undefined,
    labels: config.record("Labels"),
    tty: config.flag("Tty"),
    openStdin: config.flag("OpenStdin"),
    stdinOnce: config.flag("StdinOnce"),
    stopSignal: config.text("StopSignal") || undefined,
    stopTimeout: config.integer("StopTimeout"),
    exposedPorts: nonEmpty(config.object("ExposedPorts").keys().map(normalPort)),
    ports: nonEmpty(portBindings(host.object("PortBindings"))),
    publishAll: host.flag("PublishAllPorts"),
    mounts: nonEmpty([
      ...tmpfs(host),
      ...(host.list("Binds") ?? []).map(parseBind),
      ...host.objects("Mounts").flatMap(parseMount),
    ]),
    networkMode: networkMode(host.text("NetworkMode"), config),
    autoRemove: host.flag("AutoRemove"),
    readOnlyRootfs: host.flag("ReadonlyRootfs"),
    privileged: host.flag("Privileged"),
    capAdd: capabilities(host.list("CapAdd")),
    capDrop: capabilities(host.list("CapDrop")),
    noNewPrivileges: (host.list("SecurityOpt") ?? []).some((option) => /^no-new-privileges(?:[:=]true)?$/.test(option)),
    extraHosts: nonEmpty(host.list("ExtraHosts")),
  });

  for (const limit of limits) {
    const value = host.raw(limit);
    if (typeof value === "number" && value > 0) warnings.push(`${limit} is not limited: this engine sets no limits.`);
  }
  for (const { field, unless } of ignored) {
    const value = host.raw(field);
    const empty =
      value === undefined || value === null || value === unless || (Array.isArray(value) && value.length === 0);
    if (!empty && !(typeof value === "object" && Object.keys(value).length === 0))
      warnings.push(`${field} is ignored.`);
  }
  if (host.flag("Init")) warnings.push("Init is ignored: the command itself is process 1.");
  const restart = host.object("RestartPolicy").text("Name");
  if (restart && restart !== "no")
    warnings.push(`RestartPolicy "${restart}" is ignored: containers are not restarted.`);
  for (const mode of ["PidMode", "UTSMode", "CgroupnsMode"]) {
    if (host.text(mode) === "host") warnings.push(`${mode} "host" is ignored.`);
  }
  return { options, warnings };
}

/** `[""]` is how `--entrypoint ""` takes the image's away; an empty list says nothing. */
function entrypoint(list: readonly string[] | undefined): readonly string[] | undefined {
  if (!list || list.length === 0) return undefined;
  return list.length === 1 && list[0] === "" ? [] : list;
}

/** `80` → `80/tcp`. @throws `invalid-argument` */
function normalPort(text: string): string {
  const { port, protocol } = parsePort(text);
  return `${port}/${protocol}`;
}

function parsePort(text: string): { readonly port: number; readonly protocol: "tcp" | "udp" } {
  const match = /^(\d{1,5})(?:\/(tcp|udp))?$/i.exec(text);
  const port = Number(match?.[1]);
  if (!match || port < 1 || port > 65535) throw badField(`port "${text}"`, "like 80/tcp");
  return { port, protocol: match[2]?.toLowerCase() === "udp" ? "udp" : "tcp" };
}

function portBindings(bindings: Fields): PortMapping[] {
  return bindings.keys().flatMap((key) => {
    const { port, protocol } = parsePort(key);
    const wanted = bindings.objects(key);
    const targets = wanted.length > 0 ? wanted : [fieldsOf({})];
    return targets.map((target) => {
      const text = target.text("HostPort") ?? "";
      const hostPort = text === "" ? 0 : Number(text);
      if (!/^\d{0,5}$/.test(text) || hostPort > 65535) throw badField(`HostPort "${text}"`, "a port number");
      return { containerPort: port, protocol, hostIp: target.text("HostIp") ?? "", hostPort };
    });
  });
}

/** `/a/folder:/in/the/container[:ro,z,…]`. */
function parseBind(text: string): Bind {
  const [source = "", target = "", mode = "", ...more] = text.split(":");
  if (more.length > 0 || !target.startsWith("/")) throw badMount(text);
  if (!source.startsWith("/")) throw source === "" ? badMount(text) : noNamedVolumes(source);
  return { type: "bind", source, target, readOnly: mode.split(",").includes("ro"), makeSource: true };
}

/** `--mount type=bind,…`; tmpfs is read elsewhere. */
function parseMount(mount: Fields): Bind[] {
  const type = mount.text("Type") ?? "";
  const source = mount.text("Source") ?? "";
  const target = mount.text("Target") ?? "";
  if (type === "tmpfs") return [];
  if (type !== "bind") throw noNamedVolumes(source || target);
  if (!source.startsWith("/") || !target.startsWith("/")) throw badMount(`${source}:${target}`);
  return [{ type: "bind", source, target, readOnly: mount.flag("ReadOnly") ?? false, makeSource: false }];
}

function tmpfs(host: Fields): ContainerMount[] {
  const all = { ...host.record("Tmpfs") };
  for (const mount of host.objects("Mounts")) {
    if (mount.text("Type") !== "tmpfs") continue;
    const size = mount.object("TmpfsOptions").integer("SizeBytes");
    all[mount.text("Target") ?? ""] = size === undefined ? "" : `size=${size}`;
  }
  for (const target of Object.keys(all)) {
    if (!target.startsWith("/")) throw badMount(target);
  }
  return Object.entries(all).map(([target, options]) => ({ type: "tmpfs", target, options }));
}

function networkMode(mode: string | undefined, config: Fields): CreateOptions["networkMode"] {
  if (config.flag("NetworkDisabled")) return "none";
  if (mode === undefined || mode === "" || mode === "default" || mode === "bridge") return undefined;
  if (mode === "host" || mode === "none") return mode;
  throw noSuchNetworkMode(mode);
}

/** `CAP_NET_ADMIN` and `net_admin` are one. */
function capabilities(list: readonly string[] | undefined): readonly string[] | undefined {
  return nonEmpty(list?.map((name) => name.toUpperCase().replace(/^CAP_/, "")));
}

function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list && list.length > 0 ? list : undefined;
}

type Loose<T> = { [K in keyof T]: T[K] | undefined };

/** Absent instead of undefined. */
function compact(options: Loose<CreateOptions> & { readonly image: string }): CreateOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as CreateOptions;
}
