import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { EngineError } from "../../base/errors.ts";
import { formatSubnet, parseAddress, subnetAround } from "../../base/ip-address.ts";
import { nameServers } from "../../runtime/resolv-conf.ts";
import type { HostFacts, NetworkSetup } from "../../runtime/types.ts";
import { changeLines, hostsFile, ownLine, wantsHostGateway } from "../etc-files.ts";
import { containerFolder, readJson, writeJson } from "../folder.ts";
import type { Container, CreateOptions, Endpoint, EndpointOptions, EngineEvent } from "../types.ts";
import { AddressBook } from "./address-book.ts";
import { Bridges } from "./bridges.ts";
import { isPredefined, NetworkCatalog } from "./catalog.ts";
import { endpointFor, freeInterface, linksOf } from "./endpoints.ts";
import {
  alreadyConnected,
  networkInUse,
  noNetworkForContainer,
  noNetworkOfItsOwn,
  notConnected,
  predefinedStays,
  sharedNetworkGone,
} from "./errors.ts";
import { linkVariables } from "./link-variables.ts";
import { macOf, prefixOf } from "./links.ts";
import { hostsText, linkLines, type Member, namesTable, userDefined } from "./members.ts";
import { hasOwnNetwork } from "./modes.ts";
import type { NamesTable } from "./names.ts";
import { resolvConfOf } from "./resolver.ts";
import type { Network, Networks, NetworkWish, PreparedNetwork } from "./types.ts";

export interface NetworksOptions {
  readonly home: string;
  readonly facts: HostFacts;
  /** Where `setup` keeps its namespaces. */
  readonly dir: string;
  readonly setup: NetworkSetup;
  readonly onEvent: (event: Omit<EngineEvent, "timeNs">) => void;
  /** ms since 1970. */
  readonly now: () => number;
}

export function openNetworks(options: NetworksOptions): Networks {
  return new NetworkSet(options);
}

class NetworkSet implements Networks {
  readonly #options: NetworksOptions;
  readonly #catalog: NetworkCatalog;
  readonly #bridges: Bridges;
  readonly #books = new Map<string, AddressBook>();
  readonly #members = new Map<string, Member>();

  constructor(options: NetworksOptions) {
    this.#options = options;
    this.#catalog = new NetworkCatalog(options.home, options.now);
    this.#bridges = new Bridges(options.facts, options.setup);
  }

  list(): readonly Network[] {
    return this.#catalog.list();
  }

  get(nameOrId: string): Network {
    return this.#catalog.get(nameOrId);
  }

  membersOf(networkId: string): ReturnType<Networks["membersOf"]> {
    return new Map(
      [...this.#members].flatMap(([id, { container, endpoints }]) => {
        const endpoint = endpoints.find((candidate) => candidate.networkId === networkId);
        return endpoint ? [[id, { name: container.name, endpoint }] as const] : [];
      }),
    );
  }

  async create(wish: NetworkWish): Promise<Network> {
    const network = this.#catalog.plan(wish);
    this.#bridges.require();
    this.#catalog.add(network);
    try {
      await this.#bridges.of(network);
    } catch (error) {
      this.#catalog.delete(network);
      throw error;
    }
    this.#emit("create", network);
    return network;
  }

  async remove(nameOrId: string): Promise<void> {
    const network = this.get(nameOrId);
    if (isPredefined(network.name)) throw predefinedStays(network.name);
    const members = [...this.membersOf(network.id).values()];
    if (members.length > 0) throw networkInUse(network.name, members.map(({ name }) => name).join(", "));
    this.#catalog.delete(network);
    this.#books.delete(network.id);
    await this.#bridges.remove(network.id);
    this.#emit("destroy", network);
  }

  endpointsIn(containerId: string): readonly Endpoint[] | undefined {
    return this.#members.get(containerId)?.endpoints;
  }

  linkVariables(containerId: string): readonly string[] {
    const member = this.#members.get(containerId);
    return member ? linkVariables(this.#members, member) : [];
  }

  endpointsOf(options: CreateOptions): readonly Endpoint[] {
    const mode = options.networkMode ?? "bridge";
    const asked = Object.entries(options.endpoints ?? {});
    if (!hasOwnNetwork(mode)) {
      const other = asked.find(([name]) => name !== mode && name !== "default");
      if (other) throw noNetworkOfItsOwn(mode);
      return [];
    }
    const endpoints = new Map<string, Endpoint>();
    for (const [name, wish] of [[mode, {}] as const, ...asked]) {
      const network = this.#forContainer(name);
      if (network.driver !== "bridge") throw noNetworkOfItsOwn(network.name);
      endpoints.set(network.id, endpointFor(network, wish));
    }
    return [...endpoints.values()];
  }

  async prepare(container: Container, find: (nameOrId: string) => Container): Promise<PreparedNetwork> {
    const mode = container.options.networkMode ?? "bridge";
    const shared = /^container:(.+)$/.exec(mode)?.[1];
    if (shared !== undefined) return this.#share(find(shared));
    if (!hasOwnNetwork(mode)) return this.#withoutNetworks(container, mode);
    await this.release(container);
    try {
      const endpoints = container.endpoints.map((endpoint, index) => this.#address(container, endpoint, `eth${index}`));
      const addressed = endpoints.filter(({ ipv4, ipv6 }) => ipv4 ?? ipv6);
      const scripts = await Promise.all(
        addressed.map((endpoint) => this.#bridges.joinScript(this.get(endpoint.networkId), container.id, endpoint)),
      );
      const hostLoopback = wantsHostGateway(container.options);
      const namespace = await this.#options.setup.create(container.id, {
        outbound: this.#isOpen(endpoints),
        hostLoopback,
        setUp: scripts.join("\n"),
      });
      const links = linksOf(endpoints, find);
      const member = { container, endpoints, links, upstreams: nameServers(namespace.resolvConf) };
      this.#remember(container.id, member);
      for (const { networkId } of endpoints) this.#emitNetwork("connect", networkId, container.id);
      return {
        namespace,
        endpoints,
        resolvConf: resolvConfOf(container.options, namespace.resolvConf, userDefined(endpoints).length > 0),
        hosts: hostsText(this.#members, member, namespace.hostAddress),
        namesFile: this.#catalog.namesFile,
        servesNames: userDefined(endpoints).length > 0,
      };
    } catch (error) {
      await this.release(container);
      throw error;
    }
  }

  async release({ id }: Pick<Container, "id">): Promise<void> {
    for (const book of this.#books.values()) book.release(id);
    const member = this.#members.get(id);
    if (member) {
      this.#remember(id, undefined);
      for (const { networkId } of member.endpoints) this.#emitNetwork("disconnect", networkId, id);
    }
    await this.#options.setup.remove(id);
  }

  async connect(container: Container, nameOrId: string, options: EndpointOptions): Promise<Endpoint> {
    const network = this.get(nameOrId);
    const mode = container.options.networkMode ?? "bridge";
    if (!hasOwnNetwork(mode)) throw noNetworkOfItsOwn(mode);
    if (network.driver !== "bridge") throw noNetworkOfItsOwn(network.name);
    if (container.endpoints.some(({ networkId }) => networkId === network.id))
      throw alreadyConnected(container.name, network.name);
    const planned = endpointFor(network, options);
    const member = this.#members.get(container.id);
    if (!member) return planned;
    const { setup } = this.#options;
    this.#bridges.require();
    const endpoint = this.#address(container, planned, freeInterface(member.endpoints));
    try {
      await this.#bridges.join(network, container.id, endpoint);
      const endpoints = [...member.endpoints, endpoint];
      // In internal networks only so far: now there is a way out.
      const opens = !this.#isOpen(member.endpoints) && this.#isOpen(endpoints);
      const outside = opens
        ? await setup.open(container.id, { hostLoopback: wantsHostGateway(container.options) })
        : undefined;
      this.#change(
        { ...member, endpoints, ...(outside && { upstreams: nameServers(outside.resolvConf) }) },
        endpoint,
        "add",
      );
    } catch (error) {
      this.#bookOf(network).release(container.id);
      throw error;
    }
    this.#emitNetwork("connect", network.id, container.id);
    return endpoint;
  }

  async disconnect(container: Container, nameOrId: string): Promise<Endpoint> {
    const network = this.get(nameOrId);
    const planned = container.endpoints.find(({ networkId }) => networkId === network.id);
    if (!planned) throw notConnected(container.name, network.name);
    const member = this.#members.get(container.id);
    const endpoint = member?.endpoints.find(({ networkId }) => networkId === network.id);
    if (!member || !endpoint) return planned;
    const { setup } = this.#options;
    if (endpoint.ipv4 ?? endpoint.ipv6) await this.#bridges.leave(container.id, endpoint);
    this.#bookOf(network).release(container.id);
    const endpoints = member.endpoints.filter((other) => other !== endpoint);
    if (this.#isOpen(member.endpoints) && !this.#isOpen(endpoints)) setup.shut(container.id);
    this.#change({ ...member, endpoints }, endpoint, "remove");
    this.#emitNetwork("disconnect", network.id, container.id);
    return endpoint;
  }

  rename(container: Container): void {
    const member = this.#members.get(container.id);
    if (!member) return;
    this.#remember(container.id, { ...member, container });
  }

  async recover(containers: readonly Container[]): Promise<void> {
    const former = readJson<NamesTable>(this.#catalog.namesFile)?.containers ?? {};
    const used = new Set<string>();
    for (const container of containers) {
      const entry = former[container.id];
      if (!entry) continue;
      const endpoints = entry.endpoints.filter(({ networkId }) => this.#catalog.byId(networkId));
      this.#members.set(container.id, { container, endpoints, links: entry.links, upstreams: entry.upstreams });
      used.add(container.id);
      for (const endpoint of endpoints) used.add(this.#takeAgain(container, endpoint));
    }
    this.#writeNames();
    for (const name of this.#namespaces()) if (!used.has(name)) await this.#options.setup.remove(name);
  }

  /** The name of the bridge's namespace. */
  #takeAgain({ id }: Container, { networkId, ipv4, ipv6, prefixLength = 0 }: Endpoint): string {
    const address = parseAddress(ipv4 ?? "");
    if (address && this.get("bridge").id === networkId)
      this.#catalog.keepDefaultSubnet(formatSubnet(subnetAround(address, prefixLength)));
    const network = this.#catalog.byId(networkId);
    for (const taken of [ipv4, ipv6]) if (network && taken) this.#bookOf(network).take(taken, id);
    this.#bridges.takeAgain(networkId);
    return Bridges.nameOf(networkId);
  }

  /** A running container's network, and its files: whoever shares the one is known by the names of the other. */
  #share(other: Container): PreparedNetwork {
    if (other.pid === undefined || other.status !== "running") throw sharedNetworkGone(other.name);
    const folder = containerFolder(this.#options.home, other.id);
    return {
      namespace: { path: `/proc/${other.pid}/ns/net`, resolvConf: "" },
      endpoints: [],
      resolvConf: readText(folder.resolvConf),
      hosts: readText(folder.hosts),
      servesNames: false,
    };
  }

  #withoutNetworks(container: Container, mode: string): PreparedNetwork {
    const host = mode === "host";
    return {
      endpoints: [],
      resolvConf: host ? resolvConfOf(container.options, readText("/etc/resolv.conf"), false) : "",
      hosts: hostsFile(container, { addresses: [], more: [], ...(host ? { hostGateway: "127.0.0.1" } : {}) }),
      servesNames: false,
    };
  }

  #forContainer(name: string): Network {
    try {
      return this.get(name);
    } catch (error) {
      throw error instanceof EngineError && error.code === "not-found" ? noNetworkForContainer(name) : error;
    }
  }

  #address(container: Container, endpoint: Endpoint, interfaceName: string): Endpoint {
    const network = this.get(endpoint.networkId);
    // The default bridge does without: its containers cannot reach one another then, and everything else works.
    if (!this.#bridges.isPossible && network.name === "bridge") return endpoint;
    this.#bridges.require();
    const book = this.#bookOf(network);
    const v4 = book.allocate(4, container.id, endpoint.options.ipv4);
    const v6 = book.allocate(6, container.id, endpoint.options.ipv6);
    return {
      ...endpoint,
      interfaceName,
      ...(v4 && { ipv4: v4.address, prefixLength: prefixOf(v4.subnet.subnet), gateway: v4.subnet.gateway }),
      ...(v6 && { ipv6: v6.address, prefixLength6: prefixOf(v6.subnet.subnet), gateway6: v6.subnet.gateway }),
      macAddress: endpoint.options.macAddress ?? macOf(v4?.address ?? "0.0.0.0"),
    };
  }

  #bookOf(network: Network): AddressBook {
    const book = this.#books.get(network.id) ?? new AddressBook(network, this.#options.now);
    this.#books.set(network.id, book);
    return book;
  }

  #isOpen(endpoints: readonly Endpoint[]): boolean {
    return endpoints.some(({ networkId }) => this.#catalog.byId(networkId)?.internal === false);
  }

  /** What a live connect or disconnect changes beside the interface. */
  #change(member: Member, endpoint: Endpoint, kind: "add" | "remove"): void {
    const { container } = member;
    this.#remember(container.id, member);
    const folder = containerFolder(this.#options.home, container.id);
    const lines = [endpoint.ipv4, endpoint.ipv6].flatMap((address) => (address ? [ownLine(address, container)] : []));
    changeLines(folder.hosts, { [kind]: lines });
    // Once it asks us for names it goes on doing so, as its programs may have read the file already.
    if (kind === "add" && userDefined(member.endpoints).length === 1 && userDefined([endpoint]).length === 1)
      writeFileSync(folder.resolvConf, resolvConfOf(container.options, readText(folder.resolvConf), true));
  }

  /** And tells all who know it by name. Containers that were linked with it have its address in a file. */
  #remember(id: string, member: Member | undefined): void {
    const linked = [...this.#members.values()].filter(
      ({ links, container }) => container.id !== id && Object.values(links).includes(id),
    );
    const before = linked.map((other) => linkLines(this.#members, other));
    if (member) this.#members.set(id, member);
    else this.#members.delete(id);
    this.#writeNames();
    for (const [index, other] of linked.entries()) {
      const [remove = [], add] = [before[index], linkLines(this.#members, other)];
      if (remove.join() !== add.join())
        changeLines(containerFolder(this.#options.home, other.container.id).hosts, { remove, add });
    }
  }

  #writeNames(): void {
    writeJson(this.#catalog.namesFile, namesTable(this.#members), { durable: false });
  }

  #namespaces(): string[] {
    try {
      return readdirSync(this.#options.dir).filter((name) => /^(bridge-)?[\da-f]{64}$/.test(name));
    } catch {
      return [];
    }
  }

  #emitNetwork(action: "connect" | "disconnect", networkId: string, container: string): void {
    const network = this.#catalog.byId(networkId);
    if (network) this.#emit(action, network, { container });
  }

  #emit(action: string, network: Network, more: Readonly<Record<string, string>> = {}): void {
    const { id, name, driver } = network;
    this.#options.onEvent({ type: "network", action, id, attributes: { ...more, name, type: driver } });
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
