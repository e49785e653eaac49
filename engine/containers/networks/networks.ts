import { readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { formatSubnet, parseAddress, subnetAround } from "../../base/ip-address.ts";
import { networkFailed } from "../../runtime/errors.ts";
import { readMounts } from "../../runtime/mountinfo.ts";
import { nameServers } from "../../runtime/resolv-conf.ts";
import { need } from "../../runtime/stages.ts";
import { runTool } from "../../runtime/tools.ts";
import type { ContainerNetwork, HostFacts, NetworkSetup } from "../../runtime/types.ts";
import { changeLines, extraHosts, hostsFile, ownLine, wantsHostGateway } from "../etc-files.ts";
import { containerFolder, readJson, writeJson } from "../folder.ts";
import { shortId } from "../names.ts";
import type { Container, CreateOptions, Endpoint, EndpointOptions, EngineEvent } from "../types.ts";
import { AddressBook } from "./address-book.ts";
import { isPredefined, NetworkCatalog } from "./catalog.ts";
import {
  alreadyConnected,
  invalidMac,
  linkNotRunning,
  networkInUse,
  noNetworkOfItsOwn,
  notConnected,
  onlyUserDefined,
  predefinedNetwork,
  sharedNetworkGone,
} from "./errors.ts";
import { bridgeScript, iproute, joinScript, macOf, portName, prefixOf, requireIproute } from "./links.ts";
import { hasOwnNetwork } from "./modes.ts";
import { type NamesEntry, type NamesTable, placeOf } from "./names.ts";
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

/** A container that runs in networks of ours. */
interface Member {
  readonly container: Container;
  /** With addresses. */
  readonly endpoints: readonly Endpoint[];
  /** Links on the default bridge and in networks: name → container id. */
  readonly links: Readonly<Record<string, string>>;
  /** Resolvers of the way out. */
  readonly upstreams: readonly string[];
}

const bridgePrefix = "bridge-";

class NetworkSet implements Networks {
  readonly #options: NetworksOptions;
  readonly #catalog: NetworkCatalog;
  readonly #ip: string | undefined;
  readonly #books = new Map<string, AddressBook>();
  readonly #members = new Map<string, Member>();
  /** Namespaces of bridges, being made or there. */
  readonly #bridges = new Map<string, Promise<ContainerNetwork>>();

  constructor(options: NetworksOptions) {
    this.#options = options;
    this.#catalog = new NetworkCatalog(options.home, options.now);
    this.#ip = iproute(options.facts, (file) => path.basename(realpathSync(file)).startsWith("busybox"));
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
    requireIproute(this.#ip);
    this.#catalog.add(network);
    try {
      await this.#bridgeOf(network);
    } catch (error) {
      this.#catalog.delete(network);
      throw error;
    }
    this.#emit("create", network);
    return network;
  }

  async remove(nameOrId: string): Promise<void> {
    const network = this.get(nameOrId);
    if (isPredefined(network.name)) throw predefinedNetwork(network.name);
    const members = [...this.membersOf(network.id).values()];
    if (members.length > 0) throw networkInUse(network.name, members.map(({ name }) => name).join(", "));
    this.#catalog.delete(network);
    this.#books.delete(network.id);
    this.#bridges.delete(network.id);
    await this.#options.setup.remove(bridgePrefix + network.id);
    this.#emit("destroy", network);
  }

  endpointsIn(containerId: string): readonly Endpoint[] | undefined {
    return this.#members.get(containerId)?.endpoints;
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
      const network = this.get(name);
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
      const scripts = await Promise.all(addressed.map((endpoint) => this.#scriptFor(container, endpoint)));
      const hostLoopback = wantsHostGateway(container.options);
      const namespace = await this.#options.setup.create(container.id, {
        outbound: this.#isOpen(endpoints),
        hostLoopback,
        setUp: scripts.join("\n"),
      });
      const links = linksOf(endpoints, find);
      const member = { container, endpoints, links, upstreams: nameServers(namespace.resolvConf) };
      this.#members.set(container.id, member);
      this.#writeNames();
      for (const { networkId } of endpoints) this.#emitNetwork("connect", networkId, container.id);
      return {
        namespace,
        endpoints,
        resolvConf: resolvConfOf(container.options, namespace.resolvConf, this.#userDefined(member).length > 0),
        hosts: this.#hostsOf(member, namespace.hostAddress),
        namesFile: this.#catalog.namesFile,
        servesNames: this.#userDefined(member).length > 0,
      };
    } catch (error) {
      await this.release(container);
      throw error;
    }
  }

  async release({ id }: Pick<Container, "id">): Promise<void> {
    for (const book of this.#books.values()) book.release(id);
    const member = this.#members.get(id);
    this.#members.delete(id);
    if (member) {
      this.#writeNames();
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
    requireIproute(this.#ip);
    const endpoint = this.#address(container, planned, freeInterface(member.endpoints));
    try {
      await this.#inNamespace(setup.pathOf(container.id), await this.#scriptFor(container, endpoint));
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
    const bridge = await this.#bridgeOf(network);
    if (endpoint.ipv4 ?? endpoint.ipv6)
      await this.#inNamespace(
        bridge.path,
        `exec ${need(this.#options.facts, "ip")} link del ${portName(container.id)}`,
      );
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
    this.#members.set(container.id, { ...member, container });
    this.#writeNames();
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
    const name = bridgePrefix + networkId;
    const isMounted = readMounts().some(({ mountPoint }) => mountPoint === this.#options.setup.pathOf(name));
    if (isMounted)
      this.#bridges.set(networkId, Promise.resolve({ path: this.#options.setup.pathOf(name), resolvConf: "" }));
    return name;
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

  #address(container: Container, endpoint: Endpoint, interfaceName: string): Endpoint {
    const network = this.get(endpoint.networkId);
    // The default bridge does without: its containers cannot reach one another then, and everything else works.
    if (this.#ip === undefined && network.name === "bridge") return endpoint;
    requireIproute(this.#ip);
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

  async #scriptFor(container: Container, endpoint: Endpoint): Promise<string> {
    const network = this.get(endpoint.networkId);
    const bridge = await this.#bridgeOf(network);
    return joinScript(this.#options.facts, network, bridge.path, container.id, endpoint);
  }

  /** The namespace with the network's bridge, made when it is first needed (again, after the machine was started). */
  #bridgeOf(network: Network): Promise<ContainerNetwork> {
    const known = this.#bridges.get(network.id);
    if (known) return known;
    const { setup, facts } = this.#options;
    const made = setup.create(bridgePrefix + network.id, { outbound: false, setUp: bridgeScript(facts, network) });
    this.#bridges.set(network.id, made);
    made.catch(() => this.#bridges.delete(network.id));
    return made;
  }

  #bookOf(network: Network): AddressBook {
    const book = this.#books.get(network.id) ?? new AddressBook(network, this.#options.now);
    this.#books.set(network.id, book);
    return book;
  }

  #isOpen(endpoints: readonly Endpoint[]): boolean {
    return endpoints.some(({ networkId }) => this.#catalog.byId(networkId)?.internal === false);
  }

  #userDefined({ endpoints }: Pick<Member, "endpoints">): readonly Endpoint[] {
    return endpoints.filter(({ networkName }) => !isPredefined(networkName));
  }

  /** What a live connect or disconnect changes beside the interface. */
  #change(member: Member, endpoint: Endpoint, kind: "add" | "remove"): void {
    const { container } = member;
    this.#members.set(container.id, member);
    this.#writeNames();
    const folder = containerFolder(this.#options.home, container.id);
    const lines = [endpoint.ipv4, endpoint.ipv6].flatMap((address) => (address ? [ownLine(address, container)] : []));
    changeLines(folder.hosts, { [kind]: lines });
    // Once it asks us for names it goes on doing so, as its programs may have read the file already.
    if (
      kind === "add" &&
      this.#userDefined(member).length === 1 &&
      this.#userDefined({ endpoints: [endpoint] }).length === 1
    )
      writeFileSync(folder.resolvConf, resolvConfOf(container.options, readText(folder.resolvConf), true));
  }

  #hostsOf(member: Member, hostAddress: string | undefined): string {
    const { container, endpoints } = member;
    const addresses = endpoints.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6].filter((address) => address !== undefined));
    const gateway = hostAddress && wantsHostGateway(container.options) ? hostAddress : hostAddress && hostOutside();
    const named = extraHosts(container.options, gateway).map((line) => line.split("\t")[1]);
    const hostNames = ["host.docker.internal", "host.containers.internal"].filter((name) => !named.includes(name));
    return hostsFile(container, {
      addresses,
      ...(gateway && { hostGateway: gateway }),
      more: [
        ...(gateway && hostNames.length > 0 ? [`${gateway}\t${hostNames.join(" ")}`] : []),
        ...this.#linkLines(member),
      ],
    });
  }

  /** In the default bridge there is no DNS of ours: links are lines of the hosts file. */
  #linkLines({ links, endpoints }: Member): string[] {
    const bridge = this.get("bridge").id;
    if (!endpoints.some(({ networkId }) => networkId === bridge)) return [];
    return [...new Set(Object.values(links))].flatMap((id) => {
      const other = this.#members.get(id);
      const address = other?.endpoints.find(({ networkId }) => networkId === bridge)?.ipv4;
      const aliases = Object.entries(links).flatMap(([alias, target]) => (target === id ? [alias] : []));
      const names = new Set([...aliases, other?.container.hostname, other?.container.name]);
      return address ? [`${address}\t${[...names].join(" ")}`] : [];
    });
  }

  #writeNames(): void {
    const entries = [...this.#members.values()].map((member): readonly [string, NamesEntry] => {
      const { container, endpoints, links, upstreams } = member;
      const names = [container.name, shortId(container.id), container.hostname];
      const places = this.#userDefined(member).map((endpoint) => [endpoint.networkId, placeOf(endpoint, names)]);
      const asked = container.options.dns?.length ? container.options.dns : upstreams;
      const networks = Object.fromEntries(places) as NamesEntry["networks"];
      return [container.id, { name: container.name, networks, links, upstreams: asked, endpoints }];
    });
    const table: NamesTable = { containers: Object.fromEntries(entries) };
    writeJson(this.#catalog.namesFile, table, { durable: false });
  }

  #namespaces(): string[] {
    try {
      return readdirSync(this.#options.dir).filter((name) => /^(bridge-)?[\da-f]{64}$/.test(name));
    } catch {
      return [];
    }
  }

  async #inNamespace(namespace: string, script: string): Promise<void> {
    const { facts } = this.#options;
    const result = await runTool(need(facts, "nsenter"), [`--net=${namespace}`, need(facts, "sh"), "-c", script]);
    if (result.code !== 0) throw networkFailed(result.stderr);
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

function endpointFor(network: Network, options: EndpointOptions): Endpoint {
  const { aliases = [], macAddress } = options;
  if (network.name === "bridge") {
    if (aliases.length > 0) throw onlyUserDefined("alias");
    if (options.ipv4 || options.ipv6) throw onlyUserDefined("address");
  }
  if (macAddress && !/^[\da-f][02468ace](:[\da-f]{2}){5}$/i.test(macAddress)) throw invalidMac(macAddress);
  return { networkId: network.id, networkName: network.name, aliases, options };
}

function freeInterface(endpoints: readonly Endpoint[]): string {
  for (let index = 0; ; index += 1) {
    if (!endpoints.some(({ interfaceName }) => interfaceName === `eth${index}`)) return `eth${index}`;
  }
}

function linksOf(endpoints: readonly Endpoint[], find: (nameOrId: string) => Container): Record<string, string> {
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

/** The host's first address that others reach it by; a container reaches it there through its way out. */
function hostOutside(): string | undefined {
  return Object.values(os.networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .find(({ internal, family }) => !internal && family === "IPv4")?.address;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
