import { realpathSync } from "node:fs";
import path from "node:path";
import { networkFailed } from "../../runtime/errors.ts";
import { need } from "../../runtime/host-tools.ts";
import { readMounts } from "../../runtime/mountinfo.ts";
import { runTool } from "../../runtime/tools.ts";
import type { ContainerNetwork, HostFacts, NetworkSetup } from "../../runtime/types.ts";
import type { Endpoint } from "../types.ts";
import { bridgeScript, joinScript, requireIproute } from "./links.ts";
import type { Network } from "./types.ts";

/** Before the network's id in the name of its namespace. */
const prefix = "bridge-";

/** The bridges of the networks, each in a namespace of its own, and the pairs of interfaces that lead to them. */
export class Bridges {
  readonly #facts: HostFacts;
  readonly #setup: NetworkSetup;
  /** By network id: being made, or there. */
  readonly #made = new Map<string, Promise<ContainerNetwork>>();
  /** iproute2's ip: the one of busybox, which Alpine has, makes no pairs and reads no batches. */
  readonly isPossible: boolean;

  constructor(facts: HostFacts, setup: NetworkSetup) {
    this.#facts = facts;
    this.#setup = setup;
    const { ip } = facts.tools;
    this.isPossible = ip !== undefined && !path.basename(realpathSync(ip)).startsWith("busybox");
  }

  /** @throws EngineError `unsupported` */
  require(): void {
    requireIproute(this.isPossible);
  }

  static nameOf(networkId: string): string {
    return prefix + networkId;
  }

  /** Made when it is first needed (again, after the machine was started). */
  of(network: Network): Promise<ContainerNetwork> {
    const known = this.#made.get(network.id);
    if (known) return known;
    const setUp = bridgeScript(this.#facts, network);
    const made = this.#setup.create(Bridges.nameOf(network.id), { outbound: false, setUp });
    this.#made.set(network.id, made);
    made.catch(() => this.#made.delete(network.id));
    return made;
  }

  /** One that an earlier engine made goes on being used. */
  takeAgain(networkId: string): void {
    const place = this.#setup.pathOf(Bridges.nameOf(networkId));
    if (readMounts().some(({ mountPoint }) => mountPoint === place))
      this.#made.set(networkId, Promise.resolve({ path: place, resolvConf: "" }));
  }

  async remove(networkId: string): Promise<void> {
    this.#made.delete(networkId);
    await this.#setup.remove(Bridges.nameOf(networkId));
  }

  /** Shell commands for the container's namespace. */
  async joinScript(network: Network, containerId: string, endpoint: Endpoint): Promise<string> {
    return joinScript(this.#facts, network, (await this.of(network)).path, containerId, endpoint);
  }

  /** The container runs. */
  async join(network: Network, containerId: string, endpoint: Endpoint): Promise<void> {
    await this.#within(this.#setup.pathOf(containerId), await this.joinScript(network, containerId, endpoint));
  }

  /** Both ends of the pair go together. */
  async leave(containerId: string, { interfaceName = "eth0" }: Endpoint): Promise<void> {
    const script = `exec ${need(this.#facts, "ip")} link del ${interfaceName}`;
    await this.#within(this.#setup.pathOf(containerId), script);
  }

  async #within(namespace: string, script: string): Promise<void> {
    const args = [`--net=${namespace}`, need(this.#facts, "sh"), "-c", script];
    const result = await runTool(need(this.#facts, "nsenter"), args);
    if (result.code !== 0) throw networkFailed(result.stderr);
  }
}
