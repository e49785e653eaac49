import type { Container } from "../types.ts";
import type { Member, Members } from "./members.ts";

/** Of the other container's own variables these two say nothing to others. */
const ownOnly = ["HOME", "PATH"];

/**
 * What a container on the default bridge is told about those that it is linked with, as programs of old look for it:
 * `DB_PORT=tcp://172.17.0.2:5432`. Networks with names have no such variables.
 */
export function linkVariables(members: Members, { container, endpoints, links }: Member): string[] {
  const own = endpoints.find(({ networkName }) => networkName === "bridge");
  return (own?.options.links ?? []).flatMap((link) => {
    const [target = "", alias = target] = link.split(":");
    const other = members.get(links[alias.toLowerCase()] ?? "");
    const address = other?.endpoints.find(({ networkId }) => networkId === own?.networkId)?.ipv4;
    return other && address ? variablesOf(other.container, { address, alias, user: container.name }) : [];
  });
}

function variablesOf(
  { exposedPorts, env }: Container,
  { address, alias, user }: { readonly address: string; readonly alias: string; readonly user: string },
): string[] {
  const start = alias.toUpperCase().replaceAll("-", "_");
  const ports = exposedPorts.map(portOf).sort((a, b) => a.port - b.port || (a.protocol === "tcp" ? -1 : 1));
  const [first] = ports;
  const place = ({ protocol, port }: Port) => `${protocol}://${address}:${port}`;
  const own = env.filter((entry) => entry.includes("=") && !ownOnly.includes(entry.slice(0, entry.indexOf("="))));
  return [
    ...(first ? [`${start}_PORT=${place(first)}`] : []),
    ...rangesOf(ports).flatMap(([low, high]) => {
      const name = `${start}_PORT_${low.port}_${low.protocol.toUpperCase()}`;
      return [
        `${name}_START=${place(low)}`,
        `${name}_PORT_START=${low.port}`,
        `${name}_END=${place(high)}`,
        `${name}_PORT_END=${high.port}`,
      ];
    }),
    ...ports.flatMap((port) => {
      const name = `${start}_PORT_${port.port}_${port.protocol.toUpperCase()}`;
      return [
        `${name}=${place(port)}`,
        `${name}_ADDR=${address}`,
        `${name}_PORT=${port.port}`,
        `${name}_PROTO=${port.protocol}`,
      ];
    }),
    `${start}_NAME=/${user}/${alias}`,
    ...own.map((entry) => `${start}_ENV_${entry}`),
  ];
}

interface Port {
  readonly port: number;
  readonly protocol: string;
}

function portOf(text: string): Port {
  const [port = "", protocol = "tcp"] = text.split("/");
  return { port: Number(port), protocol };
}

/** Three or more of one protocol without a gap. */
function rangesOf(ports: readonly Port[]): (readonly [Port, Port])[] {
  return ports.flatMap((low) => {
    const has = (port: number) => ports.find((one) => one.port === port && one.protocol === low.protocol);
    if (has(low.port - 1)) return [];
    let high = low;
    for (let next = has(low.port + 1); next; next = has(next.port + 1)) high = next;
    return high.port - low.port >= 2 ? [[low, high] as const] : [];
  });
}
