import { writeSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { uploadPrefix } from "./api/build.ts";
import { toErrorBody } from "./api/errors.ts";
import { createEventLog, nowNs } from "./api/event-log.ts";
import { listenOnSocket } from "./api/listen.ts";
import { createApiServer } from "./api/server.ts";
import type { Services } from "./api/services.ts";
import { openSettings } from "./api/settings.ts";
import { formatMessage, type Message } from "./base/message.ts";
import type { EnginePaths } from "./base/paths.ts";
import { version } from "./base/version.ts";
import { createBuildCache, defaultCacheLimit, keepWithinLimit } from "./build-cache.ts";
import { type OpenedContainers, openContainers } from "./containers/containers.ts";
import { openContainerFiles } from "./containers/files/container-files.ts";
import { openNetworks } from "./containers/networks/networks.ts";
import { bytesBelow, openVolumes } from "./containers/volumes/volumes.ts";
import { extractContext } from "./context/extract.ts";
import { openStatCache } from "./context/stat-cache.ts";
import { homeTaken, socketTaken } from "./errors.ts";
import { collectGarbage } from "./garbage.ts";
import { type HomeLock, isOwner, lockHome } from "./home-lock.ts";
import { watchIdle } from "./idle.ts";
import { askStatus, type ReadyReport } from "./launch.ts";
import { log } from "./log.ts";
import { hostPlatform } from "./oci/platform.ts";
import { familiarReference, parseReference } from "./oci/reference.ts";
import type { RegistryOptions } from "./registry/registry.ts";
import type { RegistryClient } from "./registry/types.ts";
import { createCgroups } from "./runtime/cgroups/cgroups.ts";
import { createRuntime } from "./runtime/create-runtime.ts";
import { probeHost } from "./runtime/facts.ts";
import { dismissHolder } from "./runtime/holder.ts";
import { createNetworkSetup } from "./runtime/network.ts";
import type { HostFacts } from "./runtime/types.ts";
import { openSnapshotter } from "./snapshot/snapshotter.ts";
import { createBuilder, sweepBuilds } from "./solver/builder.ts";
import { createExporter } from "./solver/outputs.ts";
import { openCacheStore } from "./store/cache-store.ts";
import { openContentStore } from "./store/content-store.ts";
import { openImageStore } from "./store/image-store.ts";
import { openPackedLayers } from "./store/packed-layers.ts";
import { tidyWhenQuiet } from "./tidy-memory.ts";

export interface DaemonOptions {
  readonly paths: EnginePaths;
  /** The bundle of containers/monitor.ts. */
  readonly monitorScript: string;
  readonly nodePath: string;
  /** Without connections, running containers and builds for so long, the engine ends. 0: never. */
  readonly idleMs: number;
  /** Where to say that the engine answers. */
  readonly readyFd: number | undefined;
}

/** How long another engine of this home may take to start or to end. */
const patienceMs = 15_000;
const cleanUpMs = 5000;

/** Runs the engine in this process, inside the namespaces, until it is told to end. */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const report = (line: ReadyReport) => {
    if (options.readyFd !== undefined) writeSync(options.readyFd, `${JSON.stringify(line)}\n`);
  };
  try {
    await open(options, () => report({ ready: true }));
  } catch (error) {
    log(`start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    report({ error: toErrorBody(error).body });
    process.exitCode = 1;
    process.exit();
  }
}

async function open(options: DaemonOptions, onReady: () => void): Promise<void> {
  const { home, socket } = options.paths;
  const lock = await takeHome(home, socket);
  if (!lock) {
    // Whoever asked for an engine has one.
    onReady();
    return;
  }
  const parts = await openParts(options);
  const { services, containers, facts } = parts;
  const api = createApiServer(services);
  if ((await listenOnSocket(api.http, socket)) === "taken") throw socketTaken(socket);
  log(
    `start: version ${version}, process ${process.pid}, ${facts.isolation}, ${facts.outbound}, socket ${socket}, ` +
      `${containers.runningCount} running, ready after ${Math.round(performance.now())} ms`,
  );
  onReady();

  let ending = false;
  const end = (reason: string) => {
    if (ending) return;
    ending = true;
    log(`end: ${reason}`);
    idle.stop();
    void api
      .close()
      .then(() => until(() => !parts.isWorking()))
      .then(() => services.files.close())
      .then(() => {
        const nothingRuns = containers.runningCount === 0;
        containers.close();
        if (nothingRuns) dismissHolder(options.paths.runtimeDir);
        lock.release();
        process.exit();
      });
  };
  const idle = watchIdle({
    idleMs: options.idleMs,
    isBusy: () => api.connections > 0 || containers.runningCount > 0 || parts.isWorking(),
    onIdle: () => end("nothing to do"),
  });
  tidyWhenQuiet({ requests: api.http, isWorking: parts.isWorking });
  parts.onShutdown(() => end("asked to"));
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => end(signal));
}

/** Undefined when a living engine serves this home and answers on the socket. @throws EngineError `conflict` */
async function takeHome(home: string, socket: string): Promise<HomeLock | undefined> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const lock = lockHome(home, socket);
    if (!isOwner(lock)) return lock;
    if (await askStatus(lock.socket)) {
      if (lock.socket !== socket) throw homeTaken(home, lock.pid, lock.socket);
      log(`start: process ${lock.pid} serves this home already`);
      return undefined;
    }
    // It is just starting, or just ending.
    if (performance.now() > deadline) throw homeTaken(home, lock.pid, lock.socket);
    await sleep(20);
  }
}

/** Gives what was cancelled the time to clean up. */
async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + cleanUpMs;
  while (!isTrue() && performance.now() < deadline) await sleep(20);
}

interface Parts {
  readonly services: Services;
  readonly containers: OpenedContainers;
  readonly facts: HostFacts;
  /** A build or a pull is going on. */
  isWorking(): boolean;
  /** Tells what to do when a client asks the engine to end. */
  onShutdown(end: () => void): void;
}

/** Opens everything that the API stands on, and finds again what an earlier engine left. */
async function openParts(options: DaemonOptions): Promise<Parts> {
  const { home, runtimeDir, socket } = options.paths;
  const scratchDir = path.join(home, "uploads");
  await sweepUploads(scratchDir);

  const events = createEventLog();
  const settings = openSettings(home);
  const onProblem = (problem: Message) => log(`state: ${formatMessage(problem)}`);
  const [facts, content] = await Promise.all([probeHost(), openContentStore(home)]);
  for (const note of facts.notes) log(`host: ${formatMessage(note)}`);
  const cache = await openCacheStore(home, content);
  const images = await openImageStore({
    home,
    content,
    cache,
    onProblem,
    onEvent: ({ action, id, name }) =>
      events.emit({
        type: "image",
        action,
        id,
        attributes: { name: name === undefined ? id : familiarReference(parseReference(name)) },
        timeNs: nowNs(),
      }),
  });
  const snapshots = await openSnapshotter({ home, content, facts });
  const packed = openPackedLayers(home, content);
  const registry = lazyRegistry({ content, packed, settings: settings.read });
  const runtime = createRuntime(facts);
  const namespaces = path.join(runtimeDir, "netns");
  const networks = openNetworks({
    home,
    facts,
    dir: namespaces,
    setup: createNetworkSetup(facts, namespaces),
    onEvent: (event) => events.emit({ ...event, timeNs: nowNs() }),
    now: Date.now,
  });
  const volumes = openVolumes({ home, facts, onEvent: events.emit, now: Date.now });
  const containers = openContainers({
    home,
    images,
    snapshots,
    networks,
    runtime,
    volumes,
    cgroups: createCgroups(facts),
    facts,
    onEvent: events.emit,
    monitorScript: options.monitorScript,
    nodePath: options.nodePath,
    now: Date.now,
  });
  const files = openContainerFiles({ containers, images, snapshots, volumes, content, facts, now: Date.now });
  await sweepBuilds(home, snapshots, facts);
  const exporter = createExporter({ content, images, packed, registry, snapshots, tar: facts.tools.tar });
  const builder = createBuilder({
    exporter,
    home,
    content,
    images,
    cache,
    registry,
    snapshots,
    runtime: facts.isolation === "none" ? undefined : runtime,
    facts,
    statCache: openStatCache(path.join(home, "stat-cache.json")),
    platform: hostPlatform(process.arch),
  });
  await containers.recover();

  let working = 0;
  const isWorking = () => working > 0 || builder.activeBuilds > 0;
  const garbage = { images, cache, containers, snapshots, isWorking };
  const buildCache = createBuildCache({ ...garbage, home, content });
  const byDefault = await defaultCacheLimit(home);
  keepWithinLimit({
    buildCache,
    limitBytes: async () => (await settings.read()).buildCacheLimitBytes ?? byDefault,
    isWorking,
    onError: (error) => log(`build cache: ${error instanceof Error ? error.message : String(error)}`),
  });
  const startedAt = Date.now();
  let onShutdown: (() => void) | undefined;
  const services: Services = {
    containers,
    networks,
    volumes,
    files,
    content,
    images,
    cache,
    registry,
    builder,
    events,
    settings,
    scratchDir,
    extractContext,
    status: () => ({
      version: version,
      pid: process.pid,
      home,
      socket,
      startedAt,
      isolation: facts.isolation,
      outbound: facts.outbound,
      runtime: facts.runtime ?? "builtin",
      seccomp: facts.runtime !== undefined || facts.seccompBy !== undefined,
      cgroups: {
        ...(facts.cgroups ? { version: facts.cgroups.version } : {}),
        controllers: facts.cgroups?.controllers ?? [],
      },
      notes: facts.notes,
      runningContainers: containers.runningCount,
      activeBuilds: builder.activeBuilds,
    }),
    buildCache,
    // Where the snapshotter keeps the writable layer of what is not volatile.
    containerSize: (id, signal) => bytesBelow(path.join(home, "mounts", id, "upper"), signal),
    collectGarbage: () => collectGarbage(garbage),
    busy: () => {
      working += 1;
      return () => {
        working -= 1;
      };
    },
    shutdown: () => onShutdown?.(),
    log,
  };
  return {
    services,
    containers,
    facts,
    isWorking,
    onShutdown: (end) => {
      onShutdown = end;
    },
  };
}

/** The HTTP client takes as long to load as all the rest of the engine together, and most starts pull nothing. */
function lazyRegistry(options: RegistryOptions): RegistryClient {
  let opened: Promise<RegistryClient> | undefined;
  const open = () => {
    opened ??= import("./registry/registry.ts").then(({ createRegistry }) => createRegistry(options));
    return opened;
  };
  return {
    pull: async (...call) => (await open()).pull(...call),
    push: async (...call) => (await open()).push(...call),
    checkLogin: async (...call) => (await open()).checkLogin(...call),
    login: async (...call) => (await open()).login(...call),
    logout: async (...call) => (await open()).logout(...call),
    describe: async (...call) => (await open()).describe(...call),
    tags: async (...call) => (await open()).tags(...call),
    search: async (...call) => (await open()).search(...call),
  };
}

/** Uploads that an engine was killed over. */
async function sweepUploads(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) {
    // Only what is ours by its name: the home is what a person says it is.
    if (name.startsWith(uploadPrefix)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}
