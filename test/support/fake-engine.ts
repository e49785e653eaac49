import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { createEventLog } from "../../engine/api/event-log.ts";
import { listenOnSocket } from "../../engine/api/listen.ts";
import { type ApiServer, createApiServer } from "../../engine/api/server.ts";
import type { Services } from "../../engine/api/services.ts";
import { openSettings } from "../../engine/api/settings.ts";
import type { BuildEvent, BuildRequest } from "../../engine/base/build-events.ts";
import { type Digest, digestOf } from "../../engine/base/digest.ts";
import { EngineError } from "../../engine/base/errors.ts";
import { type Message, msg } from "../../engine/base/message.ts";
import type { ContainerRoot } from "../../engine/containers/container-root.ts";
import { openContainerFiles } from "../../engine/containers/files/container-files.ts";
import type { StatsSample } from "../../engine/containers/stats-sample.ts";
import type {
  Attachment,
  Container,
  ContainerConnections,
  ContainerControls,
  Containers,
  ContainerUpdate,
  CreateOptions,
  Exec,
  ExecOptions,
  LogLine,
} from "../../engine/containers/types.ts";
import { openVolumes } from "../../engine/containers/volumes/volumes.ts";
import { hostPlatform } from "../../engine/oci/platform.ts";
import { formatReference, type Reference, tryParseReference } from "../../engine/oci/reference.ts";
import type { ContainerConfig, Descriptor } from "../../engine/oci/types.ts";
import type { Credentials, LoggedIn, PullOptions, PushOptions } from "../../engine/registry/types.ts";
import type { HostFacts } from "../../engine/runtime/types.ts";
import type { BuildOptions } from "../../engine/solver/types.ts";
import { type CacheItem, type PruneWish, planPrune } from "../../engine/store/cache-prune.ts";
import type { ContentStore, ImageRecord, ImageStore } from "../../engine/store/types.ts";
import { hostNetworks } from "./host-networks.ts";

/** An engine without files, namespaces or processes behind the real API on a real socket. */
export interface FakeEngine {
  readonly socket: string;
  readonly folder: string;
  readonly api: ApiServer;
  readonly services: Services;
  readonly containers: FakeContainers;
  readonly images: FakeImages;
  readonly log: readonly string[];
  /** Replace to decide what a pull does. */
  pull: (reference: Reference, options: PullOptions) => Promise<{ manifest: Descriptor; rootDigest: Digest }>;
  /** What every repository has. */
  tags: readonly string[];
  /** Replace to decide what a push does. */
  push: (reference: Reference, manifest: Descriptor, options: PushOptions) => Promise<Descriptor>;
  /** Replace to decide which logins are right. */
  login: (registry: string, credentials: Credentials) => Promise<LoggedIn>;
  /** Replace to decide what a build says. */
  build: (request: BuildRequest, options: BuildOptions) => Promise<Digest | undefined>;
  /** What the build cache holds. */
  cacheItems: readonly CacheItem[];
  /** What it was asked to prune; nothing is freed. */
  readonly prunes: PruneWish[];
  readonly shutdowns: number;
  request(method: string, url: string, options?: RequestOptions): Promise<Answer>;
  /** The answer while it is still coming. */
  open(method: string, url: string, options?: RequestOptions): Promise<IncomingMessage>;
  /** A request that leaves HTTP; what comes after the head is in `received`. */
  hijack(url: string, body?: string): Promise<Hijacked>;
  close(): Promise<void>;
}

export interface RequestOptions {
  readonly json?: unknown;
  readonly body?: Buffer | Readable;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  readonly raw: Buffer;
  json<T = Record<string, unknown>>(): T;
  /** One JSON value a line. */
  lines(): Record<string, unknown>[];
}

export interface Hijacked {
  readonly head: string;
  readonly socket: Socket;
  /** Everything after the head, once the engine has closed its half. */
  readonly received: Promise<Buffer>;
}

export async function fakeEngine(): Promise<FakeEngine> {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-api-"));
  const socket = path.join(folder, "engine.sock");
  const containers = new FakeContainers();
  const images = new FakeImages();
  const log: string[] = [];
  const events = createEventLog();
  const noFacts: HostFacts = { isolation: "none", outbound: "none", notes: [], tools: {} };
  const volumes = openVolumes({ home: folder, facts: noFacts, onEvent: events.emit, now: Date.now });
  let shutdowns = 0;
  const services: Services = {
    containers,
    networks: hostNetworks(folder),
    volumes,
    files: openContainerFiles({
      containers,
      images,
      volumes,
      content: fakeContent,
      snapshots: { mountView: () => Promise.reject(new Error("nothing is mounted here")) },
      facts: noFacts,
      now: Date.now,
    }),
    containerSize: async () => 7,
    images,
    content: fakeContent,
    cache: {
      get: async () => undefined,
      put: async () => {},
      digests: async () => new Set(),
      list: async () => [],
      remove: async () => {},
      clear: async () => {},
    },
    registry: {
      pull: (reference, options = {}) => engine.pull(reference, options),
      push: (reference, manifest, options = {}) => engine.push(reference, manifest, options),
      checkLogin: (registry, credentials) => engine.login(registry, credentials),
      login: async (registry, credentials) => {
        await engine.login(registry, credentials);
        return { place: "/config.json", byHelper: false };
      },
      logout: async () => true,
      describe: () => Promise.reject(new Error("no question is expected")),
      tags: async () => engine.tags,
      search: async (term, limit) => [
        { name: term, description: `${limit}`, stars: 3, official: true, automated: false },
        { name: `${term}2`, description: "", stars: 1, official: false, automated: false },
      ],
    },
    builder: { build: (request, options) => engine.build(request, options), activeBuilds: 0 },
    events,
    settings: openSettings(folder),
    scratchDir: folder,
    extractContext: async (stream) => {
      for await (const _ of stream);
    },
    status: () => ({
      version: "0.1.0",
      pid: process.pid,
      home: folder,
      socket,
      startedAt: 0,
      isolation: "root",
      outbound: "none",
      runtime: "builtin",
      seccomp: false,
      cgroups: { version: 2, controllers: ["memory", "pids"] },
      notes: [],
      runningContainers: containers.runningCount,
      activeBuilds: 0,
    }),
    buildCache: { list: async () => engine.cacheItems, prune: (wish) => prune(engine, wish) },
    collectGarbage: async () => 0,
    busy: () => () => {},
    shutdown: () => {
      shutdowns += 1;
    },
    log: (line) => void log.push(line),
  };
  const api = createApiServer(services);
  await listenOnSocket(api.http, socket);

  const open: FakeEngine["open"] = (method, url, options = {}) =>
    new Promise((resolve, reject) => {
      const json = options.json === undefined ? undefined : Buffer.from(JSON.stringify(options.json));
      const body = json ?? options.body;
      const headers = {
        ...(json ? { "content-type": "application/json" } : {}),
        ...(Buffer.isBuffer(body) ? { "content-length": String(body.length) } : {}),
        ...options.headers,
      };
      const { signal } = options;
      const req = httpRequest(
        { socketPath: socket, method, path: url, headers, ...(signal ? { signal } : {}) },
        resolve,
      );
      req.on("error", reject);
      if (body instanceof Readable) body.pipe(req);
      else req.end(body);
    });

  const engine: FakeEngine = {
    socket,
    folder,
    api,
    services,
    containers,
    images,
    log,
    pull: () => Promise.reject(new Error("no pull is expected")),
    tags: ["latest"],
    push: () => Promise.reject(new Error("no push is expected")),
    login: () => Promise.reject(new Error("no login is expected")),
    build: () => Promise.reject(new Error("no build is expected")),
    cacheItems: [],
    prunes: [],
    get shutdowns() {
      return shutdowns;
    },
    open,
    request: async (method, url, options) => toAnswer(await open(method, url, options)),
    hijack: (url, body = "") => hijack(socket, url, body),
    async close() {
      await api.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return engine;
}

async function prune(engine: FakeEngine, wish: PruneWish): Promise<{ ids: readonly string[]; freedBytes: number }> {
  engine.prunes.push(wish);
  const gone = planPrune(engine.cacheItems, wish);
  return { ids: gone.map(({ id }) => id), freedBytes: gone.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
}

async function toAnswer(res: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of res) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  const text = raw.toString();
  return {
    status: res.statusCode ?? 0,
    headers: res.headers,
    text,
    raw,
    json: () => JSON.parse(text),
    lines: () =>
      text
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => JSON.parse(line)),
  };
}

async function hijack(socketPath: string, url: string, body: string): Promise<Hijacked> {
  const socket = connect({ path: socketPath, allowHalfOpen: true });
  await once(socket, "connect");
  const length = body ? `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` : "";
  socket.write(`POST ${url} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n${length}\r\n${body}`);
  let data = Buffer.alloc(0);
  let headEnd = -1;
  const arrived = new EventEmitter();
  socket.on("data", (chunk) => {
    data = Buffer.concat([data, chunk]);
    if (headEnd < 0) headEnd = data.indexOf("\r\n\r\n");
    if (headEnd >= 0) arrived.emit("head");
  });
  const received = once(socket, "end").then(() => {
    socket.end();
    return data.subarray(headEnd + 4);
  });
  if (headEnd < 0) await once(arrived, "head");
  return { head: data.subarray(0, headEnd).toString(), socket, received };
}

/** The event that a failing builder would send. */
export function failedBuild(message: string, exitCode?: number): Extract<BuildEvent, { type: "failed" }> {
  const error = new EngineError({
    code: "build-step-failed",
    message: msg("{text}", { text: message }),
    ...(exitCode === undefined ? {} : { exitCode }),
  });
  return { type: "failed", step: 0, error: error.toBody(), at: 0 };
}

const fakeContent: ContentStore = {
  has: () => false,
  pathOf: () => "",
  sizeOf: () => undefined,
  open: () => Readable.from([]),
  readJson: () => Promise.reject(new Error("not here")),
  put: async (data) => digestOf(data),
  ingest: () => Promise.reject(new Error("not here")),
  remove: async () => {},
  list: async () => [],
  lease: () => ({ release: () => {} }),
  reclaim: async () => 0,
};

function notFound(code: "not-found" | "image-not-found", name: string): EngineError {
  return new EngineError({ code, message: msg("No such object: {name}", { name }) });
}

export class FakeImages implements ImageStore {
  #images: ImageRecord[] = [];

  /** Makes an image out of nothing. */
  plant(names: readonly string[], config: ContainerConfig = {}, platform = hostPlatform(process.arch)): ImageRecord {
    const descriptor = { mediaType: "application/vnd.oci.image.manifest.v1+json", size: 2, digest: digestOf("{}") };
    const id = digestOf(`${names.join()}${this.#images.length}`);
    const image: ImageRecord = {
      id,
      manifestDescriptor: descriptor,
      manifest: { schemaVersion: 2, config: { ...descriptor, digest: id }, layers: [{ ...descriptor, size: 100 }] },
      config: {
        ...platform,
        created: "2026-01-02T03:04:05Z",
        config,
        history: [{ created_by: "COPY . ." }, { created_by: 'CMD ["sh"]', empty_layer: true }],
        rootfs: { type: "layers", diff_ids: [digestOf("layer")] },
      },
      names,
      repoDigests: [],
      sizeBytes: 102,
      taggedAt: 0,
    };
    this.#images.push(image);
    return image;
  }

  async list() {
    return this.#images;
  }

  async find(nameOrId: string) {
    const reference = tryParseReference(nameOrId);
    const name = reference && formatReference(reference);
    return this.#images.find(
      ({ id, names }) =>
        names.includes(name ?? "") || id === nameOrId || (nameOrId.length >= 3 && id.startsWith(`sha256:${nameOrId}`)),
    );
  }

  async add(_: Descriptor, names: readonly Reference[]) {
    return this.plant(names.map(formatReference));
  }

  async tag(nameOrId: string, name: Reference) {
    const image = await this.find(nameOrId);
    if (!image) throw notFound("image-not-found", nameOrId);
    this.#replace(image, { ...image, names: [...image.names, formatReference(name)] });
  }

  async remove(nameOrId: string) {
    const image = await this.find(nameOrId);
    if (!image) throw notFound("image-not-found", nameOrId);
    const reference = tryParseReference(nameOrId);
    const name = reference && formatReference(reference);
    const rest = image.names.filter((own) => own !== name);
    if (rest.length > 0 && rest.length < image.names.length) {
      this.#replace(image, { ...image, names: rest });
      return [{ untagged: name ?? "" }];
    }
    this.#images = this.#images.filter((other) => other !== image);
    return [...image.names.map((untagged) => ({ untagged })), { deleted: image.id }];
  }

  async collect() {
    return 0;
  }

  #replace(image: ImageRecord, by: ImageRecord) {
    this.#images = this.#images.map((other) => (other === image ? by : other));
  }
}

/** Output that a test writes and a client reads. */
export class FakeAttachment implements Attachment {
  readonly input: string[] = [];
  stdinClosed = false;
  detached = false;
  readonly #source = new Readable({ objectMode: true, read() {} });
  readonly changed = new EventEmitter();

  get output() {
    return this.#source as AsyncIterable<{ stream: "stdout" | "stderr"; data: Uint8Array }>;
  }

  say(stream: "stdout" | "stderr", text: string) {
    this.#source.push({ stream, data: Buffer.from(text) });
  }

  finish() {
    this.#source.push(null);
  }

  write(data: Uint8Array) {
    this.input.push(Buffer.from(data).toString());
    this.changed.emit("input");
  }

  closeStdin() {
    this.stdinClosed = true;
    this.changed.emit("closed");
  }

  detach() {
    if (this.detached) return;
    this.detached = true;
    this.finish();
    this.changed.emit("detached");
  }
}

const idle = {
  ...{ rxBytes: 0, rxPackets: 0, rxErrors: 0, rxDropped: 0 },
  ...{ txBytes: 0, txPackets: 0, txErrors: 0, txDropped: 0 },
};

export class FakeContainers implements Containers, ContainerControls, ContainerConnections {
  readonly #all = new Map<string, Container>();
  readonly #ends = new EventEmitter();
  readonly attachments = new Map<string, FakeAttachment>();
  readonly execs = new Map<string, Exec>();
  readonly calls: string[] = [];
  samples = 0;
  lines: LogLine[] = [];

  list() {
    return [...this.#all.values()];
  }

  async connect(nameOrId: string, network: string): Promise<void> {
    this.calls.push(`connect ${this.get(nameOrId).name} ${network.length}`);
  }

  async disconnect(nameOrId: string, network: string): Promise<void> {
    this.calls.push(`disconnect ${this.get(nameOrId).name} ${network.length}`);
  }

  get(nameOrId: string): Container {
    const found = this.list().find(({ id, name }) => name === nameOrId || id.startsWith(nameOrId));
    if (!found) throw notFound("not-found", nameOrId);
    return found;
  }

  openRoot(): Promise<ContainerRoot> {
    return Promise.reject(new Error("it has no files"));
  }

  /** Changes a container as its process would. */
  change(nameOrId: string, changes: Partial<Container>) {
    const container = { ...this.get(nameOrId), ...changes };
    this.#all.set(container.id, container);
    if (changes.status === "exited") this.#ends.emit(container.id, container.exitCode ?? 0);
  }

  attachmentOf(nameOrId: string): FakeAttachment {
    const { id } = this.get(nameOrId);
    const attachment = this.attachments.get(id) ?? new FakeAttachment();
    this.attachments.set(id, attachment);
    return attachment;
  }

  async create(options: CreateOptions) {
    const container: Container = {
      id: digestOf(`container ${this.#all.size}`).slice(7),
      name: options.name ?? `name${this.#all.size}`,
      options,
      imageId: digestOf(options.image),
      path: options.cmd?.[0] ?? "sh",
      args: options.cmd?.slice(1) ?? [],
      env: options.env ?? [],
      workingDir: "/",
      user: "",
      hostname: "box",
      labels: options.labels ?? {},
      exposedPorts: options.exposedPorts ?? [],
      createdAt: Date.parse("2026-01-02T03:04:05Z") + this.#all.size,
      status: "created",
      publishedPorts: [],
      restartCount: 0,
      endpoints: [],
      mounts: options.mounts ?? [],
    };
    this.#all.set(container.id, container);
    return container;
  }

  async start(nameOrId: string) {
    if (this.get(nameOrId).status === "running") return false;
    this.change(nameOrId, { status: "running", pid: process.pid, startedAt: Date.now() });
    return true;
  }

  async stop(nameOrId: string, options: object = {}) {
    this.calls.push(`stop ${JSON.stringify(options)}`);
    if (this.get(nameOrId).status !== "running") return false;
    this.change(nameOrId, { status: "exited", exitCode: 143, finishedAt: Date.now() });
    return true;
  }

  async kill(nameOrId: string, signal?: string) {
    this.calls.push(`kill ${signal}`);
    this.change(nameOrId, { status: "exited", exitCode: 137, finishedAt: Date.now() });
  }

  async restart(nameOrId: string) {
    this.change(nameOrId, { status: "running" });
  }

  warningsFor(): readonly Message[] {
    return [];
  }

  async pause(nameOrId: string) {
    this.change(nameOrId, { status: "paused" });
  }

  async unpause(nameOrId: string) {
    this.change(nameOrId, { status: "running" });
  }

  async update(nameOrId: string, change: ContainerUpdate) {
    this.calls.push(`update ${this.get(nameOrId).name} ${JSON.stringify(change)}`);
    return [msg("No limit of {what}.", { what: "swap" })];
  }

  /** Each asks for the next second. */
  async stats(): Promise<StatsSample> {
    this.samples += 1;
    return {
      readAt: Date.parse("2026-01-02T03:04:05Z") + this.samples * 1000,
      cpuTotalNs: BigInt(this.samples) * 100_000_000n,
      machineCpuNs: BigInt(this.samples) * 2_000_000_000n,
      onlineCpus: 2,
      memoryBytes: 4096,
      memoryLimitBytes: 8192,
      memoryParts: { inactive_file: 1024 },
      pids: 3,
      networks: { eth0: { ...idle, rxBytes: 5 } },
      blockIo: [{ major: 8, minor: 0, op: "read", bytes: 6 }],
    };
  }

  async rename(nameOrId: string, name: string) {
    this.change(nameOrId, { name });
  }

  async remove(nameOrId: string, { force, volumes }: { readonly force: boolean; readonly volumes?: boolean }) {
    this.calls.push(`remove ${JSON.stringify({ force, volumes })}`);
    const container = this.get(nameOrId);
    if (container.status === "running" && !force) {
      throw new EngineError({ code: "conflict", message: msg("{name} is running", { name: nameOrId }) });
    }
    this.#all.delete(container.id);
  }

  async wait(nameOrId: string) {
    const { id, status, exitCode } = this.get(nameOrId);
    if (status === "exited") return exitCode ?? 0;
    const [code] = await once(this.#ends, id);
    return code as number;
  }

  async *logs() {
    yield* this.lines;
  }

  async attach(nameOrId: string) {
    return this.attachmentOf(nameOrId);
  }

  async resize(nameOrId: string, size: object) {
    this.calls.push(`resize ${this.get(nameOrId).name} ${JSON.stringify(size)}`);
  }

  async createExec(nameOrId: string, options: ExecOptions) {
    const exec: Exec = {
      id: digestOf(`exec ${this.execs.size}`).slice(7),
      containerId: this.get(nameOrId).id,
      args: options.args,
      tty: options.tty ?? false,
      openStdin: options.openStdin ?? false,
      privileged: options.privileged ?? false,
      ...(options.user ? { user: options.user } : {}),
      running: false,
    };
    this.execs.set(exec.id, exec);
    return exec;
  }

  async startExec(execId: string) {
    this.execs.set(execId, { ...this.getExec(execId), running: true, pid: 7 });
    const attachment = new FakeAttachment();
    this.attachments.set(execId, attachment);
    return attachment;
  }

  getExec(execId: string) {
    const exec = this.execs.get(execId);
    if (!exec) throw notFound("not-found", execId);
    return exec;
  }

  execsIn(containerId: string) {
    return [...this.execs.values()].filter((exec) => exec.containerId === containerId).map(({ id }) => id);
  }

  async resizeExec(execId: string, size: object) {
    this.calls.push(`resize exec ${this.getExec(execId).running} ${JSON.stringify(size)}`);
  }

  usersOf(imageId: Digest) {
    return this.list().filter((container) => container.imageId === imageId);
  }

  get runningCount() {
    return this.list().filter(({ status }) => status === "running").length;
  }

  async recover() {}
}
