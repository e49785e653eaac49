import type { ContainerNetwork } from "../../runtime/types.ts";
import type { Container, CreateOptions, Endpoint, EndpointOptions } from "../types.ts";

/** In `<home>/networks/<id>.json`; `bridge`, `host` and `none` are always there and are in no file. */
export interface Network {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly driver: "bridge" | "host" | "null";
  readonly createdAt: number;
  /** No way out. */
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly enableIpv6: boolean;
  readonly subnets: readonly NetworkSubnet[];
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

export interface NetworkSubnet {
  readonly subnet: string;
  readonly gateway: string;
  /** Where addresses are taken from that nobody asked for. */
  readonly range?: string;
  /** Name → address that no container gets. */
  readonly reserved?: Readonly<Record<string, string>>;
}

export interface NetworkWish {
  readonly name: string;
  readonly driver?: string;
  readonly internal?: boolean;
  readonly attachable?: boolean;
  readonly enableIpv6?: boolean;
  readonly subnets?: readonly Partial<NetworkSubnet>[];
  readonly options?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What a container gets to run in. */
export interface PreparedNetwork {
  /** Absent: the engine's own (`host`), or a new one with loopback only (`none`). */
  readonly namespace?: ContainerNetwork;
  /** With their addresses. */
  readonly endpoints: readonly Endpoint[];
  /** Complete texts of the files that are mounted over the image's. */
  readonly resolvConf: string;
  readonly hosts: string;
  /** Where the container's monitor finds the names that it answers for; absent: nobody asks it. */
  readonly namesFile?: string;
  readonly servesNames: boolean;
}

/** All take a name, an id or a unique prefix. @throws EngineError `not-found`, `conflict`, `invalid-argument`, `forbidden`, `unsupported` */
export interface Networks {
  list(): readonly Network[];
  get(nameOrId: string): Network;
  create(wish: NetworkWish): Promise<Network>;
  /** @throws `forbidden` while containers run in it, or for one that is always there */
  remove(nameOrId: string): Promise<void>;
  /** Endpoints with addresses of the containers that run in it, by the containers' ids. */
  membersOf(networkId: string): ReadonlyMap<string, { readonly name: string; readonly endpoint: Endpoint }>;
  /** With addresses, of a container that runs in networks of ours. */
  endpointsIn(containerId: string): readonly Endpoint[] | undefined;
  /** What a container that runs is told about those that it is linked with on the default bridge. */
  linkVariables(containerId: string): readonly string[];
  /** The networks of a container that is to be made, checked; addresses come with its start. */
  endpointsOf(options: CreateOptions): readonly Endpoint[];
  /** Before a container starts: its namespace, its addresses, its names in the networks' DNS. `find` knows other containers. */
  prepare(container: Container, find: (nameOrId: string) => Container): Promise<PreparedNetwork>;
  /** After its end. No error when nothing is there. */
  release(container: Pick<Container, "id">): Promise<void>;
  /** A running container joins at once, another at its next start. The endpoint for its record. */
  connect(container: Container, nameOrId: string, options: EndpointOptions): Promise<Endpoint>;
  /** The endpoint that it left. */
  disconnect(container: Container, nameOrId: string): Promise<Endpoint>;
  /** It goes by another name now. */
  rename(container: Container): void;
  /** After a restart of the engine: addresses of containers that may still run are taken again, what others left is swept. */
  recover(containers: readonly Container[]): Promise<void>;
}
