import {
  contains,
  formatAddress,
  formatSubnet,
  lastOf,
  overlaps,
  parseAddress,
  parseSubnet,
  type Subnet,
} from "../../base/ip-address.ts";
import { addressTaken, invalidSubnet, noFreeAddress, noFreeSubnet, notInSubnet } from "./errors.ts";
import type { Network, NetworkSubnet } from "./types.ts";

/** Docker's default pools, after the one of the default bridge. */
const pool: readonly string[] = [
  ...Array.from({ length: 15 }, (_, index) => `172.${17 + index}.0.0/16`),
  ...Array.from({ length: 16 }, (_, index) => `192.168.${16 * index}.0/20`),
];

/** The first subnet of the pool that touches none of these. @throws EngineError `conflict` */
export function freeSubnet(taken: readonly Subnet[]): NetworkSubnet {
  for (const text of pool) {
    const subnet = parseSubnet(text);
    if (subnet && !taken.some((other) => overlaps(other, subnet))) return completeSubnet({ subnet: text });
  }
  throw noFreeSubnet();
}

/** With its gateway, all parts checked. @throws EngineError `invalid-argument` */
export function completeSubnet(wish: Partial<NetworkSubnet>): NetworkSubnet {
  const subnet = parseSubnet(wish.subnet ?? "");
  const smallest = subnet?.family === 6 ? 126 : 30;
  if (!subnet || subnet.prefixLength > smallest) throw invalidSubnet(wish.subnet ?? "");
  const within = (text: string) => {
    const address = parseAddress(text);
    if (!address || !contains(subnet, address)) throw notInSubnet(text, formatSubnet(subnet));
    return formatAddress(address);
  };
  const range = wish.range ? parseSubnet(wish.range) : undefined;
  if (wish.range && !range) throw invalidSubnet(wish.range);
  if (range) for (const value of [range.first, lastOf(range)]) within(formatAddress({ ...range, value }));
  return {
    subnet: formatSubnet(subnet),
    gateway: wish.gateway ? within(wish.gateway) : formatAddress({ ...subnet, value: subnet.first + 1n }),
    ...(range ? { range: formatSubnet(range) } : {}),
    ...(wish.reserved
      ? { reserved: Object.fromEntries(Object.entries(wish.reserved).map(([name, text]) => [name, within(text)])) }
      : {}),
  };
}

/** A moment ago it was somebody else's, whose interface the kernel may still be taking away. */
const coolingMs = 3000;

interface Owner {
  readonly container: string;
  /** ms; present when it is free again. */
  readonly leftAt?: number;
}

/** Who has which address of a network. */
export class AddressBook {
  readonly #network: Network;
  readonly #now: () => number;
  readonly #owners = new Map<string, Owner>();

  constructor(network: Network, now: () => number) {
    this.#network = network;
    this.#now = now;
  }

  /** The lowest free address, or the one that this container had last. Undefined without a subnet of the family. */
  allocate(family: 4 | 6, container: string, wish?: string): { address: string; subnet: NetworkSubnet } | undefined {
    const subnets = this.#network.subnets.flatMap((entry) => {
      const subnet = parseSubnet(entry.subnet);
      return subnet?.family === family ? [{ entry, subnet }] : [];
    });
    const [first] = subnets;
    if (!first) return undefined;
    if (wish) {
      const address = parseAddress(wish);
      const home = subnets.find(({ subnet }) => address && contains(subnet, address));
      if (!address || !home) throw notInSubnet(wish, subnets.map(({ entry }) => entry.subnet).join(", "));
      const text = formatAddress(address);
      if (this.#isReserved(home.entry, text) || this.#isTaken(text)) throw addressTaken(text, this.#network.name);
      this.#owners.set(text, { container });
      return { address: text, subnet: home.entry };
    }
    const found = this.#former(subnets, container) ?? this.#lowest(subnets, false) ?? this.#lowest(subnets, true);
    if (!found) throw noFreeAddress(this.#network.name);
    this.#owners.set(found.address, { container });
    return found;
  }

  /** Of a container that runs already. */
  take(address: string, container: string): void {
    this.#owners.set(address, { container });
  }

  release(container: string): void {
    for (const [address, owner] of this.#owners) {
      if (owner.container === container && owner.leftAt === undefined)
        this.#owners.set(address, { container, leftAt: this.#now() });
    }
  }

  #former(subnets: readonly { entry: NetworkSubnet; subnet: Subnet }[], container: string) {
    for (const [address, owner] of this.#owners) {
      if (owner.container !== container || owner.leftAt === undefined) continue;
      const parsed = parseAddress(address);
      const home = subnets.find(({ subnet }) => parsed && contains(subnet, parsed));
      if (home) return { address, subnet: home.entry };
    }
    return undefined;
  }

  #lowest(subnets: readonly { entry: NetworkSubnet; subnet: Subnet }[], evenCooling: boolean) {
    for (const { entry, subnet } of subnets) {
      const area = parseSubnet(entry.range ?? entry.subnet) ?? subnet;
      const { family } = subnet;
      // The first address names the subnet, the last one of IPv4 is for broadcasts.
      const last = family === 4 ? lastOf(subnet) - 1n : lastOf(subnet);
      for (let value = area.first; value <= lastOf(area) && value <= last; value += 1n) {
        if (value === subnet.first) continue;
        const address = formatAddress({ family, value });
        if (this.#isReserved(entry, address) || this.#isTaken(address)) continue;
        const leftAt = this.#owners.get(address)?.leftAt;
        if (leftAt !== undefined && !evenCooling && this.#now() - leftAt < coolingMs) continue;
        return { address, subnet: entry };
      }
    }
    return undefined;
  }

  #isTaken(address: string): boolean {
    const owner = this.#owners.get(address);
    return owner !== undefined && owner.leftAt === undefined;
  }

  #isReserved({ gateway, reserved = {} }: NetworkSubnet, address: string): boolean {
    return address === gateway || Object.values(reserved).includes(address);
  }
}
