import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { formatSubnet, overlaps, parseSubnet, type Subnet } from "../../base/ip-address.ts";
import { helperSubnet, hostRoutes } from "../../runtime/host-routes.ts";
import { readJson, writeJson } from "../folder.ts";
import { generateId } from "../names.ts";
import { completeSubnet, freeSubnet } from "./address-book.ts";
import {
  ambiguousNetwork,
  driverUnsupported,
  invalidNetworkName,
  networkNameTaken,
  noSuchNetwork,
  onlyOneNetwork,
  poolOverlaps,
  predefinedNetwork,
  unknownDriver,
} from "./errors.ts";
import type { Network, NetworkWish } from "./types.ts";

export const namesFileName = "names.json";

/** Which networks there are: three that nobody made, and those in files. */
export class NetworkCatalog {
  readonly #dir: string;
  readonly #now: () => number;
  readonly #networks = new Map<string, Network>();

  constructor(home: string, now: () => number) {
    this.#dir = path.join(home, "networks");
    this.#now = now;
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    const made: Network[] = [];
    for (const file of readdirSync(this.#dir)) {
      const network = /^[\da-f]{64}\.json$/.test(file) ? readJson<Network>(path.join(this.#dir, file)) : undefined;
      if (network) made.push(network);
    }
    for (const [name, driver] of [
      ["bridge", "bridge"],
      ["host", "host"],
      ["none", "null"],
    ] as const) {
      const id = createHash("sha256").update(`${home}\0${name}`).digest("hex");
      const subnets = driver === "bridge" ? [freeSubnet(takenSubnets(made))] : [];
      this.#networks.set(id, { ...plain, id, name, driver, createdAt: now(), subnets });
    }
    for (const network of made.sort((a, b) => a.createdAt - b.createdAt)) this.#networks.set(network.id, network);
  }

  get namesFile(): string {
    return path.join(this.#dir, namesFileName);
  }

  list(): readonly Network[] {
    return [...this.#networks.values()];
  }

  byId(id: string): Network | undefined {
    return this.#networks.get(id);
  }

  /** Docker's order: a whole id, a name, the beginning of an id. */
  get(nameOrId: string): Network {
    const wanted = nameOrId === "default" ? "bridge" : nameOrId;
    const all = this.list();
    const exact = this.#networks.get(wanted) ?? all.find(({ name }) => name === wanted);
    if (exact) return exact;
    const [first, second] = wanted === "" ? [] : all.filter(({ id }) => id.startsWith(wanted));
    if (!first) throw noSuchNetwork(nameOrId);
    if (second) throw ambiguousNetwork(nameOrId);
    return first;
  }

  /** A checked network that is not in the catalog yet. */
  plan(wish: NetworkWish): Network {
    const { name, driver = "bridge" } = wish;
    if (isPredefined(name) || name === "default") throw predefinedNetwork(name);
    if (!/^[a-zA-Z0-9][\w.-]*$/.test(name)) throw invalidNetworkName(name);
    if (this.list().some((other) => other.name === name)) throw networkNameTaken(name);
    if (driver === "host" || driver === "null") throw onlyOneNetwork(driver);
    if (["macvlan", "ipvlan", "overlay"].includes(driver)) throw driverUnsupported(driver);
    if (driver !== "bridge") throw unknownDriver(driver);
    return {
      ...plain,
      id: generateId(),
      name,
      driver,
      createdAt: this.#now(),
      internal: wish.internal ?? false,
      attachable: wish.attachable ?? false,
      enableIpv6: wish.enableIpv6 ?? false,
      subnets: this.#subnetsFor(wish),
      options: wish.options ?? {},
      labels: wish.labels ?? {},
    };
  }

  add(network: Network): void {
    writeJson(path.join(this.#dir, `${network.id}.json`), network, { durable: true });
    this.#networks.set(network.id, network);
  }

  delete({ id }: Network): void {
    rmSync(path.join(this.#dir, `${id}.json`), { force: true });
    this.#networks.delete(id);
  }

  /** The default bridge of an earlier engine, whose containers still run, had this subnet. */
  keepDefaultSubnet(subnet: string): void {
    const bridge = this.get("bridge");
    if (bridge.subnets[0]?.subnet !== subnet)
      this.#networks.set(bridge.id, { ...bridge, subnets: [completeSubnet({ subnet })] });
  }

  #subnetsFor({ subnets = [], enableIpv6 }: NetworkWish): Network["subnets"] {
    const asked = subnets.filter(({ subnet }) => subnet).map(completeSubnet);
    for (const { subnet } of asked) {
      const parsed = parseSubnet(subnet);
      const other = this.list().find((network) =>
        network.subnets.some((entry) => {
          const theirs = parseSubnet(entry.subnet);
          return parsed && theirs && overlaps(parsed, theirs);
        }),
      );
      if (other) throw poolOverlaps(subnet, other.name);
    }
    const has = (family: 4 | 6) => asked.some(({ subnet }) => parseSubnet(subnet)?.family === family);
    return [
      ...(has(4) ? [] : [freeSubnet(takenSubnets(this.list()))]),
      ...asked,
      // RFC 4193: 40 random bits make it one's own.
      ...(enableIpv6 && !has(6) ? [completeSubnet({ subnet: uniqueLocalSubnet() })] : []),
    ];
  }
}

function takenSubnets(networks: readonly Network[]): Subnet[] {
  const ours = networks.flatMap(({ subnets }) => subnets.map(({ subnet }) => subnet));
  return [...hostRoutes(), ...[helperSubnet().cidr, ...ours].flatMap((text) => parseSubnet(text) ?? [])];
}

const plain = { internal: false, attachable: false, enableIpv6: false, options: {}, labels: {} };

export function isPredefined(name: string): boolean {
  return name === "bridge" || name === "host" || name === "none";
}

function uniqueLocalSubnet(): string {
  const random = BigInt(`0x${randomBytes(7).toString("hex")}`);
  return formatSubnet({ family: 6, first: (0xfdn << 120n) | (random << 64n), prefixLength: 64 });
}
