import { mkdirSync, readdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Message } from "../base/message.ts";
import { bootId } from "../runtime/proc.ts";
import type { Cgroups, HostFacts, Runtime } from "../runtime/types.ts";
import type { Snapshotter } from "../snapshot/types.ts";
import type { ImageStore } from "../store/types.ts";
import { ambiguousId, hostnameTooLong, nameTaken, noSuchContainer, noSuchImage } from "./errors.ts";
import { extraHosts } from "./etc-files.ts";
import { Execs } from "./execs.ts";
import { containerFolder, readJson, removeFile, writeJson } from "./folder.ts";
import { mergeHealthcheck } from "./healthcheck.ts";
import type { Surroundings } from "./life.ts";
import { mergeConfig, portsToPublish } from "./merge.ts";
import { Monitors } from "./monitors.ts";
import { checkName, generateId, generateName, shortId } from "./names.ts";
import { hasOwnNetwork } from "./networks/modes.ts";
import type { Networks } from "./networks/types.ts";
import { tmpfsMount } from "./process-spec.ts";
import { outlivesMachine } from "./record.ts";
import { resourceWarnings } from "./resources.ts";
import type { StatsSample } from "./stats-sample.ts";
import type {
  Container,
  ContainerConnections,
  ContainerControls,
  Containers,
  ContainerUpdate,
  CreateOptions,
  EndpointOptions,
  EngineEvent,
} from "./types.ts";
import { Unit } from "./unit.ts";
import { dropOwnVolumes, makeVolumes } from "./volumes/container-volumes.ts";
import { settleMounts } from "./volumes/settle-mounts.ts";
import type { Volumes } from "./volumes/types.ts";

/** sethostname(2), HOST_NAME_MAX. */
const maxHostnameBytes = 64;

export interface ContainersOptions {
  readonly home: string;
  readonly images: Pick<ImageStore, "find">;
  readonly snapshots: Snapshotter;
  readonly networks: Networks;
  /** For exec; first processes are run by the monitors. */
  readonly runtime: Runtime;
  readonly cgroups: Cgroups;
  readonly volumes: Volumes;
  readonly facts: HostFacts;
  readonly onEvent: (event: EngineEvent) => void;
  /** The bundle of monitor.ts. */
  readonly monitorScript: string;
  /** Node, or Electron with ELECTRON_RUN_AS_NODE. */
  readonly nodePath: string;
  /** ms since 1970. */
  readonly now: () => number;
}

/** `close` lets go of the monitors, which go on; for an engine that ends in good order. */
export type OpenedContainers = Containers & ContainerControls & ContainerConnections & { close(): void };

export function openContainers(options: ContainersOptions): OpenedContainers {
  return new ContainerSet(options);
}

class ContainerSet implements OpenedContainers {
  readonly #options: ContainersOptions;
  readonly #units = new Map<string, Unit>();
  /** Names given out, also to containers that are just being made. */
  readonly #names = new Map<string, string>();
  readonly #execs: Execs;
  readonly #around: Surroundings;
  readonly #monitors: Monitors;
  #lastTimeNs = 0n;

  constructor(options: ContainersOptions) {
    this.#options = options;
    const { home, images, snapshots, networks, cgroups, volumes, facts, now } = options;
    this.#execs = new Execs(
      options.runtime,
      ({ action, containerId, attributes }) => {
        const unit = this.#units.get(containerId);
        if (unit) this.#emit(unit.container, action, attributes);
      },
      now,
    );
    this.#monitors = new Monitors({ home, facts, nodePath: options.nodePath, script: options.monitorScript });
    this.#around = {
      home,
      images,
      snapshots,
      networks,
      cgroups,
      volumes,
      facts,
      now,
      execs: this.#execs,
      monitors: this.#monitors,
      emit: (container, action, attributes) => this.#emit(container, action, attributes),
      find: (nameOrId) => this.get(nameOrId),
      pidOf: (nameOrId) => this.get(nameOrId).pid,
      ownerOf: ({ hostPort, protocol }) =>
        this.list().find(({ publishedPorts }) =>
          publishedPorts.some((taken) => taken.hostPort === hostPort && taken.protocol === protocol),
        )?.name,
      dropVolumes: (container) =>
        dropOwnVolumes(
          volumes,
          container,
          this.list().filter(({ id }) => id !== container.id),
        ),
      forget: ({ id, name }) => {
        this.#units.delete(id);
        this.#names.delete(name);
      },
    };
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  get runningCount(): number {
    return [...this.#units.values()].filter(({ running }) => running).length;
  }

  list(): readonly Container[] {
    return [...this.#units.values()].map(({ container }) => container).sort((a, b) => b.createdAt - a.createdAt);
  }

  get(nameOrId: string): Container {
    return this.#find(nameOrId).container;
  }

  async create(options: CreateOptions): Promise<Container> {
    const image = await this.#options.images.find(options.image);
    if (!image) throw noSuchImage(options.image);
    const merged = mergeConfig(options, image.config.config ?? {});
    const id = generateId();
    const hostname = options.hostname || this.#hostnameFor(options.networkMode ?? "bridge", id);
    // What start would refuse is refused now.
    if (Buffer.byteLength(hostname) > maxHostnameBytes) throw hostnameTooLong(hostname);
    extraHosts(options, this.#hasWayToHost(options.networkMode ?? "bridge") ? "127.0.0.1" : undefined);
    const endpoints = this.#options.networks.endpointsOf(options);
    portsToPublish({ options, exposedPorts: merged.exposedPorts });
    const healthcheck = mergeHealthcheck(options.healthcheck, image.config.config?.Healthcheck);
    const planned = settleMounts(options, Object.keys(image.config.config?.Volumes ?? {}), (name) => this.get(name));
    for (const mount of planned) if (mount.type === "tmpfs") tmpfsMount(mount.target, mount.options);

    const name = this.#reserveName(options.name, id);
    const folder = containerFolder(this.#options.home, id);
    const made = await makeVolumes(this.#options.volumes, planned).catch((error: unknown) => {
      this.#names.delete(name);
      throw error;
    });
    const container: Container = {
      id,
      name,
      options,
      imageId: image.id,
      ...merged,
      hostname,
      createdAt: this.#options.now(),
      status: "created",
      publishedPorts: [],
      restartCount: 0,
      ...(healthcheck ? { healthcheck } : {}),
      endpoints,
      mounts: made.mounts,
    };
    try {
      mkdirSync(folder.dir, { mode: 0o700 });
      // A folder without a record does not count: recover() sweeps it away.
      writeJson(folder.record, container, { durable: outlivesMachine(container) });
    } catch (error) {
      this.#names.delete(name);
      removeFile(folder.dir);
      await made.undo();
      throw error;
    }
    this.#units.set(id, new Unit(this.#around, container));
    this.#monitors.expect();
    this.#emit(container, "create");
    return container;
  }

  warningsFor(options: CreateOptions): readonly Message[] {
    return resourceWarnings(options, this.#options.cgroups.controllers);
  }

  start(nameOrId: string): Promise<boolean> {
    return this.#find(nameOrId).start();
  }

  stop(nameOrId: string, options?: Parameters<Containers["stop"]>[1]): Promise<boolean> {
    return this.#find(nameOrId).stop(options);
  }

  kill(nameOrId: string, signal?: string): Promise<void> {
    return this.#find(nameOrId).kill(signal);
  }

  restart(nameOrId: string, options?: { readonly timeoutSeconds?: number }): Promise<void> {
    return this.#find(nameOrId).restart(options?.timeoutSeconds);
  }

  async rename(nameOrId: string, name: string): Promise<void> {
    const unit = this.#find(nameOrId);
    const { id, name: oldName } = unit.container;
    const newName = this.#reserveName(name, id);
    try {
      unit.rename(newName);
    } catch (error) {
      this.#names.delete(newName);
      throw error;
    }
    this.#options.networks.rename(unit.container);
    this.#names.delete(oldName);
  }

  remove(nameOrId: string, options: Parameters<Containers["remove"]>[1]): Promise<void> {
    return this.#find(nameOrId).remove(options);
  }

  wait(nameOrId: string, condition: Parameters<Containers["wait"]>[1], signal?: AbortSignal): Promise<number> {
    return this.#find(nameOrId).wait(condition, signal);
  }

  openRoot(nameOrId: string): ReturnType<Containers["openRoot"]> {
    return this.#find(nameOrId).openRoot();
  }

  logs(nameOrId: string, options: Parameters<Containers["logs"]>[1]): ReturnType<Containers["logs"]> {
    return this.#find(nameOrId).logs(options);
  }

  attach(nameOrId: string, options?: Parameters<Containers["attach"]>[1]): ReturnType<Containers["attach"]> {
    return this.#find(nameOrId).attach(options);
  }

  resize(nameOrId: string, size: Parameters<Containers["resize"]>[1]): Promise<void> {
    return this.#find(nameOrId).resize(size);
  }

  connect(nameOrId: string, network: string, options: EndpointOptions): Promise<void> {
    return this.#find(nameOrId).joinNetwork(network, options);
  }

  disconnect(nameOrId: string, network: string): Promise<void> {
    return this.#find(nameOrId).leaveNetwork(network);
  }

  async pause(nameOrId: string): Promise<void> {
    await this.#find(nameOrId).pause();
  }

  async unpause(nameOrId: string): Promise<void> {
    await this.#find(nameOrId).unpause();
  }

  async update(nameOrId: string, change: ContainerUpdate): Promise<readonly Message[]> {
    return this.#find(nameOrId).update(change);
  }

  async stats(nameOrId: string): Promise<StatsSample> {
    return this.#find(nameOrId).stats();
  }

  async createExec(
    nameOrId: string,
    options: Parameters<Containers["createExec"]>[1],
  ): ReturnType<Containers["createExec"]> {
    return this.#execs.create(this.#find(nameOrId).execTarget().container.id, options);
  }

  async startExec(execId: string, size?: Parameters<Containers["startExec"]>[1]): ReturnType<Containers["startExec"]> {
    const target = this.#find(this.#execs.get(execId).containerId).execTarget();
    return this.#execs.start(execId, target, size);
  }

  getExec(execId: string): ReturnType<Containers["getExec"]> {
    return this.#execs.get(execId);
  }

  execsIn(containerId: string): readonly string[] {
    return this.#execs.openIn(containerId);
  }

  resizeExec(execId: string, size: Parameters<Containers["resizeExec"]>[1]): Promise<void> {
    return this.#execs.resize(execId, size);
  }

  usersOf(imageId: Container["imageId"]): readonly Container[] {
    return this.list().filter((container) => container.imageId === imageId);
  }

  async recover(): Promise<void> {
    const { home, networks, snapshots } = this.#options;
    const units: Unit[] = [];
    for (const entry of readdirSync(this.#folder)) {
      const folder = containerFolder(home, entry);
      const container = readJson<Container>(folder.record);
      if (container?.id === entry) {
        const unit = new Unit(this.#around, container);
        this.#units.set(entry, unit);
        this.#names.set(container.name, entry);
        units.push(unit);
      } else {
        await networks.release({ id: entry });
        await snapshots.remove(entry);
        removeFile(folder.dir);
      }
    }
    await networks.recover(units.map(({ container }) => container));
    await this.#options.volumes.recover(
      this.list().filter(({ status }) => ["running", "paused", "restarting"].includes(status)),
    );
    // Whether the machine has been started since an engine of this home last looked.
    const bootFile = path.join(home, "last-boot.json");
    const last = readJson<{ readonly bootId: string }>(bootFile)?.bootId;
    const current = bootId();
    const wanted = await Promise.all(units.map((unit) => unit.recover(last !== undefined && last !== current)));
    // Nobody waits for these.
    const starts = units.filter((_, index) => wanted[index]).map((unit) => unit.startAgain());
    const finish = async () => {
      await Promise.all(starts);
      if (last !== current) writeJson(bootFile, { bootId: current }, { durable: false });
    };
    // A disk that is full: the next engine looks again.
    void finish().catch(() => {});
  }

  /** Docker's: a container in another's network goes by its host name. */
  #hostnameFor(networkMode: string, id: string): string {
    if (networkMode === "host") return os.hostname();
    const shared = /^container:(.+)$/.exec(networkMode)?.[1];
    return shared === undefined ? shortId(id) : this.get(shared).hostname;
  }

  #hasWayToHost(networkMode: string): boolean {
    return networkMode === "host" || (hasOwnNetwork(networkMode) && this.#options.facts.outbound !== "none");
  }

  close(): void {
    for (const unit of this.#units.values()) unit.disconnect();
    this.#monitors.close();
  }

  get #folder(): string {
    return path.join(this.#options.home, "containers");
  }

  /** Docker's order: a whole id, a name, the beginning of an id. */
  #find(nameOrId: string): Unit {
    const plain = nameOrId.startsWith("/") ? nameOrId.slice(1) : nameOrId;
    const exact = this.#units.get(plain) ?? this.#units.get(this.#names.get(plain) ?? "");
    if (exact) return exact;
    const [first, second] = [...this.#units].filter(([id]) => plain !== "" && id.startsWith(plain));
    if (!first) throw noSuchContainer(nameOrId);
    if (second) throw ambiguousId(plain);
    return first[1];
  }

  #reserveName(wish: string | undefined, id: string): string {
    const name = wish ? checkName(wish) : generateName((candidate) => this.#names.has(candidate));
    const owner = this.#names.get(name);
    if (owner !== undefined) throw nameTaken(name, owner);
    this.#names.set(name, id);
    return name;
  }

  #emit(container: Container, action: string, attributes: Readonly<Record<string, string>> = {}): void {
    const now = BigInt(this.#options.now()) * 1_000_000n;
    this.#lastTimeNs = now > this.#lastTimeNs ? now : this.#lastTimeNs + 1n;
    this.#options.onEvent({
      type: "container",
      action,
      id: container.id,
      attributes: { ...container.labels, image: container.options.image, name: container.name, ...attributes },
      timeNs: this.#lastTimeNs,
    });
  }
}
