import type { MissCause } from "../base/build-events.ts";
import { changesBetween, whyMissed } from "../cache/cause.ts";
import { StepHistory, type StepKeys } from "../cache/history.ts";
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

/** Says of one build's steps why they are done. Never throws: an explanation that cannot be made is a short one. */
export class Explainer {
  readonly #options: ExplainerOptions;
  readonly #history: StepHistory<StepBefore>;

  constructor(options: ExplainerOptions) {
    this.#options = options;
    this.#history = new StepHistory(options.graph, options.stepsBefore);
  }

  /** The same step in an earlier build. */
  before(vertex: Vertex): StepBefore | undefined {
    return this.#history.before(vertex);
  }

  /** `context`: what the step takes from, when that is the build's context. */
  async why(vertex: Vertex, keys: StepKeys, context: FolderContext | undefined): Promise<MissCause> {
    const { noCache, listings, statCache, stepOf } = this.#options;
    const { content } = keys;
    const before = this.before(vertex);
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
      now: this.#history.traceOf(vertex, keys),
      before,
      noCache,
      parent: this.#history.parentOf(vertex, stepOf),
      files: known && listing ? changesBetween(known, listing) : undefined,
      fromContext: context !== undefined,
      vertex,
    });
  }
}
