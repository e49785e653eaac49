import { readFileSync, statSync } from "node:fs";
import type { Endpoint } from "../types.ts";

/**
 * `<home>/networks/names.json`: who is in which user-defined network under which names. Written by the engine as a whole whenever
 * it changes, read by the monitors of all containers, which answer their containers' DNS questions from it.
 */
export interface NamesTable {
  /** By container id. */
  readonly containers: Readonly<Record<string, NamesEntry>>;
}

export interface NamesEntry {
  /** The container's own name: what its address is called. */
  readonly name: string;
  /** By network id. */
  readonly networks: Readonly<Record<string, NamesPlace>>;
  /** Names that only this container uses for others, which it was linked with: name → container id. */
  readonly links: Readonly<Record<string, string>>;
  /** Who is asked for all other names, in this order. */
  readonly upstreams: readonly string[];
  /** For the next engine: all endpoints, with those in networks without names. */
  readonly endpoints: readonly Endpoint[];
}

export interface NamesPlace {
  readonly network: string;
  /** Lower case. */
  readonly names: readonly string[];
  readonly addresses: readonly string[];
}

export function placeOf(endpoint: Endpoint, names: readonly string[]): NamesPlace {
  return {
    network: endpoint.networkName,
    names: [...new Set([...names, ...endpoint.aliases].map((name) => name.toLowerCase()))],
    addresses: [endpoint.ipv4, endpoint.ipv6].filter((address) => address !== undefined),
  };
}

/** Reads the table again when its file has changed: one stat a question. What it said last counts while it cannot be read. */
export function namesReader(file: string): () => NamesTable {
  let table: NamesTable = { containers: {} };
  let version = "";
  return () => {
    try {
      const { ino, mtimeNs } = statSync(file, { bigint: true });
      const current = `${ino} ${mtimeNs}`;
      if (current !== version) {
        table = JSON.parse(readFileSync(file, "utf8")) as NamesTable;
        version = current;
      }
    } catch {
      // The engine's home is being moved or taken away.
    }
    return table;
  };
}

/** Addresses that the container `id` is told for a name. Undefined: it is none of ours. */
export function lookUp(table: NamesTable, id: string, question: string): readonly string[] | undefined {
  const self = table.containers[id];
  if (!self) return undefined;
  const wanted = question.toLowerCase();
  const linked = self.links[wanted];
  const addresses: string[] = [];
  for (const [networkId, own] of Object.entries(self.networks)) {
    const suffix = `.${own.network.toLowerCase()}`;
    const short = wanted.endsWith(suffix) ? wanted.slice(0, -suffix.length) : undefined;
    for (const [otherId, other] of Object.entries(table.containers)) {
      const place = other.networks[networkId];
      if (!place) continue;
      if (otherId === linked || place.names.includes(wanted) || (short !== undefined && place.names.includes(short)))
        addresses.push(...place.addresses);
    }
  }
  return addresses.length > 0 ? [...new Set(addresses)] : undefined;
}

/** Whose address it is, as seen from the container `id`. */
export function nameOfAddress(table: NamesTable, id: string, address: string): string | undefined {
  for (const [networkId, own] of Object.entries(table.containers[id]?.networks ?? {})) {
    for (const other of Object.values(table.containers)) {
      if (other.networks[networkId]?.addresses.includes(address)) return `${other.name}.${own.network}`;
    }
  }
  return undefined;
}
