import type { MissCause } from "../base/build-events.ts";
import type { Digest } from "../base/digest.ts";
import { changesBetween, type Parent, stepBefore, whyMissed } from "../cache/cause.ts";
import type { FolderContext } from "../context/load.ts";
import type { StatCache } from "../context/types.ts";
import type { BuildGraph, Vertex } from "../graph/graph.ts";
import { type Listings, listingOf } from "./listings.ts";
import type { StepBefore } from "./record.ts";

interface ExplainerOptions {
  readonly graph: BuildGraph;
  readonly listings: Listings;
  readonly statCache: StatCache;
  /** Steps of earlier builds of the Dockerfile, newest first; asked for at the first miss. */
  readonly stepsBefore: () => readonly StepBefore[];
  readonly noCache: boolean;
  readonly stepOf: (vertex: number) => number | undefined;
}

export interface StepKeys {
  readonly key: Digest;
  readonly parentKey: Digest | undefined;
  readonly content: Digest | undefined;
}

/** Says of one build's steps why they are done. Never throws: an explanation that cannot be made is a short one. */
export class Explainer {
  readonly #options: ExplainerOptions;
  readonly #places: readonly number[];
  readonly #texts = new Map<string, Set<string>>();
  #before: readonly StepBefore[] | undefined;

  constructor(options: ExplainerOptions) {
    this.#options = options;
    this.#places = placesOf(options.graph);
    for (const { stage, text } of options.graph.vertices) {
      const texts = this.#texts.get(stage) ?? new Set();
      this.#texts.set(stage, texts.add(text));
    }
  }

  /** The same step in an earlier build. */
  before({ id, stage, text }: Vertex): StepBefore | undefined {
    this.#before ??= this.#options.stepsBefore();
    const now = { stage, text, place: this.#places[id] ?? 0 };
    return stepBefore(now, this.#before, this.#texts.get(stage) ?? new Set());
  }

  /** `context`: what the step takes from, when that is the build's context. */
  async why(vertex: Vertex, keys: StepKeys, context: FolderContext | undefined): Promise<MissCause> {
    const { noCache, listings, statCache } = this.#options;
    const { key, parentKey, content } = keys;
    const before = this.before(vertex);
    const now = {
      stage: vertex.stage,
      text: vertex.text,
      place: this.#places[vertex.id] ?? 0,
      key,
      ...(parentKey === undefined ? {} : { parentKey }),
      ...(content === undefined ? {} : { content }),
    };
    const listing =
      context && content !== undefined && vertex.op.kind === "copy"
        ? await context.selectAll(vertex.op).then(
            (selected) => listingOf(selected, statCache),
            () => undefined,
          )
        : undefined;
    if (content !== undefined && listing) await listings.write(content, listing);
    const known = before?.content === undefined ? undefined : await listings.read(before.content);
    return whyMissed({
      now,
      before,
      noCache,
      parent: this.#parentOf(vertex),
      files: known && listing ? changesBetween(known, listing) : undefined,
      fromContext: context !== undefined,
    });
  }

  #parentOf({ op }: Vertex): Parent | undefined {
    const parent = "parent" in op ? this.#options.graph.vertices[op.parent] : undefined;
    if (!parent) return undefined;
    if (parent.op.kind === "image") return { kind: "base", name: parent.op.name };
    if (parent.op.kind === "scratch") return { kind: "base", name: "scratch" };
    return { kind: "step", step: this.#options.stepOf(parent.id) };
  }
}

/** By vertex: how many of its stage come before it. */
export function placesOf(graph: BuildGraph): readonly number[] {
  const counts = new Map<string, number>();
  return graph.vertices.map(({ stage }) => {
    const place = counts.get(stage) ?? 0;
    counts.set(stage, place + 1);
    return place;
  });
}
