import { type Message, msg } from "../../engine/base/message.ts";

/** One `-p`: `3000:80`, `127.0.0.1:3000:80/udp`, or `80` for any free host port. */
export interface PublishedPort {
  readonly hostIp: string;
  /** 0: any free port. */
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: "tcp" | "udp";
}

/** Parses what `docker run -p` takes; several are separated by commas or blanks. */
export function parsePorts(text: string): { ports: PublishedPort[] } | { problem: Message } {
  const ports: PublishedPort[] = [];
  for (const part of text.split(/[\s,]+/).filter(Boolean)) {
    const match = /^(?:(?:(\[[0-9a-fA-F:]+\]|[0-9.]+):)?(\d*):)?(\d+)(?:\/(tcp|udp))?$/.exec(part);
    const hostPort = Number(match?.[2] || 0);
    const containerPort = Number(match?.[3]);
    if (!match || hostPort > 65535 || containerPort < 1 || containerPort > 65535) {
      return { problem: msg('"{text}" is not a port mapping. Write host:container, like 3000:80.', { text: part }) };
    }
    const hostIp = (match[1] ?? "").replace(/^\[|\]$/g, "");
    ports.push({ hostIp, hostPort, containerPort, protocol: match[4] === "udp" ? "udp" : "tcp" });
  }
  return { ports };
}

/** The form of the Engine API: `ExposedPorts` and `HostConfig.PortBindings`. */
export function portOptions(ports: readonly PublishedPort[]): {
  ExposedPorts: Record<string, object>;
  PortBindings: Record<string, { HostIp: string; HostPort: string }[]>;
} {
  const ExposedPorts: Record<string, object> = {};
  const PortBindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    const key = `${port.containerPort}/${port.protocol}`;
    ExposedPorts[key] = {};
    PortBindings[key] ??= [];
    PortBindings[key].push({ HostIp: port.hostIp, HostPort: port.hostPort === 0 ? "" : String(port.hostPort) });
  }
  return { ExposedPorts, PortBindings };
}

/**
 * What to offer for the ports an image exposes. Ports below 1024 need root on the host and are moved up:
 * 80 is offered at 3000, where a learner's browser looks first.
 */
export async function suggestPorts(
  exposed: readonly string[],
  isFree: (port: number) => Promise<boolean>,
): Promise<string> {
  const offered = new Map<number, string>();
  for (const key of exposed) {
    if (key.endsWith("/sctp")) continue;
    const container = Number.parseInt(key, 10);
    let host = container >= 1024 ? container : container === 80 ? 3000 : 8000 + (container % 1000);
    while (host < 65535 && (offered.has(host) || !(await isFree(host)))) host++;
    offered.set(host, `${host}:${container}${key.endsWith("/udp") ? "/udp" : ""}`);
  }
  return [...offered.values()].join(", ");
}

/** `3000→80`, each once (the API lists IPv4 and IPv6 apart). */
export function publishedPorts(ports: readonly { PublicPort?: number; PrivatePort: number; Type: string }[]): string[] {
  const shown = ports
    .filter((port) => port.PublicPort)
    .map((port) => `${port.PublicPort}→${port.PrivatePort}${port.Type === "udp" ? "/udp" : ""}`);
  return [...new Set(shown)];
}
