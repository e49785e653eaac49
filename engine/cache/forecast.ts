import type { MissCause } from "../base/build-events.ts";
import type { Digest } from "../base/digest.ts";
import type { Forecast, ForecastOutcome, StepForecast, UnknownCause } from "../base/forecast.ts";
import { withoutCredentials } from "../graph/add.ts";
import type { BuildGraph, CopyOp, Op, RunOp, Vertex } from "../graph/graph.ts";
import { inputsOf, mountSources } from "../graph/inputs.ts";
import { reachable, uncachedVertices, vertexOf } from "../graph/vertices.ts";
import { type StepTrace, whyMissed } from "./cause.ts";
import { type Fact, factsOf } from "./facts.ts";
import { totalsOf } from "./forecast-cost.ts";
import { reasonOf } from "./forecast-reasons.ts";
import type { ForecastState, KeptResult, PastStep } from "./forecast-state.ts";
import { placesOf, StepHistory, type StepKeys } from "./history.ts";
import {
  addContent,
  copySelection,
  mountedSelection,
  mountsContent,
  needsContent,
  selectionKey,
  vertexKey,
} from "./keys.ts";

/** What is known of a step before it is built. */
interface Foreseen {
  /**
   * `one`: its key. `some`: the keys it may have among those under which anything was ever made. `any`: nothing is known.
   */
  readonly keys:
    | { readonly kind: "one"; readonly key: Digest; readonly content: Digest | undefined }
    | { readonly kind: "some"; readonly keys: readonly Digest[]; readonly why: UnknownCause }
    | { readonly kind: "any"; readonly why: UnknownCause };
  readonly outcome: ForecastOutcome;
  readonly cause?: MissCause | UnknownCause;
  readonly kept?: KeptResult | undefined;
  /** Chain of diff ids of its file system, where that is known. */
  readonly layers?: readonly Digest[] | undefined;
}

type StepOp = Exclude<Op, { kind: "image" | "scratch" }>;

type Content =
  | { readonly kind: "known"; readonly digest: Digest | undefined }
  | { readonly kind: "open"; readonly why: UnknownCause }
  | { readonly kind: "fails"; readonly why: UnknownCause & { readonly kind: "fails" } };

/** What a record keeps of a step. */
type KeyParts = Pick<StepTrace, "key" | "parentKey" | "content">;

export interface ForecastSteps extends Pick<Forecast, "steps" | "totals"> {
  /** By step: undefined where it is not known before the build. */
  readonly keys: readonly (KeyParts | undefined)[];
  /** By step: how many of its stage come before it. */
  readonly places: readonly number[];
  /** Of one step, with its key: for the record of a build. */
  facts(step: number, key: Digest): readonly Fact[];
}

/**
 * What a build of this graph would do now, step by step. A step is looked up by its key, as the build does it; where a key
 * depends on what is not known before the build, by all keys that it can have: if nothing is kept under any of them, it is
 * done for certain.
 */
export function forecast(graph: BuildGraph, state: ForecastState): ForecastSteps {
  return new Forecaster(graph, state).run();
}

class Forecaster {
  readonly #graph: BuildGraph;
  readonly #state: ForecastState;
  readonly #history: StepHistory<PastStep>;
  readonly #uncached: ReadonlySet<number>;
  readonly #steps: readonly number[];
  readonly #foreseen = new Map<number, Foreseen>();

  constructor(graph: BuildGraph, state: ForecastState) {
    this.#graph = graph;
    this.#state = state;
    this.#history = new StepHistory(graph, () => state.stepsBefore);
    this.#uncached = uncachedVertices(graph, state);
    const needed = reachable(graph, graph.result);
    this.#steps = graph.vertices.map(({ id }) => id).filter((id) => needed.has(id));
  }

  run(): ForecastSteps {
    for (const id of this.#steps) this.#foreseen.set(id, this.#foresee(vertexOf(this.#graph, id)));
    const steps = this.#steps.map((id) => this.#stepOf(vertexOf(this.#graph, id)));
    const places = new Map(this.#steps.map((id, at) => [id, at]));
    const inputs = this.#steps.map((id) =>
      inputsOf(vertexOf(this.#graph, id).op).map((input) => places.get(input) ?? 0),
    );
    const placesInStages = placesOf(this.#graph);
    return {
      steps,
      totals: totalsOf(steps, inputs),
      keys: this.#steps.map((id) => this.#tracedBy(vertexOf(this.#graph, id))),
      places: this.#steps.map((id) => placesInStages[id] ?? 0),
      facts: (step, key) => factsOf(vertexOf(this.#graph, this.#steps[step] ?? -1), key),
    };
  }

  #tracedBy({ id, op }: Vertex): KeyParts | undefined {
    const { keys } = this.#at(id);
    if (keys.kind !== "one") return undefined;
    const parentKey = "parent" in op ? this.#keyOf(op.parent) : undefined;
    return {
      key: keys.key,
      ...(parentKey === undefined ? {} : { parentKey }),
      ...(keys.content === undefined ? {} : { content: keys.content }),
    };
  }

  #stepOf(vertex: Vertex): StepForecast {
    const { stage, text, range } = vertex;
    const { outcome, cause, kept } = this.#at(vertex.id);
    const past = this.#state.pastOf?.(stage, text);
    return {
      line: lineOf(vertex),
      range,
      stage,
      instruction: text,
      outcome,
      reason: reasonOf(outcome, cause),
      ...(cause === undefined ? {} : { cause }),
      ...this.#costOf(vertex, kept),
      ...(past ? { past } : {}),
    };
  }

  #at(id: number): Foreseen {
    const known = this.#foreseen.get(id);
    if (!known) throw new Error(`the step ${id} comes before what it needs`);
    return known;
  }

  #foresee(vertex: Vertex): Foreseen {
    const { op } = vertex;
    if (op.kind === "scratch") return this.#base(vertex, []);
    if (op.kind === "image") {
      if (!this.#state.missingImages.has(op.imageId)) return this.#base(vertex, op.diffIds);
      const why: UnknownCause = { kind: "base-missing", name: op.name, ...(this.#state.pull ? { isAsked: true } : {}) };
      return { keys: { kind: "any", why }, outcome: "miss", cause: why };
    }
    const content = this.#contentOf(vertex, op);
    const keys = this.#keysOf(vertex, op.parent, content);
    if (content.kind === "fails") return { keys, outcome: "unknown", cause: content.why };
    if (this.#uncached.has(vertex.id)) return { keys, outcome: "miss", cause: { kind: "no-cache" } };
    if (keys.kind !== "one") return this.#guess(vertex, op, keys, content);

    const kept = this.#state.kept(keys.key);
    if (!kept) return this.#missed(vertex, op, keys);
    const below = this.#at(op.parent).layers;
    const layers = below && kept.diffId !== undefined ? [...below, kept.diffId] : undefined;
    return { keys, outcome: "hit", kept, layers };
  }

  #base(vertex: Vertex, layers: readonly Digest[]): Foreseen {
    return { keys: { kind: "one", key: vertexKey(vertex, []), content: undefined }, outcome: "hit", layers };
  }

  #missed(vertex: Vertex, op: StepOp, keys: Foreseen["keys"] & { readonly kind: "one" }): Foreseen {
    const parentKey = this.#keyOf(op.parent);
    const line = this.#state.isForeign ? this.#reusedBy(vertex, op, keys) : undefined;
    if (line !== undefined) return { keys, outcome: "unknown", cause: { kind: "depends", line } };
    return { keys, outcome: "miss", cause: this.#whyMissed(vertex, op, { ...keys, parentKey }) };
  }

  /** A step whose key is not known is done for certain if nothing is kept under any key that it can have. */
  #guess(vertex: Vertex, op: StepOp, keys: Exclude<Foreseen["keys"], { kind: "one" }>, content: Content): Foreseen {
    const state = this.#state;
    const isPossible =
      keys.kind === "any"
        ? keys.why.kind === "fails" || !state.isEmpty
        : keys.keys.some((key) => state.kept(key) !== undefined) || state.hasUntraced(vertex.text);
    if (isPossible) return { keys, outcome: "unknown", cause: keys.why };
    const before = this.#history.before(vertex);
    const parentKey = this.#keyOf(op.parent);
    const isGone = before !== undefined && keys.kind === "some" && keys.keys.includes(before.key);
    if (isGone) return { keys, outcome: "miss", cause: { kind: "pruned" } };
    // It has another key than it had; which one does not matter here, so that it may be any that no step ever has.
    const keyOn = (key: Digest) => vertexKey(vertex, [key, key], key);
    const cause: MissCause =
      parentKey !== undefined
        ? this.#whyMissed(vertex, op, { key: keyOn(parentKey), parentKey, content: undefined })
        : before
          ? (this.#ownCause(vertex, op, before, content) ??
            this.#withLine({ kind: "parent-rebuilt", step: this.#steps.indexOf(op.parent) }, op))
          : { kind: "never-built" };
    return { keys, outcome: "miss", cause };
  }

  /** While the step below may turn out as it was, done again or not: what is certain of the step itself. */
  #ownCause(vertex: Vertex, op: StepOp, before: PastStep, content: Content): MissCause | undefined {
    const { parentKey } = before;
    const below = this.#at(op.parent);
    if (parentKey === undefined) return undefined;
    const isOpen = below.keys.kind === "some" && below.keys.keys.includes(parentKey);
    if (below.outcome !== "unknown" && !isOpen) return undefined;
    const taken = content.kind === "known" ? content.digest : before.content;
    // Any key but the one it had: nothing stands on itself.
    const key = vertexKey(vertex, [before.key, before.key], before.key);
    const cause = this.#whyMissed(vertex, op, { key, parentKey, content: taken });
    return cause.kind === "environment-changed" && !cause.changes ? undefined : cause;
  }

  #whyMissed(vertex: Vertex, op: StepOp, keys: StepKeys): MissCause {
    const cause = whyMissed({
      now: this.#history.traceOf(vertex, keys),
      before: this.#history.before(vertex),
      noCache: false,
      parent: this.#history.parentOf(vertex, (id) => this.#steps.indexOf(id)),
      files: this.#state.changes.get(vertex.id),
      fromContext: op.kind === "copy" && op.from.kind === "context" && op.from.name === undefined,
      vertex,
    });
    return this.#withLine(cause, op);
  }

  /** Undefined while it is not known. */
  #keyOf(id: number): Digest | undefined {
    const { keys } = this.#at(id);
    return keys.kind === "one" ? keys.key : undefined;
  }

  #keysOf(vertex: Vertex, parent: number, content: Content): Foreseen["keys"] {
    if (content.kind === "fails") return { kind: "any", why: { ...content.why, line: lineOf(vertex) } };
    const below = this.#at(parent).keys;
    if (below.kind === "any") return below;
    const parents = below.kind === "one" ? [below.key] : below.keys;
    const others = inputsOf(vertex.op).slice(1);
    if (content.kind === "open") {
      const keys = parents.flatMap((key) => this.#tracedKeys(vertex, [key, ...others.map(() => key)]));
      return { kind: "some", keys, why: below.kind === "some" ? below.why : content.why };
    }
    const sources: Digest[] = [];
    for (const id of others) {
      const { keys } = this.#at(id);
      if (keys.kind === "one") sources.push(keys.key);
      // With a content digest no other key counts.
      else if (content.digest !== undefined) sources.push(content.digest);
      else return { kind: "any", why: keys.why };
    }
    const keyOn = (key: Digest) => vertexKey(vertex, [key, ...sources], content.digest);
    if (below.kind === "one") return { kind: "one", key: keyOn(below.key), content: content.digest };
    return { kind: "some", keys: below.keys.map(keyOn), why: below.why };
  }

  /** Of the keys that stood on this one, those that this step has with the content of that time. */
  #tracedKeys(vertex: Vertex, inputs: readonly Digest[]): readonly Digest[] {
    const [parent] = inputs;
    if (parent === undefined) return [];
    return this.#state.tracesOn(parent).flatMap(({ key, content }) => {
      if (content === undefined && needsContent(vertex.op)) return [];
      return vertexKey(vertex, inputs, content) === key ? [key] : [];
    });
  }

  #contentOf(vertex: Vertex, op: StepOp): Content {
    if (op.kind === "mkdir") return { kind: "known", digest: undefined };
    const taken = this.#state.taken.get(vertex.id);
    if (taken?.kind === "unknown") return { kind: "fails", why: taken.cause };
    if (op.kind === "run") return this.#mountedContent(op, taken?.kind === "mounts" ? taken.contexts : []);
    if (op.from.kind === "vertex") return this.#copiedContent(op, op.from.vertex);
    const { local, fetched } = taken?.kind === "known" ? taken : { local: undefined, fetched: undefined };
    if (!op.remotes) return { kind: "known", digest: local };
    if (fetched) return { kind: "known", digest: addContent(local, fetched) };
    return { kind: "open", why: { kind: "remote", address: withoutCredentials(op.remotes[0]?.url ?? "") } };
  }

  #copiedContent(op: CopyOp, from: number): Content {
    if (op.sources.length === 0 || this.#state.isForeign) return { kind: "known", digest: undefined };
    return this.#selected(from, copySelection(op));
  }

  #mountedContent(op: RunOp, contexts: readonly (Digest | undefined)[]): Content {
    const sources = mountSources(op);
    if (sources.length === 0) return { kind: "known", digest: undefined };
    const digests: Digest[] = [];
    let open: Content | undefined;
    for (const [at, { from, source }] of sources.entries()) {
      const content: Content =
        from.kind === "context"
          ? { kind: "known", digest: contexts[at] }
          : this.#selected(from.vertex, mountedSelection(source));
      if (content.kind !== "known") open ??= content;
      else if (content.digest !== undefined) digests.push(content.digest);
    }
    return open ?? { kind: "known", digest: mountsContent(digests) };
  }

  /** What is taken of a file system: known when its layers are, and somebody has looked. */
  #selected(from: number, what: Parameters<typeof selectionKey>[1]): Content {
    const { keys, layers } = this.#at(from);
    if (this.#state.isForeign && keys.kind === "one") {
      return { kind: "known", digest: selectionKey([keys.key], what) };
    }
    const digest = layers && this.#state.selection(selectionKey(layers, what));
    if (digest !== undefined) return { kind: "known", digest };
    return { kind: "open", why: this.#whyOpen(from) };
  }

  #whyOpen(from: number): UnknownCause {
    const { keys } = this.#at(from);
    if (keys.kind === "any") return keys.why;
    return { kind: "depends", line: lineOf(vertexOf(this.#graph, from)) };
  }

  /**
   * What another engine is known to keep is keyed by the stages that steps take from; that engine itself looks at the files, so
   * that it may use what was made of another stage. The line of what decides it.
   */
  #reusedBy(vertex: Vertex, op: StepOp, { content }: { readonly content: Digest | undefined }): number | undefined {
    const below = this.#sourceLine(op.parent);
    const isKnown = () => this.#state.pastSteps.some((step) => step.text === vertex.text && step.content === content);
    if (below !== undefined) return isKnown() ? below : undefined;
    const own = this.#sourceOf(op);
    const parentKey = this.#keyOf(op.parent);
    if (own === undefined || parentKey === undefined) return undefined;
    const there = new Set(this.#state.tracesOn(parentKey).map(({ key }) => key));
    const isThere =
      op.kind === "run"
        ? there.size > 0
        : this.#state.keys().some((source) => there.has(vertexKey(vertex, [parentKey, source])));
    return isThere ? own : undefined;
  }

  #sourceOf(op: Op): number | undefined {
    const [from] = inputsOf(op).slice(1);
    return from === undefined ? undefined : lineOf(vertexOf(this.#graph, from));
  }

  /** Of the nearest stage that this step or one that it stands on takes something from. */
  #sourceLine(id: number): number | undefined {
    for (let { op } = vertexOf(this.#graph, id); "parent" in op; { op } = vertexOf(this.#graph, op.parent)) {
      const line = this.#sourceOf(op);
      if (line !== undefined) return line;
    }
    return undefined;
  }

  /** A step below it that changed may itself be done only for one below: the first of them is what a person looks for. */
  #withLine(cause: MissCause, op: StepOp): MissCause {
    if (cause.kind !== "parent-rebuilt") return cause;
    const below = this.#at(op.parent).cause;
    const line = below?.kind === "parent-rebuilt" ? below.line : undefined;
    return { ...cause, line: line ?? lineOf(vertexOf(this.#graph, op.parent)) };
  }

  #costOf(vertex: Vertex, kept: KeptResult | undefined): Pick<StepForecast, "durationMs" | "sizeBytes"> {
    const cost = kept ? { ranMs: kept.durationMs, sizeBytes: kept.sizeBytes } : this.#pastOf(vertex);
    return {
      ...(cost?.ranMs === undefined ? {} : { durationMs: cost.ranMs }),
      ...(cost?.sizeBytes === undefined ? {} : { sizeBytes: cost.sizeBytes }),
    };
  }

  #pastOf(vertex: Vertex): PastStep | undefined {
    const { text, stage } = vertex;
    const { pastSteps } = this.#state;
    const before = this.#history.before(vertex);
    if (before?.ranMs !== undefined) return before;
    const measured = pastSteps.filter((step) => step.ranMs !== undefined && step.text === text);
    return measured.find((step) => step.stage === stage) ?? measured[0];
  }
}

function lineOf({ range }: Vertex): number {
  return range.start.line + 1;
}
