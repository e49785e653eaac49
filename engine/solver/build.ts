import path from "node:path";
import type { BuildRequest } from "../base/build-events.ts";
import type { Digest } from "../base/digest.ts";
import { formatMessage, type Message } from "../base/message.ts";
import { inlineFields } from "../cache/exported.ts";
import { factsOf } from "../cache/facts.ts";
import { placesOf } from "../cache/history.ts";
import type { FolderContext } from "../context/load.ts";
import type { Dockerfile } from "../dockerfile/model.ts";
import { parse } from "../dockerfile/parse.ts";
import { withoutCredentials } from "../graph/add.ts";
import type { BaseImage, BuildGraph } from "../graph/graph.ts";
import { lower } from "../graph/lower.ts";
import type { BaseReference, PlanOptions } from "../graph/plan.ts";
import { samePlatform } from "../oci/platform.ts";
import { familiarReference, parseReference, type Reference } from "../oci/reference.ts";
import { type Descriptor, mediaTypes } from "../oci/types.ts";
import type { Layer } from "../snapshot/types.ts";
import type { CacheRecord } from "../store/types.ts";
import { type FoundImage, findBases } from "./bases.ts";
import type { BuildServices } from "./builder.ts";
import { cacheNotWritten } from "./cache-errors.ts";
import { exportable, exportCache } from "./cache-export.ts";
import { withImported } from "./cache-import.ts";
import { type CacheSource, type CacheTarget, readCacheSource, readCacheTarget } from "./cache-spec.ts";
import { type Contexts, gitAccess, openContexts } from "./contexts.ts";
import { asEngineError, dockerfileProblems, recordLost, tagWithDigest } from "./errors.ts";
import { Execution, type StepFailure } from "./execution.ts";
import { noExporter } from "./output-errors.ts";
import { type Output, readOutputs } from "./output-options.ts";
import { namesIn } from "./outputs.ts";
import { newBuildId, originOf, stepsBefore, writeRecord } from "./record.ts";
import { planOptions, runRequest, standIn } from "./request.ts";
import { imageConfig, imageManifest } from "./result.ts";
import { StepList } from "./steps.ts";
import type { BuildOptions, StepRecord } from "./types.ts";
import { Explainer } from "./why.ts";

type Bases = ReadonlyMap<string, FoundImage>;

/** One build from request to image. Whatever is wrong with it ends in one `failed` event and in the record. */
export class Build {
  readonly #services: BuildServices;
  readonly #request: BuildRequest;
  readonly #options: BuildOptions;
  readonly #startedAt: number;
  readonly #buildId: string;
  readonly #steps: StepList;
  #tags: readonly Reference[] = [];
  #outputs: readonly Output[] = [];
  #context: FolderContext | undefined;
  #graph: BuildGraph | undefined;
  #bases: Bases = new Map();
  #execution: Execution | undefined;
  #delivered: Descriptor | undefined;
  #cacheTargets: readonly CacheTarget[] = [];

  constructor(services: BuildServices, request: BuildRequest, options: BuildOptions) {
    this.#services = services;
    this.#request = request;
    this.#options = options;
    this.#startedAt = services.now();
    this.#buildId = newBuildId(this.#startedAt, options.origin ?? originOf(request));
    this.#steps = new StepList(this.#buildId, options.emit, services.now);
  }

  async run(): Promise<Digest | undefined> {
    const { emit, signal } = this.#options;
    try {
      const imageId = await this.#build();
      await this.#keep(imageId).catch((error: unknown) => emit({ type: "warning", message: recordLost(error) }));
      const records = await this.#stepRecords();
      const at = this.#services.now();
      const delivered = this.#delivered;
      emit({
        type: "done",
        imageId,
        ...(delivered
          ? { manifest: { mediaType: delivered.mediaType, digest: delivered.digest, size: delivered.size } }
          : {}),
        tags: this.#tags.map(familiarReference),
        cachedSteps: records.filter((step) => step.cached).length,
        totalSteps: records.length,
        durationMs: at - this.#startedAt,
        at,
      });
      return imageId;
    } catch (error) {
      const failure: Partial<StepFailure> = error instanceof FailedStep ? error.failure : {};
      const known = failure.error ?? asEngineError(error, signal);
      const step = failure.vertex === undefined ? undefined : this.#steps.stepOf(failure.vertex);
      await this.#keep(undefined, formatMessage(known.details.message)).catch(() => undefined);
      emit({
        type: "failed",
        ...(step === undefined ? {} : { step }),
        error: known.toBody(),
        at: this.#services.now(),
      });
      return undefined;
    }
  }

  async #build(): Promise<Digest> {
    const { signal } = this.#options;
    // Names first: a build must not run for minutes and then fail at its tag.
    const tags = (this.#request.tags ?? []).map(readTag);
    this.#outputs = readOutputs(this.#request.outputs, tags);
    this.#tags = namesIn(this.#outputs);
    await this.#services.exporter?.check(this.#outputs);
    const { cacheFrom = [], cacheTo = [] } = this.#request;
    const cacheSources = cacheFrom.map(readCacheSource);
    this.#cacheTargets = cacheTo.map(readCacheTarget);
    const plan = planOptions(this.#request, this.#services.platform);
    signal.throwIfAborted();

    const contexts = await openContexts(this.#request, { ...this.#services, signal });
    try {
      return await this.#buildFrom(contexts, plan, cacheSources);
    } finally {
      await contexts.close();
    }
  }

  async #buildFrom(contexts: Contexts, plan: PlanOptions, cacheSources: readonly CacheSource[]): Promise<Digest> {
    const { signal, emit, credentials = {} } = this.#options;
    const { noCache = false } = this.#request;
    const context = contexts.main;
    this.#context = context;
    const dockerfile = parse(context.dockerfileText);
    this.#bases = await this.#findBases(dockerfile, plan);
    signal.throwIfAborted();

    const lowered = this.#lower(dockerfile, plan, this.#bases);
    if ("problems" in lowered) throw dockerfileProblems(lowered.problems);
    const { graph } = lowered;
    this.#graph = graph;
    this.#steps.announce(graph);
    this.#tellBases(graph);

    const warn = (message: Message) => emit({ type: "warning", message });
    const cache = await withImported(cacheSources, { ...this.#services, credentials, signal, warn });
    const execution = new Execution(
      { ...this.#services, cache },
      {
        buildId: this.#buildId,
        request: this.#request,
        graph,
        context,
        namedContext: (name) => contexts.named(name),
        access: gitAccess(this.#request),
        imageLayers: ({ op }) => this.#baseOf(op.kind === "image" ? op.imageId : undefined)?.layers ?? [],
        signal,
        stepOf: (vertex) => this.#steps.stepOf(vertex),
        emit,
        explainer: new Explainer({
          graph,
          listings: this.#services.listings,
          statCache: this.#services.statCache,
          stepsBefore: () => stepsBefore(this.#services.home, this.#buildId),
          noCache,
          stepOf: (vertex) => this.#steps.stepOf(vertex),
        }),
      },
    );
    this.#execution = execution;
    const failure = await execution.run();
    if (failure) throw new FailedStep(failure);
    signal.throwIfAborted();
    const imageId = await this.#makeImage(graph, execution);
    await this.#exportCaches(graph, execution);
    return imageId;
  }

  async #exportCaches(graph: BuildGraph, execution: Execution): Promise<void> {
    const { emit, signal, credentials = {} } = this.#options;
    for (const target of this.#cacheTargets) {
      if (target.kind === "inline") continue;
      try {
        const steps = exportable(graph, execution, target.mode);
        await exportCache(target, steps, { ...this.#services, platform: graph.platform, credentials, signal });
      } catch (error) {
        if (!target.ignoreError || signal.aborted) throw error;
        const place = target.kind === "local" ? target.folder : familiarReference(target.reference);
        emit({ type: "warning", message: cacheNotWritten(place, asEngineError(error).message) });
      }
    }
  }

  #lower(dockerfile: Dockerfile, plan: PlanOptions, images: ReadonlyMap<string, BaseImage>): ReturnType<typeof lower> {
    const { labels } = this.#request;
    const run = runRequest(this.#request);
    return lower(dockerfile, { ...plan, images, run, ...(labels === undefined ? {} : { labels }) });
  }

  #findBases(dockerfile: Dockerfile, plan: PlanOptions): Promise<Bases> {
    const { emit, signal, credentials = {} } = this.#options;
    const { images, content, memo, registry, pulls, now, platform: host } = this.#services;
    const pulling = new Map<string, number>();
    return findBases(dockerfile, {
      images,
      content,
      memo,
      registry,
      pulls,
      plan,
      isOwn: (platform) => samePlatform(platform, host),
      pull: this.#request.pull ?? false,
      credentials,
      signal,
      now,
      onPull: (found, missing) => {
        const graph = this.#preview(dockerfile, plan, found, missing);
        if (!graph) return;
        this.#steps.announce(graph);
        for (const reference of missing) {
          const vertex = graph.vertices.find(({ op }) => op.kind === "image" && op.imageId === standIn(reference).id);
          const step = vertex && this.#steps.stepOf(vertex.id);
          if (step === undefined) continue;
          pulling.set(reference.key, step);
          this.#steps.start(step);
        }
      },
      onProgress: ({ key }, { item, currentBytes, totalBytes }) => {
        const step = pulling.get(key);
        if (step === undefined) return;
        emit({ type: "progress", step, item, currentBytes, ...(totalBytes === undefined ? {} : { totalBytes }) });
      },
    });
  }

  /** The graph as far as it is known without the images that are missing; undefined when that is not enough to lower it. */
  #preview(
    dockerfile: Dockerfile,
    plan: PlanOptions,
    found: Bases,
    missing: readonly BaseReference[],
  ): BuildGraph | undefined {
    const images = new Map<string, BaseImage>(found);
    for (const reference of missing) images.set(reference.key, standIn(reference));
    const lowered = this.#lower(dockerfile, plan, images);
    return "graph" in lowered ? lowered.graph : undefined;
  }

  /** FROM steps are done before all others begin. */
  #tellBases(graph: BuildGraph): void {
    for (const [step, vertex] of this.#steps.vertices.entries()) {
      const op = graph.vertices[vertex]?.op;
      if (op?.kind !== "image" && op?.kind !== "scratch") continue;
      const base = this.#baseOf(op.kind === "image" ? op.imageId : undefined);
      this.#steps.done(step, !base?.pulled, base?.durationMs ?? 0);
    }
  }

  #baseOf(imageId: Digest | undefined): FoundImage | undefined {
    return [...this.#bases.values()].find(({ id }) => id === imageId);
  }

  async #makeImage(graph: BuildGraph, execution: Execution): Promise<Digest> {
    const { content } = this.#services;
    const layers = execution.results.get(graph.result)?.layers ?? [];
    const made = new Map(
      [...execution.results].flatMap(([vertex, { record }]) => (record ? [[vertex, record] as const] : [])),
    );
    let vertex = graph.vertices[graph.result];
    while (vertex && "parent" in vertex.op) vertex = graph.vertices[vertex.op.parent];
    const base = this.#baseOf(vertex?.op.kind === "image" ? vertex.op.imageId : undefined);

    const isInline =
      this.#cacheTargets.some(({ kind }) => kind === "inline") ||
      this.#request.buildArgs?.BUILDKIT_INLINE_CACHE === "1";
    const config = JSON.stringify({
      ...imageConfig({ graph, layers, made, baseCreated: base?.config.created }),
      ...(isInline ? inlineFields(exportable(graph, execution, "min"), layers) : {}),
    });
    const id = await content.put(config);
    const manifest = JSON.stringify(imageManifest({ digest: id, size: Buffer.byteLength(config) }, layers));
    const digest = await content.put(manifest);
    this.#options.signal.throwIfAborted();
    await this.#deliver({ mediaType: mediaTypes.manifest, digest, size: Buffer.byteLength(manifest) }, layers);
    return id;
  }

  async #deliver(manifest: Descriptor, layers: readonly Layer[]): Promise<void> {
    const { images, exporter, now } = this.#services;
    const { emit, signal, credentials = {} } = this.#options;
    if (!this.#request.outputs?.length) {
      await images.add(manifest, this.#tags);
      this.#delivered = manifest;
      return;
    }
    if (!exporter) throw noExporter();
    const tell = (message: Message) => emit({ type: "output", message, at: now() });
    this.#delivered = await exporter.deliver(this.#outputs, { manifest, layers }, { signal, credentials, tell });
  }

  /** The record of this build, and what later builds need not find out again. */
  async #keep(imageId: Digest | undefined, error?: string): Promise<void> {
    const { contextPath, dockerfile = "Dockerfile", target } = this.#request;
    const { home, now, statCache, memo } = this.#services;
    await Promise.all([statCache.save(), memo.save()]);
    if (this.#request.isPart) return;
    writeRecord(home, {
      buildId: this.#buildId,
      startedAt: this.#startedAt,
      durationMs: now() - this.#startedAt,
      contextPath: withoutCredentials(contextPath),
      dockerfile: this.#context?.dockerfile ?? path.resolve(contextPath, dockerfile),
      ...(target === undefined ? {} : { target }),
      tags: this.#tags.map(familiarReference),
      ...(imageId === undefined ? {} : { imageId }),
      ...(error === undefined ? {} : { error }),
      steps: await this.#stepRecords(),
    });
  }

  async #stepRecords(): Promise<StepRecord[]> {
    const places = this.#graph ? placesOf(this.#graph) : [];
    const records = this.#steps.steps.map(async ({ text, stage, range }, step): Promise<StepRecord> => {
      const vertex = this.#steps.vertices[step] ?? -1;
      const planned = this.#graph?.vertices[vertex];
      const op = planned?.op;
      const result = this.#execution?.results.get(vertex);
      const isBase = op?.kind === "image" || op?.kind === "scratch";
      // A step that failed, or was not reached, was never built: nothing can be said by its key.
      const key = isBase || result ? this.#execution?.keys.get(vertex) : undefined;
      const base = this.#baseOf(op?.kind === "image" ? op.imageId : undefined);
      return {
        text,
        stage,
        place: places[vertex] ?? 0,
        line: range.start.line,
        ...(key === undefined || !planned ? {} : { key, facts: factsOf(planned, key) }),
        ...(await this.#execution?.partsOfKey(vertex)),
        cached: isBase ? !base?.pulled : (result?.cached ?? false),
        durationMs: isBase ? (base?.durationMs ?? 0) : (result?.durationMs ?? 0),
        ...(result?.record ? madeParts(result.record) : {}),
        ...(result?.cause ? { cause: result.cause } : {}),
      };
    });
    return Promise.all(records);
  }
}

function madeParts({ layer, durationMs }: CacheRecord): Pick<StepRecord, "layer" | "sizeBytes" | "ranMs"> {
  return { layer: layer.descriptor.digest, sizeBytes: layer.descriptor.size, ranMs: durationMs };
}

/** Carries which step failed from the execution to the event. */
class FailedStep extends Error {
  readonly failure: StepFailure;

  constructor(failure: StepFailure) {
    super(failure.error.message, { cause: failure.error });
    this.failure = failure;
  }
}

function readTag(tag: string): Reference {
  const reference = parseReference(tag);
  if (reference.digest !== undefined) throw tagWithDigest(tag);
  return reference;
}
