import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { identify, isAlive } from "../runtime/proc.ts";
import type { CgroupPlace, Cgroups, HostFacts, Mount } from "../runtime/types.ts";
import type { Layer, RootMount, Snapshotter } from "../snapshot/types.ts";
import type { ImageRecord, ImageStore } from "../store/types.ts";
import { noSuchImage, sysctlOfHost } from "./errors.ts";
import { writeEtcFiles } from "./etc-files.ts";
import { dockerMark } from "./files/changes.ts";
import { type ContainerFolder, type MonitorPlan, type MonitorState, readJson, removeFile } from "./folder.ts";
import { healthCommand, healthTimes } from "./healthcheck.ts";
import { openPorts } from "./host-ports.ts";
import { type IpcPlace, prepareIpc, releaseIpc } from "./ipc.ts";
import { killLeftovers } from "./leftovers.ts";
import { portsToPublish } from "./merge.ts";
import { MonitorControl } from "./monitor-client.ts";
import type { Monitors } from "./monitors.ts";
import type { Networks, PreparedNetwork } from "./networks/types.ts";
import { healthSpec, type RunPlace, runSpec } from "./process-spec.ts";
import { outlivesMachine } from "./record.ts";
import { limitsOf } from "./resources.ts";
import { noRestart } from "./restarts.ts";
import type { Container, PortMapping } from "./types.ts";
import type { Volumes } from "./volumes/types.ts";

/** What a container needs to run. */
export interface RunTools {
  readonly images: Pick<ImageStore, "find">;
  readonly snapshots: Snapshotter;
  readonly networks: Networks;
  readonly cgroups: Cgroups;
  readonly volumes: Volumes;
  readonly facts: HostFacts;
  readonly monitors: Monitors;
  /** @throws EngineError `not-found` */
  find(nameOrId: string): Container;
  /** The first process of a container, for what shares its namespaces; undefined when it is not running. */
  pidOf(nameOrId: string): number | undefined;
  /** The name of the running container that publishes this host port. */
  ownerOf(mapping: PortMapping): string | undefined;
}

/** From a start of a container until its end, over all restarts in between. */
export interface Run {
  readonly control: MonitorControl;
  /** What the monitor said last. */
  state: MonitorState;
  /** Absent when an earlier engine mounted it. */
  readonly mount?: RootMount;
}

/**
 * Mount, network, ports, monitor, process: in this order, and all taken back when one of them fails. `beforeProcess` is
 * called when the monitor listens and nothing runs yet.
 */
export async function launch(
  tools: RunTools,
  container: Container,
  folder: ContainerFolder,
  beforeProcess: () => Promise<void>,
): Promise<Run> {
  const image = await imageOf(tools, container);
  for (const file of [folder.exit, folder.monitor, folder.state]) removeFile(file);
  // From here on there may be something to clean up: an engine that finds this folder does.
  mkdirSync(folder.state, { mode: 0o700 });
  let mount: RootMount | undefined;
  let cgroup: CgroupPlace | undefined;
  let control: MonitorControl | undefined;
  try {
    mount = await tools.snapshots.mount(container.id, layersOf(image), { volatile: false });
    markRoot(mount.path);
    const volumes = await tools.volumes.prepare(container, mount.path);
    const network = await tools.networks.prepare(container, tools.find);
    refuseSettingsOfHost(container, network.namespace?.path);
    writeEtcFiles(folder, container, network);
    cgroup = await tools.cgroups.create(container.id, limitsOf(container.options.resources ?? {}));
    const toPublish = portsToPublish(container);
    // Its ports' other ends and its name server are in its network; only a monitor without them may stay outside.
    const staysOutside = toPublish.length === 0 && network.namesFile !== undefined && !network.servesNames;
    const namespace = network.namespace?.path;
    const networkPath = staysOutside ? namespace : undefined;
    const links = tools.networks.linkVariables(container.id);
    const ipc = await prepareIpc(tools, container, folder);
    const place = { folder, rootfs: mount.path, cgroup, networkPath, volumes, links, ipc };
    const plan = planOf(tools, container, image, place, network);
    const ports = await openPorts(toPublish, tools.ownerOf);
    const monitor = await tools.monitors.start(plan, ports, staysOutside ? undefined : namespace);
    try {
      control = await MonitorControl.open(folder.dir);
      await beforeProcess();
    } catch (error) {
      monitor.abandon();
      throw error;
    }
    return { control, state: await monitor.go(), mount };
  } catch (error) {
    control?.disconnect();
    const state = readJson<MonitorState>(folder.monitor);
    // Why it did not start is what counts; what could not be taken away is found by its folder again.
    await release(tools, container, folder, { state, mount, cgroup, killAll: true }).catch(() => {});
    throw error;
  }
}

/** `namespace` may be another container's that has the host's. @throws EngineError `invalid-argument` */
function refuseSettingsOfHost({ options }: Container, namespace: string | undefined): void {
  const setting = Object.keys(options.sysctls ?? {}).find((name) => name.startsWith("net."));
  if (setting === undefined || options.networkMode === "none") return;
  const isHosts = namespace === undefined || statSync(namespace).ino === statSync("/proc/self/ns/net").ino;
  if (isHosts) throw sysctlOfHost(setting);
}

/** Docker's mark, by which programs find out that they run in a container; a layer of its own has it there. */
function markRoot(rootfs: string): void {
  try {
    // What the image has there stays, a link to somewhere else too.
    writeFileSync(path.join(rootfs, dockerMark), "", { flag: "wx", mode: 0o755 });
  } catch {
    // There already, or nobody may write here: nothing depends on it.
  }
}

/** Takes away what a run leaves: processes that nobody saw ending, network, mount, files. */
export async function release(
  tools: RunTools,
  container: Container,
  folder: ContainerFolder,
  left: {
    readonly state: MonitorState | undefined;
    readonly mount: RootMount | undefined;
    readonly cgroup?: CgroupPlace | undefined;
    readonly killAll: boolean;
  },
): Promise<void> {
  await all([
    async () => left.killAll && left.state && killLeftovers(left.state),
    async () => {
      // An engine that was killed may have made one and told nobody: making it again takes it over.
      const made = left.cgroup ?? left.state?.cgroup;
      const cgroup = made ?? (left.killAll ? await tools.cgroups.create(container.id, {}) : undefined);
      if (cgroup) await tools.cgroups.remove(cgroup);
    },
    () => tools.networks.release(container),
    () => tools.volumes.release(container),
    () => releaseIpc(tools.facts, container, folder),
    () => left.mount?.release() ?? releaseEarlierMount(tools, container),
  ]);
  // Last: an engine that finds them tries again what has failed.
  for (const file of [folder.state, folder.plan, folder.monitor]) removeFile(file);
}

/** One after another; what fails does not keep the others from being done. @throws the first error, when all are done */
async function all(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

/** A mount that an earlier engine made is taken over before it is released: the writable layer stays. */
async function releaseEarlierMount(tools: RunTools, container: Container): Promise<void> {
  const layers = layersOf(await imageOf(tools, container));
  const again = await tools.snapshots.mount(container.id, layers, { volatile: false });
  await again.release();
}

/** A monitor that had just begun when the engine was killed either gets its process running or ends. */
export async function settledState(folder: ContainerFolder): Promise<MonitorState | undefined> {
  for (;;) {
    const state = readJson<MonitorState>(folder.monitor);
    if (!state || state.status || !isAlive(state.monitor)) return state;
    await delay(20);
  }
}

/** `undefined` when the monitor is gone. */
export async function reconnect(state: MonitorState, folder: ContainerFolder): Promise<MonitorControl | undefined> {
  // One that has written down the end may watch over another container by now.
  while (isAlive(state.monitor) && !existsSync(folder.exit)) {
    try {
      return await MonitorControl.open(folder.dir);
    } catch {
      // About to end: it takes its socket away first.
      await delay(20);
    }
  }
  return undefined;
}

function planOf(
  { facts, pidOf }: RunTools,
  container: Container,
  image: ImageRecord,
  place: {
    readonly folder: ContainerFolder;
    readonly rootfs: string;
    readonly cgroup: CgroupPlace | undefined;
    readonly networkPath: string | undefined;
    readonly volumes: readonly Mount[];
    readonly links: readonly string[];
    readonly ipc: IpcPlace;
  },
  { namespace, namesFile, servesNames }: PreparedNetwork,
): Omit<MonitorPlan, "ports"> {
  const { openStdin = false, stdinOnce = false, restartPolicy = noRestart, log } = container.options;
  const helper = namespace?.helperPid === undefined ? undefined : identify(namespace.helperPid);
  const health = healthPlan(container, image, place);
  return {
    id: container.id,
    facts,
    folder: place.folder,
    run: runSpec(container, { ...place, pidOf }),
    openStdin,
    stdinOnce,
    log: log ?? { driver: "json-file", options: {} },
    outlivesMachine: outlivesMachine(container),
    restartPolicy,
    ...(health ? { health } : {}),
    ...(namesFile ? { names: { file: namesFile, serve: servesNames } } : {}),
    ...(helper ? { networkHelper: helper } : {}),
  };
}

function healthPlan(
  container: Container,
  image: ImageRecord,
  place: Pick<RunPlace, "rootfs" | "links">,
): MonitorPlan["health"] {
  const { healthcheck } = container;
  const shell = image.config.config?.Shell ?? ["/bin/sh", "-c"];
  const args = healthcheck && healthCommand(healthcheck.test, shell);
  return args && { process: healthSpec(container, place, args), ...healthTimes(healthcheck) };
}

export async function imageOf({ images }: RunTools, { imageId, options }: Container): Promise<ImageRecord> {
  const image = await images.find(imageId);
  if (!image) throw noSuchImage(options.image);
  return image;
}

export function layersOf({ config, manifest }: ImageRecord): Layer[] {
  const diffIds = config.rootfs.diff_ids;
  return manifest.layers.flatMap((descriptor, index) => {
    const diffId = diffIds[index];
    return diffId === undefined ? [] : [{ descriptor, diffId }];
  });
}
