import type { ContainerConfig } from "../oci/types.ts";
import { invalidPort, noCommand, relativeWorkingDir } from "./errors.ts";
import { hasOwnNetwork } from "./networks/modes.ts";
import { parseSignal } from "./signals.ts";
import type { Container, CreateOptions, PortMapping } from "./types.ts";

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export type MergedConfig = Pick<
  Container,
  "path" | "args" | "env" | "workingDir" | "user" | "labels" | "exposedPorts"
> & { readonly stopSignal: string };

/** What the caller asked for over what the image says, by Docker's rules. @throws EngineError `invalid-argument` */
export function mergeConfig(options: CreateOptions, image: ContainerConfig): MergedConfig {
  const [path, ...args] = commandOf(options, image);
  if (path === undefined) throw noCommand(options.image);
  const workingDir = options.workingDir || image.WorkingDir || "/";
  if (!workingDir.startsWith("/")) throw relativeWorkingDir(workingDir);
  const stopSignal = options.stopSignal || image.StopSignal || "TERM";
  parseSignal(stopSignal);
  return {
    path,
    args,
    env: mergeEnv(image.Env ?? [], options.env ?? []),
    workingDir,
    user: options.user || image.User || "",
    labels: { ...image.Labels, ...options.labels },
    exposedPorts: exposedPorts(options, image),
    stopSignal,
  };
}

/**
 * A given entrypoint resets the image's command as well. `[""]` is how "no entrypoint" is written
 * (`docker run --entrypoint ""`): undefined would mean the image's.
 */
function commandOf(options: CreateOptions, image: ContainerConfig): readonly string[] {
  const ownEntrypoint = options.entrypoint !== undefined && options.entrypoint.length > 0;
  const entrypoint = (ownEntrypoint ? options.entrypoint : image.Entrypoint) ?? [];
  const cmd = options.cmd?.length ? options.cmd : ownEntrypoint ? [] : (image.Cmd ?? []);
  return entrypoint.length === 1 && entrypoint[0] === "" ? cmd : [...entrypoint, ...cmd];
}

/** Later entries win and keep the place of the first; a name without `=` takes the variable away. */
export function mergeEnv(...lists: readonly (readonly string[])[]): string[] {
  const merged = new Map<string, string>();
  for (const entry of lists.flat()) {
    const equals = entry.indexOf("=");
    if (equals < 0) merged.delete(entry);
    else if (equals > 0) merged.set(entry.slice(0, equals), entry);
  }
  return [...merged.values()];
}

/** The whole environment of a process: what Docker adds, then the container's, then the process's own. */
export function processEnv(
  container: Pick<Container, "env" | "hostname">,
  process: {
    readonly tty: boolean;
    readonly home: string;
    readonly env?: readonly string[];
    /** Of containers that it is linked with. */
    readonly links?: readonly string[];
  },
): string[] {
  const base = [`PATH=${defaultPath}`, `HOSTNAME=${container.hostname}`, ...(process.tty ? ["TERM=xterm"] : [])];
  const env = mergeEnv(base, process.links ?? [], container.env, process.env ?? []);
  return env.some((entry) => entry.startsWith("HOME=")) ? env : [...env, `HOME=${process.home}`];
}

function exposedPorts(options: CreateOptions, image: ContainerConfig): string[] {
  const all = [
    ...Object.keys(image.ExposedPorts ?? {}),
    ...(options.exposedPorts ?? []),
    ...(options.ports ?? []).map(({ containerPort, protocol }) => `${containerPort}/${protocol}`),
  ];
  return [...new Set(all.map((text) => formatPort(parsePort(text))))];
}

interface ContainerPort {
  readonly port: number;
  readonly protocol: "tcp" | "udp";
}

/** `80`, `80/tcp`, `53/UDP`. @throws EngineError `invalid-argument` */
export function parsePort(text: string): ContainerPort {
  const found = /^(\d{1,5})(?:\/(tcp|udp))?$/i.exec(text);
  const port = Number(found?.[1]);
  if (!found || port < 1 || port > 65535) throw invalidPort(text);
  return { port, protocol: found[2]?.toLowerCase() === "udp" ? "udp" : "tcp" };
}

function formatPort({ port, protocol }: ContainerPort): string {
  return `${port}/${protocol}`;
}

/** The mappings to open: those asked for, and with `publishAll` every other exposed port on a free host port. */
export function portsToPublish(container: Pick<Container, "options" | "exposedPorts">): PortMapping[] {
  const { ports = [], publishAll = false, networkMode = "bridge" } = container.options;
  // With the host's network there is nothing to forward; without a network there is nowhere to forward to.
  if (!hasOwnNetwork(networkMode)) return [];
  for (const { containerPort, hostPort } of ports) {
    if (!(containerPort >= 1 && containerPort <= 65535)) throw invalidPort(String(containerPort));
    if (!(hostPort >= 0 && hostPort <= 65535)) throw invalidPort(String(hostPort));
  }
  if (!publishAll) return [...ports];
  const mapped = new Set(ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`));
  const rest = container.exposedPorts.filter((text) => !mapped.has(text)).map(parsePort);
  return [...ports, ...rest.map(({ port, protocol }) => ({ containerPort: port, protocol, hostIp: "", hostPort: 0 }))];
}
