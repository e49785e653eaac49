import type { BuildRequest } from "../base/build-events.ts";
import type { BuildGraph, Vertex } from "./graph.ts";
import { inputsOf } from "./inputs.ts";

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

/** As the reference: what is done without the cache is done for all that stands on it, in whatever stage. */
export function uncachedVertices(
  { vertices }: BuildGraph,
  { noCache = false, noCacheFilter = [] }: Pick<BuildRequest, "noCache" | "noCacheFilter">,
): ReadonlySet<number> {
  const stages = new Set(noCacheFilter.map((name) => name.toLowerCase()));
  const uncached = new Set<number>();
  for (const { id, op, stage } of vertices) {
    if (op.kind === "image" || op.kind === "scratch") continue;
    if (noCache || stages.has(stage) || inputsOf(op).some((input) => uncached.has(input))) uncached.add(id);
  }
  return uncached;
}

export function vertexOf(graph: BuildGraph, id: number): Vertex {
  const vertex = graph.vertices[id];
  if (!vertex) throw new Error(`the graph has no vertex ${id}`);
  return vertex;
}
