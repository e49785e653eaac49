import type { MissCause } from "../base/build-events.ts";
import type { Digest } from "../base/digest.ts";
import type { EngineError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { addContent, copySelection, selectionKey, vertexKey } from "../cache/keys.ts";
import type { FolderContext } from "../context/load.ts";
import type { CopyOp, RunOp, Vertex } from "../graph/graph.ts";
import { inputsOf, type SourcedMount } from "../graph/inputs.ts";
import { reachable, uncachedVertices, vertexOf } from "../graph/vertices.ts";
import type { Layer } from "../snapshot/types.ts";
import type { CacheRecord } from "../store/types.ts";
import { AddSources } from "./add-sources.ts";
import { copyStep, digestInRoot, makeDirectoryStep } from "./copy.ts";
import { checkRunnable } from "./emulation.ts";
import { asEngineError, at, noRuntime } from "./errors.ts";
import type { ExecutionDeps, ExecutionOptions, StepEvent } from "./execution-options.ts";
import type { Reuse } from "./layer-writer.ts";
import { MountedSources } from "./mounts-source.ts";
import { runStep } from "./run.ts";
import { throttled } from "./throttled.ts";

/** Opening a few files is faster than looking them up in another layer. */
const fewestIndexed = 50;

interface VertexResult {
  readonly layers: readonly Layer[];
  /** Absent for images and the empty file system. */
  readonly record?: CacheRecord;
  readonly cached: boolean;
  readonly durationMs: number;
  readonly cause?: MissCause;
}

export interface StepFailure {
  readonly vertex: number;
  readonly error: EngineError;
}

/** One build's way through its graph: each needed vertex once, independent ones at the same time. */
export class Execution {
  readonly keys = new Map<number, Digest>();
  readonly results = new Map<number, VertexResult>();
  readonly #deps: ExecutionDeps;
  readonly #options: ExecutionOptions;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #added: AddSources;
  readonly #contents = new Map<number, Promise<Digest | undefined>>();
  readonly #keys = new Map<number, Promise<Digest>>();
  readonly #mounted: MountedSources;
  readonly #uncached: ReadonlySet<number>;
  readonly #results = new Map<number, Promise<VertexResult>>();
  /** Two steps of one key are one step: what is found for the first holds for both, and it is done once. */
  readonly #found = new Map<Digest, Promise<CacheRecord | undefined>>();
  readonly #done = new Map<string, CacheRecord>();
  /** When each vertex really began: what it takes from elsewhere was there. */
  readonly #begun = new Map<number, number>();
  #failure: StepFailure | undefined;

  constructor(deps: ExecutionDeps, options: ExecutionOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
    this.#uncached = uncachedVertices(options.graph, options.request);
    this.#added = new AddSources({
      remotes: deps.remotes,
      ...(options.access ? { access: options.access } : {}),
      signal: this.#signal,
      now: deps.now,
      onStart: (vertex) => void this.#begin(vertex, false),
      onProgress: (vertex, item, currentBytes, totalBytes) => {
        const step = options.stepOf(vertex);
        const total = totalBytes === undefined ? {} : { totalBytes };
        if (step !== undefined) options.emit({ type: "progress", step, item, currentBytes, ...total });
      },
    });
    this.#mounted = new MountedSources(deps, {
      signal: this.#signal,
      layersOf: async (vertex) => (await this.#result(vertex)).layers,
      contextOf: (name) => this.#context(name),
      shareWork: (key, signal, make) =>
        deps.work.join(
          key,
          signal,
          () => undefined,
          (_tell, own) => make(own),
        ),
    });
  }

  /** Resolves when nothing runs any more: with what failed first, or undefined. */
  async run(): Promise<StepFailure | undefined> {
    const { graph } = this.#options;
    const needed = reachable(graph, graph.result);
    // Reading the context goes on beside commands that run, a source that is not there is known at once, and the stages
    // that are copied from begin at once.
    for (const id of needed) {
      const { op } = vertexOf(graph, id);
      if (op.kind === "copy" || op.kind === "run") this.#contentOf(id, op).catch((error) => this.#fail(id, error));
    }
    this.#result(graph.result).catch(() => undefined);
    await this.#settle();
    return this.#failure;
  }

  /** Work may start more work until its inputs are there, so this looks again until nothing is new. */
  async #settle(): Promise<void> {
    for (let seen = -1; seen !== this.#results.size + this.#contents.size; ) {
      seen = this.#results.size + this.#contents.size;
      await Promise.allSettled([...this.#results.values(), ...this.#contents.values()]);
    }
  }

  #result(id: number): Promise<VertexResult> {
    let result = this.#results.get(id);
    if (!result) {
      result = this.#make(id).catch((error) => {
        throw this.#fail(id, error);
      });
      this.#results.set(id, result);
    }
    return result;
  }

  /** The first failure is the build's; it stops the other branches, whose failures are only its echo. */
  #fail(vertex: number, error: unknown): EngineError {
    const known = at(asEngineError(error, this.#signal), vertexOf(this.#options.graph, vertex).range);
    this.#failure ??= { vertex, error: known };
    this.#stop.abort();
    return known;
  }

  async #make(id: number): Promise<VertexResult> {
    const { graph, imageLayers, emit, stepOf } = this.#options;
    const vertex = vertexOf(graph, id);
    const { op } = vertex;
    // A failed input has already been reported as its own failure.
    const parent = "parent" in op ? (await this.#result(op.parent)).layers : [];
    if (op.kind === "image" || op.kind === "scratch") {
      const result = { layers: op.kind === "image" ? imageLayers(vertex) : [], cached: true, durationMs: 0 };
      this.results.set(id, result);
      return result;
    }

    const step = stepOf(id);
    const key = await this.#key(id);
    this.#signal.throwIfAborted();
    const found = this.#uncached.has(id) ? undefined : await this.#find(key);
    const startedAt = this.#begun.get(id) ?? this.#begin(id, found !== undefined);
    // Why it is done is found out beside doing it.
    const why = found ? undefined : this.#why(vertex, key);
    const record = found ?? (await this.#work(vertex, key, parent, step));
    const cause = await why;
    const finishedAt = this.#deps.now();
    const result: VertexResult = {
      layers: [...parent, record.layer],
      record,
      cached: found !== undefined,
      durationMs: finishedAt - startedAt,
      ...(cause === undefined ? {} : { cause }),
    };
    this.results.set(id, result);
    if (step !== undefined) {
      emit({
        type: "step-done",
        step,
        cached: result.cached,
        durationMs: result.durationMs,
        sizeBytes: record.layer.descriptor.size,
        ...(cause === undefined ? {} : { cause }),
        at: finishedAt,
      });
    }
    return result;
  }

  #begin(id: number, cached: boolean): number {
    const at = this.#deps.now();
    this.#begun.set(id, at);
    const step = this.#options.stepOf(id);
    if (step !== undefined) this.#options.emit({ type: "step-started", step, cached, at });
    return at;
  }

  #find(key: Digest): Promise<CacheRecord | undefined> {
    let found = this.#found.get(key);
    if (!found) {
      found = this.#deps.cache.get(key);
      this.#found.set(key, found);
    }
    return found;
  }

  #key(id: number): Promise<Digest> {
    let key = this.#keys.get(id);
    if (!key) {
      key = this.#makeKey(id);
      this.#keys.set(id, key);
      key.then(
        (digest) => this.keys.set(id, digest),
        () => undefined,
      );
    }
    return key;
  }

  async #makeKey(id: number): Promise<Digest> {
    const vertex = vertexOf(this.#options.graph, id);
    const inputs = await Promise.all(inputsOf(vertex.op).map((input) => this.#key(input)));
    const { op } = vertex;
    const content = op.kind === "copy" || op.kind === "run" ? await this.#contentOf(id, op) : undefined;
    return vertexKey(vertex, inputs, content);
  }

  /** What the step is known by, besides its key. */
  async partsOfKey(id: number): Promise<{ readonly parentKey?: Digest; readonly content?: Digest }> {
    const { op } = vertexOf(this.#options.graph, id);
    const parentKey = "parent" in op ? this.keys.get(op.parent) : undefined;
    const content = await this.#contents.get(id)?.catch(() => undefined);
    return { ...(parentKey === undefined ? {} : { parentKey }), ...(content === undefined ? {} : { content }) };
  }

  async #why(vertex: Vertex, key: Digest): Promise<MissCause | undefined> {
    const { explainer, context } = this.#options;
    const { parentKey, content } = await this.partsOfKey(vertex.id);
    const fromContext = vertex.op.kind === "copy" && isOwnContext(vertex.op);
    const cause = await explainer
      .why(vertex, { key, parentKey, content }, fromContext ? context : undefined)
      .catch(() => undefined);
    return this.#uncached.has(vertex.id) ? { kind: "no-cache" } : cause;
  }

  #contentOf(id: number, op: CopyOp | RunOp): Promise<Digest | undefined> {
    let content = this.#contents.get(id);
    if (!content) {
      if (op.kind === "run") content = this.#mounted.digest(op);
      else content = op.remotes ? this.#digestFetched(id, op) : this.#digestContent(op);
      this.#contents.set(id, content);
    }
    return content;
  }

  async #digestFetched(id: number, op: CopyOp): Promise<Digest> {
    const [local, fetched] = await Promise.all([this.#digestContent(op), this.#added.of(id, op)]);
    return addContent(
      local,
      fetched.map(({ digest }) => digest),
    );
  }

  async #digestContent(op: CopyOp): Promise<Digest | undefined> {
    if (op.sources.length === 0) return undefined;
    if (op.from.kind === "context") {
      const context = await this.#context(op.from.name);
      return context.digest(await context.selectAll(op), this.#signal);
    }

    const { layers } = await this.#result(op.from.vertex);
    const { snapshots, memo } = this.#deps;
    const key = selectionKey(
      layers.map(({ diffId }) => diffId),
      copySelection(op),
    );
    const remembered = memo.get(key);
    if (remembered) return remembered;
    const view = await snapshots.mountView(layers, this.#signal, { looks: true });
    try {
      const digest = await digestInRoot(op, view, this.#signal);
      memo.set(key, digest);
      return digest;
    } finally {
      await view.release();
    }
  }

  /** Does the step, or waits for another build that is doing it. */
  async #work(vertex: Vertex, key: Digest, parent: readonly Layer[], step: number | undefined): Promise<CacheRecord> {
    const { buildId, emit } = this.#options;
    const noCache = this.#uncached.has(vertex.id);
    const listen = (event: StepEvent) => {
      const time = this.#deps.now();
      if (event.kind === "warning") emit({ type: "warning", message: event.message, range: vertex.range });
      else if (step === undefined) return;
      else if (event.kind === "line") emit({ type: "log", step, stream: event.stream, text: event.text, at: time });
      else emit({ type: "progress", step, item: event.item, currentBytes: event.total });
    };
    // Without the cache a step is done anew for this build, though still once in it.
    const job = noCache ? `${buildId} ${key}` : key;
    const done = this.#done.get(job);
    if (done) return done;
    const parts = await this.partsOfKey(vertex.id);
    const record = await this.#deps.work.join(job, this.#signal, listen, async (tell, signal) => {
      const startedAt = this.#deps.now();
      const layer = await this.#layer(vertex, parent, startedAt, tell, signal);
      const createdAt = this.#deps.now();
      const made = { key, layer, createdAt, durationMs: createdAt - startedAt, text: vertex.text, ...parts };
      signal.throwIfAborted();
      await this.#deps.cache.put(made);
      return made;
    });
    this.#done.set(job, record);
    return record;
  }

  async #layer(
    vertex: Vertex,
    layers: readonly Layer[],
    now: number,
    tell: (event: StepEvent) => void,
    signal: AbortSignal,
  ): Promise<Layer> {
    const { snapshots, content, runtime, runtimeNote, scratch } = this.#deps;
    const { op, newestMs } = vertex;
    const newest = newestMs === undefined ? {} : { newestMs };
    if (op.kind === "run") {
      if (!runtime) throw noRuntime(runtimeNote);
      if (vertex.platform) checkRunnable(vertex.platform, this.#deps.platform);
      const onLine = (stream: "stdout" | "stderr", text: string) => tell({ kind: "line", stream, text });
      const { secrets = {}, ssh = {} } = this.#options.request;
      const { home, facts } = this.#deps;
      const sourceOf = (mount: SourcedMount) => this.#mounted.sourceOf(mount, signal);
      const machine = { home, facts, layers, snapshots, runtime, ...newest };
      return runStep(op, { ...machine, secrets, ssh, sourceOf, scratch, signal, onLine, ...scratch() });
    }
    const warn = (message: Message) => tell({ kind: "warning", message });
    const files = { layers, snapshots, content, signal, now, warn, ...newest };
    if (op.kind === "mkdir") return makeDirectoryStep(op, files);
    if (op.kind !== "copy") throw new Error(`a ${op.kind} makes no layer`);

    const isContext = op.from.kind === "context";
    const source =
      op.from.kind === "context"
        ? { kind: "context" as const, context: await this.#context(op.from.name) }
        : { kind: "layers" as const, layers: (await this.#result(op.from.vertex)).layers };
    const item = isContext ? "context" : "files";
    const reuse = isContext ? await this.#reuse(vertex) : undefined;
    const layer = await copyStep(op, source, {
      ...files,
      ...(reuse ? { reuse } : {}),
      fetched: await this.#added.of(vertex.id, op),
      folder: scratch().folder,
      onBytes: throttled((total) => tell({ kind: "bytes", item, total }), this.#deps.now),
    });
    if (reuse && reuse.index.size >= fewestIndexed) await this.#deps.layerIndexes.write(layer.diffId, reuse.index);
    return layer;
  }

  /** The build's own, or a named one. */
  async #context(name: string | undefined): Promise<FolderContext> {
    return name === undefined ? this.#options.context : this.#options.namedContext(name);
  }

  /** The layer that this step made last time has most of its files, as a rule. */
  async #reuse(vertex: Vertex): Promise<Reuse> {
    const { statCache, layerIndexes, content } = this.#deps;
    const index = new Map<Digest, number>();
    const before = this.#options.explainer.before(vertex)?.layer;
    const known = before && content.has(before) ? await layerIndexes.read(before) : undefined;
    return {
      // What lies inside an archive is not the file.
      known: (file) => (file.offset === undefined ? statCache.known(file) : undefined),
      index,
      ...(before && known ? { from: { file: content.pathOf(before), index: known } } : {}),
    };
  }
}

function isOwnContext({ from }: CopyOp): boolean {
  return from.kind === "context" && from.name === undefined;
}
