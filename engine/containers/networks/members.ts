import os from "node:os";
import { extraHosts, hostsFile, wantsHostGateway } from "../etc-files.ts";
import { shortId } from "../names.ts";
import type { Container, Endpoint } from "../types.ts";
import { isPredefined } from "./catalog.ts";
import { type NamesEntry, type NamesTable, placeOf } from "./names.ts";

/** A container that runs in networks of ours. */
export interface Member {
  readonly container: Container;
  /** With addresses. */
  readonly endpoints: readonly Endpoint[];
  /** Name → container id. */
  readonly links: Readonly<Record<string, string>>;
  /** Resolvers of the way out. */
  readonly upstreams: readonly string[];
}

export type Members = ReadonlyMap<string, Member>;

/** Those in networks with names. */
export function userDefined(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  return endpoints.filter(({ networkName }) => !isPredefined(networkName));
}

export function namesTable(members: Members): NamesTable {
  const entries = [...members.values()].map((member): readonly [string, NamesEntry] => {
    const { container, endpoints, links, upstreams } = member;
    const names = [container.name, shortId(container.id), container.hostname];
    const places = userDefined(endpoints).map((endpoint) => [endpoint.networkId, placeOf(endpoint, names)] as const);
    const asked = container.options.dns?.length ? container.options.dns : upstreams;
    const networks = Object.fromEntries(places);
    return [container.id, { name: container.name, networks, links, upstreams: asked, endpoints }];
  });
  return { containers: Object.fromEntries(entries) };
}

/** `hostAddress`: the host as the way out shows it, its loopback included when that was asked for. */
export function hostsText(members: Members, member: Member, hostAddress: string | undefined): string {
  const { container, endpoints } = member;
  const addresses = endpoints.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6].filter((address) => address !== undefined));
  const gateway = hostAddress && (wantsHostGateway(container.options) ? hostAddress : hostOutside());
  const given = extraHosts(container.options, gateway).map((line) => line.split("\t")[1]);
  const hostNames = ["host.docker.internal", "host.containers.internal"].filter((name) => !given.includes(name));
  return hostsFile(container, {
    addresses,
    ...(gateway && { hostGateway: gateway }),
    more: [
      ...(gateway && hostNames.length > 0 ? [`${gateway}\t${hostNames.join(" ")}`] : []),
      ...linkLines(members, member),
    ],
  });
}

/** In the default bridge there is no DNS of ours: links are lines of the hosts file. */
export function linkLines(members: Members, { links, endpoints }: Member): string[] {
  const own = endpoints.find(({ networkName }) => networkName === "bridge");
  if (!own) return [];
  return [...new Set(Object.values(links))].flatMap((id) => {
    const other = members.get(id);
    const address = other?.endpoints.find(({ networkId }) => networkId === own.networkId)?.ipv4;
    const aliases = Object.entries(links).flatMap(([alias, target]) => (target === id ? [alias] : []));
    const names = new Set([...aliases, other?.container.hostname, other?.container.name]);
    return address ? [`${address}\t${[...names].join(" ")}`] : [];
  });
}

/** The host's first address that others reach it by; a container reaches it there through its way out. */
function hostOutside(): string | undefined {
  return Object.values(os.networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .find(({ internal, family }) => !internal && family === "IPv4")?.address;
}
