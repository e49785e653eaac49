import type { Container, Endpoint, EndpointOptions } from "../types.ts";
import { invalidMac, linkNotRunning, onlyUserDefined } from "./errors.ts";
import type { Network } from "./types.ts";

/** What stays of it when the container has ended. */
export function withoutAddress({ networkId, networkName, aliases, options }: Endpoint): Endpoint {
  return { networkId, networkName, aliases, options };
}

/** @throws EngineError `invalid-argument` for what the network does not give */
export function endpointFor(network: Network, options: EndpointOptions): Endpoint {
  const { aliases = [], macAddress } = options;
  if (network.name === "bridge") {
    if (aliases.length > 0) throw onlyUserDefined("alias");
    if (options.ipv4 || options.ipv6) throw onlyUserDefined("address");
  }
  if (macAddress && !/^[\da-f][02468ace](:[\da-f]{2}){5}$/i.test(macAddress)) throw invalidMac(macAddress);
  return { networkId: network.id, networkName: network.name, aliases, options };
}

export function freeInterface(endpoints: readonly Endpoint[]): string {
  for (let index = 0; ; index += 1) {
    if (!endpoints.some(({ interfaceName }) => interfaceName === `eth${index}`)) return `eth${index}`;
  }
}

/** Name → id of a running container. */
export function linksOf(
  endpoints: readonly Endpoint[],
  find: (nameOrId: string) => Container,
): Readonly<Record<string, string>> {
  const links = endpoints.flatMap(({ options }) => options.links ?? []);
  return Object.fromEntries(
    links.map((link) => {
      const [target = "", alias = target] = link.split(":");
      const other = find(target);
      if (other.status !== "running") throw linkNotRunning(target);
      return [alias.toLowerCase(), other.id];
    }),
  );
}
