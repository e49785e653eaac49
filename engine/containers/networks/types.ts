import type { ContainerNetwork } from "../../runtime/types.ts";
import type { Container, Endpoint, EndpointOptions } from "../types.ts";

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
  readonly subnets: readonly { readonly subnet: string; readonly gateway: string; readonly range?: string }[];
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

export interface NetworkWish {
  readonly name: string;
  readonly driver?: string;
  readonly internal?: boolean;
  readonly attachable?: boolean;
  readonly enableIpv6?: boolean;
  readonly subnets?: readonly { readonly subnet?: string; readonly gateway?: string; readonly range?: string }[];
  readonly options?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What a container gets to run in. */
export interface PreparedNetwork {
  /** Absent: the engine's own (`host`), or a new one with loopback only (`none`). */
  readonly namespace?: ContainerNetwork;
  readonly endpoints: readonly Endpoint[];
  /** Complete texts of the files that are mounted over the image's. */
  readonly resolvConf: string;
  /** Lines beside localhost and the container's own name. */
  readonly hosts: readonly string[];
}

/** All take a name, an id or a unique prefix. @throws EngineError `not-found`, `conflict`, `invalid-argument`, `unsupported` */
export interface Networks {
  list(): readonly Network[];
  get(nameOrId: string): Network;
  create(wish: NetworkWish): Promise<Network>;
  /** @throws `conflict` while containers are connected, or for one that is always there */
  remove(nameOrId: string, users: readonly Container[]): Promise<void>;
  /** Before a container starts: its namespace, its addresses, its names in the networks' DNS. */
  prepare(container: Container): Promise<PreparedNetwork>;
  /** After its end. No error when nothing is there. */
  release(container: Container): Promise<void>;
  /** A running container joins at once, another at its next start. The endpoint for its record. */
  connect(container: Container, nameOrId: string, options: EndpointOptions): Promise<Endpoint>;
  disconnect(container: Container, nameOrId: string): Promise<void>;
  /** After a restart of the engine: addresses of running containers are taken again. */
  recover(running: readonly Container[]): Promise<void>;
}
