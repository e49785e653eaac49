import type { Digest } from "../base/digest.ts";
import type { BuildGraph, Vertex } from "../graph/graph.ts";
import { vertexOf } from "../graph/vertices.ts";
import { type Parent, type StepTrace, stepBefore } from "./cause.ts";

/** What decides the key of a step, as far as it is known apart. */
export interface StepKeys {
  readonly key: Digest;
  readonly parentKey: Digest | undefined;
  readonly content: Digest | undefined;
}

/** The steps of one graph beside those of earlier builds of the same Dockerfile. */
export class StepHistory<T extends StepTrace> {
  readonly #graph: BuildGraph;
  readonly #stepsBefore: () => readonly T[];
  readonly #places: readonly number[];
  readonly #texts = new Map<string, Set<string>>();
  #before: readonly T[] | undefined;

  /** `stepsBefore`: newest build first; asked for once, when they are needed. */
  constructor(graph: BuildGraph, stepsBefore: () => readonly T[]) {
    this.#graph = graph;
    this.#stepsBefore = stepsBefore;
    this.#places = placesOf(graph);
    for (const { stage, text } of graph.vertices) {
      const texts = this.#texts.get(stage) ?? new Set();
      this.#texts.set(stage, texts.add(text));
    }
  }

  /** The same step in an earlier build. */
  before({ id, stage, text }: Vertex): T | undefined {
    this.#before ??= this.#stepsBefore();
    const now = { stage, text, place: this.#places[id] ?? 0 };
    return stepBefore(now, this.#before, this.#texts.get(stage) ?? new Set());
  }

  /** What a record would say of the step. */
  traceOf({ id, stage, text }: Vertex, { key, parentKey, content }: StepKeys): StepTrace {
    return {
      stage,
      text,
      place: this.#places[id] ?? 0,
      key,
      ...(parentKey === undefined ? {} : { parentKey }),
      ...(content === undefined ? {} : { content }),
    };
  }

  /** `stepOf`: the number by which a person knows a vertex. */
  parentOf(vertex: Vertex, stepOf: (vertex: number) => number | undefined): Parent | undefined {
    const { op } = vertex;
    if (!("parent" in op)) return undefined;
    const parent = vertexOf(this.#graph, op.parent);
    if (parent.op.kind === "image") return { kind: "base", name: parent.op.name, was: this.#baseBefore(vertex) };
    if (parent.op.kind === "scratch") return { kind: "base", name: "scratch", was: this.#baseBefore(vertex) };
    return { kind: "step", step: stepOf(parent.id) };
  }

  /** The image that the same step stood on in an earlier build, by its name. */
  #baseBefore(vertex: Vertex): string | undefined {
    const parentKey = this.before(vertex)?.parentKey;
    const base = parentKey && this.#before?.find(({ key }) => key === parentKey);
    return base ? /^FROM\s+(\S+)/i.exec(base.text)?.[1] : undefined;
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
