import type { BuildEvent } from "../base/build-events.ts";
import type { Digest } from "../base/digest.ts";
import type { EngineError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { vertexKey } from "../cache/keys.ts";
import type { FolderContext } from "../context/load.ts";
import type { BuildGraph, CopyOp, Vertex } from "../graph/graph.ts";
import { inputsOf } from "../graph/inputs.ts";
import type { Runtime } from "../runtime/types.ts";
import type { Layer, Snapshotter } from "../snapshot/types.ts";
import type { CacheRecord, CacheStore, ContentStore } from "../store/types.ts";
import { copyStep, digestInRoot, makeDirectoryStep } from "./copy.ts";
import { asEngineError, at, noRuntime } from "./errors.ts";
import { runStep } from "./run.ts";
import { type SelectionMemo, selectionKey } from "./selection-memo.ts";
import type { SharedWork } from "./shared-work.ts";

/** What a step tells while it runs, to every build that waits for it. */
export type StepEvent =
  | { readonly kind: "line"; readonly stream: "stdout" | "stderr"; readonly text: string }
  | { readonly kind: "bytes"; readonly item: string; readonly total: number }
  | { readonly kind: "warning"; readonly message: Message };

interface ExecutionDeps {
  readonly content: ContentStore;
  readonly cache: CacheStore;
  readonly snapshots: Snapshotter;
  readonly runtime: Runtime | undefined;
  /** Why there is no runtime, and the cure. */
  readonly runtimeNote?: Message;
  readonly memo: SelectionMemo;
  readonly work: SharedWork<CacheRecord, StepEvent>;
  readonly now: () => number;
  /** A fresh name and folder for one RUN. */
  readonly scratch: () => { readonly id: string; readonly folder: string };
}

interface ExecutionOptions {
  readonly buildId: string;
  readonly graph: BuildGraph;
  readonly context: FolderContext;
  /** Layers of each image vertex. */
  readonly imageLayers: (vertex: Vertex) => readonly Layer[];
  readonly noCache: boolean;
  readonly signal: AbortSignal;
  /** Number of a vertex in the events; undefined for one that nobody sees. */
  readonly stepOf: (vertex: number) => number | undefined;
  readonly emit: (event: BuildEvent) => void;
}

interface VertexResult {
  readonly layers: readonly Layer[];
  /** Absent for images and the empty file system. */
  readonly record?: CacheRecord;
  readonly cached: boolean;
  readonly durationMs: number;
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
  readonly #contents = new Map<number, Promise<Digest | undefined>>();
  readonly #keys = new Map<number, Promise<Digest>>();
  readonly #results = new Map<number, Promise<VertexResult>>();
  #failure: StepFailure | undefined;

  constructor(deps: ExecutionDeps, options: ExecutionOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
  }

  /** Resolves when nothing runs any more: with what failed first, or undefined. */
  async run(): Promise<StepFailure | undefined> {
    const { graph } = this.#options;
    const needed = reachable(graph, graph.result);
    // Reading the context goes on beside commands that run, a source that is not there is known at once, and the stages
    // that are copied from begin at once.
    for (const id of needed) {
      const { op } = vertexOf(graph, id);
      if (op.kind === "copy") this.#contentOf(id, op).catch((error) => this.#fail(id, error));
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
    const startedAt = this.#deps.now();
    const key = await this.#key(id);
    this.#signal.throwIfAborted();
    const found = this.#options.noCache ? undefined : await this.#deps.cache.get(key);
    if (step !== undefined) emit({ type: "step-started", step, cached: found !== undefined, at: this.#deps.now() });
    const record = found ?? (await this.#work(vertex, key, parent, step));
    const finishedAt = this.#deps.now();
    const result: VertexResult = {
      layers: [...parent, record.layer],
      record,
      cached: found !== undefined,
      durationMs: finishedAt - startedAt,
    };
    this.results.set(id, result);
    if (step !== undefined) {
      emit({
        type: "step-done",
        step,
        cached: result.cached,
        durationMs: result.durationMs,
        sizeBytes: record.layer.descriptor.size,
        at: finishedAt,
      });
    }
    return result;
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
    const content = vertex.op.kind === "copy" ? await this.#contentOf(id, vertex.op) : undefined;
    return vertexKey(vertex, inputs, content);
  }

  #contentOf(id: number, op: CopyOp): Promise<Digest | undefined> {
    let content = this.#contents.get(id);
    if (!content) {
      content = this.#digestContent(op);
      this.#contents.set(id, content);
    }
    return content;
  }

  async #digestContent(op: CopyOp): Promise<Digest | undefined> {
    const { context } = this.#options;
    if (op.sources.length === 0) return undefined;
    if (op.from.kind === "context") return context.digest(await context.selectAll(op), this.#signal);

    const { layers } = await this.#result(op.from.vertex);
    const { snapshots, memo } = this.#deps;
    const { sources, excludes, parents } = op;
    const key = selectionKey(
      layers.map(({ diffId }) => diffId),
      { sources, excludes, parents },
    );
    const remembered = memo.get(key);
    if (remembered) return remembered;
    const view = await snapshots.mountView(layers, this.#signal);
    try {
      const digest = await digestInRoot(op, view.path, this.#signal);
      memo.set(key, digest);
      return digest;
    } finally {
      await view.release();
    }
  }

  /** Does the step, or waits for another build that is doing it. */
  #work(vertex: Vertex, key: Digest, parent: readonly Layer[], step: number | undefined): Promise<CacheRecord> {
    const { buildId, noCache, emit } = this.#options;
    const listen = (event: StepEvent) => {
      const time = this.#deps.now();
      if (event.kind === "warning") emit({ type: "warning", message: event.message, range: vertex.range });
      else if (step === undefined) return;
      else if (event.kind === "line") emit({ type: "log", step, stream: event.stream, text: event.text, at: time });
      else emit({ type: "progress", step, item: event.item, currentBytes: event.total });
    };
    // Without the cache a step is done anew for this build, though still once in it.
    return this.#deps.work.join(noCache ? `${buildId} ${key}` : key, this.#signal, listen, async (tell, signal) => {
      const startedAt = this.#deps.now();
      const layer = await this.#layer(vertex, parent, startedAt, tell, signal);
      const createdAt = this.#deps.now();
      const record = { key, layer, createdAt, durationMs: createdAt - startedAt, text: vertex.text };
      signal.throwIfAborted();
      await this.#deps.cache.put(record);
      return record;
    });
  }

  async #layer(
    { op }: Vertex,
    layers: readonly Layer[],
    now: number,
    tell: (event: StepEvent) => void,
    signal: AbortSignal,
  ): Promise<Layer> {
    const { snapshots, content, runtime, runtimeNote, scratch } = this.#deps;
    if (op.kind === "run") {
      if (!runtime) throw noRuntime(runtimeNote);
      const onLine = (stream: "stdout" | "stderr", text: string) => tell({ kind: "line", stream, text });
      return runStep(op, { layers, snapshots, runtime, signal, onLine, ...scratch() });
    }
    const warn = (message: Message) => tell({ kind: "warning", message });
    const files = { layers, snapshots, content, signal, now, warn };
    if (op.kind === "mkdir") return makeDirectoryStep(op, files);
    if (op.kind !== "copy") throw new Error(`a ${op.kind} makes no layer`);

    const isContext = op.from.kind === "context";
    const source = isContext
      ? { kind: "context" as const, context: this.#options.context }
      : { kind: "layers" as const, layers: (await this.#result(op.from.vertex)).layers };
    const item = isContext ? "context" : "files";
    return copyStep(op, source, {
      ...files,
      onBytes: throttled((total) => tell({ kind: "bytes", item, total }), this.#deps.now),
    });
  }
}

/** Ids that are needed for `result`, itself included. */
export function reachable(graph: BuildGraph, result: number): ReadonlySet<number> {
  const needed = new Set<number>();
  const open = [result];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (needed.has(id)) continue;
    needed.add(id);
    open.push(...inputsOf(vertexOf(graph, id).op));
  }
  return needed;
}

export function vertexOf(graph: BuildGraph, id: number): Vertex {
  const vertex = graph.vertices[id];
  if (!vertex) throw new Error(`the graph has no vertex ${id}`);
  return vertex;
}

function throttled(report: (total: number) => void, now: () => number): (total: number) => void {
  let last = now();
  return (total) => {
    if (now() - last < 100) return;
    last = now();
    report(total);
  };
}
