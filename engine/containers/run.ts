import { mkdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { identify, isAlive } from "../runtime/proc.ts";
import type { ContainerNetwork, HostFacts, NetworkSetup } from "../runtime/types.ts";
import type { Layer, RootMount, Snapshotter } from "../snapshot/types.ts";
import type { ImageStore } from "../store/types.ts";
import { noSuchImage, notRunning } from "./errors.ts";
import { writeEtcFiles } from "./etc-files.ts";
import { type ContainerFolder, type MonitorPlan, type MonitorState, readJson, removeFile } from "./folder.ts";
import { openPorts } from "./host-ports.ts";
import { killLeftovers } from "./leftovers.ts";
import { portsToPublish } from "./merge.ts";
import { MonitorControl } from "./monitor-client.ts";
import { runSpec } from "./process-spec.ts";
import { type MonitorProgram, startMonitor } from "./start-monitor.ts";
import type { Container, PortMapping } from "./types.ts";

/** What a container needs to run. */
export interface RunTools {
  readonly images: Pick<ImageStore, "find">;
  readonly snapshots: Snapshotter;
  readonly network: NetworkSetup;
  readonly facts: HostFacts;
  readonly program: MonitorProgram;
  /** The name of the running container that publishes this host port. */
  ownerOf(mapping: PortMapping): string | undefined;
}

/** One run of a container, from its start to its end. */
export interface Run {
  readonly control: MonitorControl;
  readonly state: MonitorState;
  readonly pid: number;
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
  const layers = await layersOf(tools, container);
  for (const file of [folder.exit, folder.monitor, folder.state]) removeFile(file);
  // From here on there may be something to clean up: an engine that finds this folder does.
  mkdirSync(folder.state, { mode: 0o700 });
  let mount: RootMount | undefined;
  let control: MonitorControl | undefined;
  try {
    mount = await tools.snapshots.mount(container.id, layers, { volatile: false });
    const network = usesBridge(container) ? await tools.network.create(container.id) : undefined;
    writeEtcFiles(folder, container, network?.resolvConf ?? hostResolvConf(container));
    const plan = planOf(tools, container, folder, mount.path, network);
    const ports = await openPorts(portsToPublish(container), tools.ownerOf);
    const monitor = await startMonitor(tools.program, plan, ports, network?.path);
    try {
      control = await MonitorControl.open(folder.dir);
      await beforeProcess();
    } catch (error) {
      monitor.abandon();
      throw error;
    }
    const { pid } = await monitor.go();
    const state = readJson<MonitorState>(folder.monitor);
    if (!state) throw notRunning(container.id);
    return { control, state, pid, mount };
  } catch (error) {
    control?.disconnect();
    await release(tools, container, folder, { state: readJson<MonitorState>(folder.monitor), mount, killAll: true });
    throw error;
  }
}

/** Takes away what a run leaves: processes that nobody saw ending, network, mount, files. */
export async function release(
  tools: RunTools,
  container: Container,
  folder: ContainerFolder,
  left: { readonly state: MonitorState | undefined; readonly mount: RootMount | undefined; readonly killAll: boolean },
): Promise<void> {
  if (left.killAll && left.state) await killLeftovers(left.state);
  if (usesBridge(container)) await tools.network.remove(container.id);
  if (left.mount) await left.mount.release();
  else await releaseEarlierMount(tools, container);
  for (const file of [folder.state, folder.plan, folder.monitor]) removeFile(file);
}

/** A mount that an earlier engine made is taken over before it is released: the writable layer stays. */
async function releaseEarlierMount(tools: RunTools, container: Container): Promise<void> {
  const again = await tools.snapshots.mount(container.id, await layersOf(tools, container), { volatile: false });
  await again.release();
}

/** A monitor that had just begun when the engine was killed either gets its process running or ends. */
export async function settledState(folder: ContainerFolder): Promise<MonitorState | undefined> {
  for (;;) {
    const state = readJson<MonitorState>(folder.monitor);
    if (!state || state.process || !isAlive(state.monitor)) return state;
    await delay(20);
  }
}

/** `undefined` when the monitor is gone. */
export async function reconnect(state: MonitorState, folder: ContainerFolder): Promise<MonitorControl | undefined> {
  while (isAlive(state.monitor)) {
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
  { facts }: RunTools,
  container: Container,
  folder: ContainerFolder,
  rootfs: string,
  network: ContainerNetwork | undefined,
): Omit<MonitorPlan, "ports"> {
  const { openStdin = false, stdinOnce = false } = container.options;
  const helper = network?.helperPid === undefined ? undefined : identify(network.helperPid);
  return {
    id: container.id,
    facts,
    folder,
    run: runSpec(container, rootfs, folder),
    openStdin,
    stdinOnce,
    ...(helper ? { networkHelper: helper } : {}),
  };
}

async function layersOf({ images }: RunTools, { imageId, options }: Container): Promise<Layer[]> {
  const image = await images.find(imageId);
  if (!image) throw noSuchImage(options.image);
  const diffIds = image.config.rootfs.diff_ids;
  return image.manifest.layers.flatMap((descriptor, index) => {
    const diffId = diffIds[index];
    return diffId === undefined ? [] : [{ descriptor, diffId }];
  });
}

function usesBridge({ options }: Container): boolean {
  return (options.networkMode ?? "bridge") === "bridge";
}

function hostResolvConf({ options }: Container): string {
  if (options.networkMode !== "host") return "";
  try {
    return readFileSync("/etc/resolv.conf", "utf8");
  } catch {
    return "";
  }
}
