import dgram from "node:dgram";
import net from "node:net";
import os from "node:os";
import { portInUse, portPrivileged, portUnusable } from "./errors.ts";
import type { PortMapping } from "./types.ts";

/** A host port that is taken: the file descriptor is to be inherited by the monitor. */
export interface OpenPort {
  /** With the port really taken, and 0.0.0.0 instead of no address where there is no IPv6. */
  readonly mapping: PortMapping;
  readonly fd: number;
  /** Closes this process's copy. */
  close(): void;
}

/**
 * Opens all or none. The caller must hand the descriptors on and close them without waiting for anything in between:
 * Node accepts connections from its next turn on, and such a connection would be lost.
 * `ownerOf` names the container that publishes a port.
 * @throws EngineError `port-in-use`, `port-privileged`, `invalid-argument`
 */
export async function openPorts(
  mappings: readonly PortMapping[],
  ownerOf: (mapping: PortMapping) => string | undefined,
): Promise<OpenPort[]> {
  const open: OpenPort[] = [];
  try {
    for (const mapping of mappings) open.push(await openPort(mapping));
    return open;
  } catch (error) {
    for (const port of open) port.close();
    const failed = mappings[open.length];
    throw failed ? await explain(failed, error, ownerOf) : error;
  }
}

async function explain(
  mapping: PortMapping,
  error: unknown,
  ownerOf: (mapping: PortMapping) => string | undefined,
): Promise<unknown> {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return portInUse(mapping, ownerOf(mapping), await nextFree(mapping));
  if (code === "EACCES")
    return portPrivileged(mapping, await nextFree({ ...mapping, hostPort: 8000 + mapping.hostPort }));
  return portUnusable(mapping, error);
}

/** The next port above that could be taken, if one of the next fifty can. */
async function nextFree(mapping: PortMapping): Promise<number | undefined> {
  for (let hostPort = mapping.hostPort + 1; hostPort <= Math.min(mapping.hostPort + 50, 65535); hostPort += 1) {
    try {
      (await openPort({ ...mapping, hostPort })).close();
      return hostPort;
    } catch {
      // Taken as well.
    }
  }
  return undefined;
}

/** Without an address one socket takes both families, so that the port is the same in both. */
function openPort(asked: PortMapping): Promise<OpenPort> {
  const mapping = asked.hostIp === "" && !hasIpv6() ? { ...asked, hostIp: "0.0.0.0" } : asked;
  return mapping.protocol === "udp" ? openUdp(mapping) : openTcp(mapping);
}

/** Also a kernel with IPv6 that is switched off binds `::`, but nobody can come that way. */
function hasIpv6(): boolean {
  return Object.values(os.networkInterfaces()).some((addresses) => addresses?.some(({ family }) => family === "IPv6"));
}

async function openTcp(mapping: PortMapping): Promise<OpenPort> {
  const server = net.createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(
      { port: mapping.hostPort, host: numeric(mapping.hostIp), ipv6Only: mapping.hostIp === "::" },
      resolve,
    );
  });
  const address = server.address();
  const fd = descriptorOf(server);
  if (fd === undefined || address === null || typeof address === "string") throw new Error("no listening socket");
  return { mapping: { ...mapping, hostPort: address.port }, fd, close: () => server.close() };
}

async function openUdp(mapping: PortMapping): Promise<OpenPort> {
  const socket = dgram.createSocket({ type: udpType(mapping), ipv6Only: mapping.hostIp === "::" });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ port: mapping.hostPort, address: numeric(mapping.hostIp), exclusive: true }, resolve);
  });
  const fd = descriptorOf(socket);
  if (fd === undefined) throw new Error("no datagram socket");
  return { mapping: { ...mapping, hostPort: socket.address().port }, fd, close: () => socket.close() };
}

export function udpType({ hostIp }: PortMapping): "udp4" | "udp6" {
  return net.isIPv4(hostIp) ? "udp4" : "udp6";
}

/** A name would be looked up, and could be anybody's. */
function numeric(hostIp: string): string {
  if (hostIp === "") return "::";
  if (net.isIP(hostIp) === 0) throw new Error(`not an IP address: ${hostIp}`);
  return hostIp;
}

/**
 * The descriptor behind a server or a datagram socket. Node has no public way to it; both have kept it here since
 * Node 0.x (net.Server) and 12 (dgram), and a test notices when they stop.
 */
function descriptorOf(owner: object): number | undefined {
  const states = Object.getOwnPropertySymbols(owner).map((symbol) => field(Reflect.get(owner, symbol), "handle"));
  // The socket's own _handle is asked last: of a datagram socket it is deprecated, with a warning.
  for (const handle of [...states, owner instanceof net.Server ? field(owner, "_handle") : undefined]) {
    const fd = field(handle, "fd");
    if (typeof fd === "number" && fd >= 0) return fd;
  }
  return undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (Reflect.get(value, name) as unknown) : undefined;
}
