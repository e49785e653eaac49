import type { BuildEvent, BuildStep } from "../base/build-events.ts";
import type { BuildGraph } from "../graph/graph.ts";
import { reachable, vertexOf } from "../graph/vertices.ts";

/**
 * The numbered steps of one build and what has been told about them. `started` goes out once the steps are known: before
 * base images are pulled, from what can be told without them; and again in the rare case that a base image's ONBUILD
 * triggers add steps, which then replaces the earlier list.
 */
export class StepList {
  readonly #buildId: string;
  readonly #emit: (event: BuildEvent) => void;
  readonly #now: () => number;
  readonly #started = new Set<number>();
  #steps: readonly BuildStep[] | undefined;
  #vertices: readonly number[] = [];

  constructor(buildId: string, emit: (event: BuildEvent) => void, now: () => number) {
    this.#buildId = buildId;
    this.#emit = emit;
    this.#now = now;
  }

  get steps(): readonly BuildStep[] {
    return this.#steps ?? [];
  }

  /** By step. */
  get vertices(): readonly number[] {
    return this.#vertices;
  }

  stepOf(vertex: number): number | undefined {
    const step = this.#vertices.indexOf(vertex);
    return step < 0 ? undefined : step;
  }

  announce(graph: BuildGraph): void {
    const needed = reachable(graph, graph.result);
    this.#vertices = graph.vertices.map(({ id }) => id).filter((id) => needed.has(id));
    const steps = this.#vertices.map((vertex, id) => {
      const { stage, text, keyword, range } = vertexOf(graph, vertex);
      return { id, stage, text, keyword, range };
    });
    if (this.#steps && JSON.stringify(this.#steps) === JSON.stringify(steps)) return;
    this.#steps = steps;
    this.#started.clear();
    this.#emit({ type: "started", buildId: this.#buildId, steps, at: this.#now() });
  }

  /** Tells it once. */
  start(step: number, cached = false): void {
    if (this.#started.has(step)) return;
    this.#started.add(step);
    this.#emit({ type: "step-started", step, cached, at: this.#now() });
  }

  done(step: number, cached: boolean, durationMs: number): void {
    this.start(step, cached);
    this.#emit({ type: "step-done", step, cached, durationMs, at: this.#now() });
  }
}
