import type { BuildGraph } from "../graph/graph.ts";
import { type HistoryEntry, type ImageConfig, type Manifest, mediaTypes } from "../oci/types.ts";
import type { Layer } from "../snapshot/types.ts";

/** What a vertex of the result added: when its layer was made, by whichever build made it. */
interface MadeLayer {
  readonly createdAt: number;
}

export interface ImageParts {
  readonly graph: BuildGraph;
  /** Of the base and of the steps, bottom first. */
  readonly layers: readonly Layer[];
  /** By vertex; base vertices are not in it. */
  readonly made: ReadonlyMap<number, MadeLayer>;
  /** `created` of the base image, for a result that adds no layer. */
  readonly baseCreated: string | undefined;
}

/**
 * The image's config. Times come from the layers, never from now: a build in which everything was cached makes the same
 * image again.
 */
export function imageConfig({ graph, layers, made, baseCreated }: ImageParts): ImageConfig {
  const history = historyOf(graph, made, baseCreated);
  const { os, architecture, variant } = graph.platform;
  const { newestMs } = graph;
  const last = history.findLast((entry) => entry.created !== undefined)?.created ?? baseCreated ?? isoTime(0);
  const created = newestMs === undefined ? last : isoTime(newestMs);
  return {
    architecture,
    os,
    ...(variant ? { variant } : {}),
    ...(graph.author === undefined ? {} : { author: graph.author }),
    created,
    config: graph.config,
    history: padded(history, layers.length),
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
  };
}

export function imageManifest(
  config: { readonly digest: Manifest["config"]["digest"]; readonly size: number },
  layers: readonly Layer[],
): Manifest {
  return {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, ...config },
    layers: layers.map(({ descriptor: { mediaType, digest, size } }) => ({
      mediaType: ociLayerType(mediaType),
      digest,
      size,
    })),
  };
}

/** Empty entries take the time of the layer before them; before any layer, of the first that comes. */
function historyOf(
  graph: BuildGraph,
  made: ReadonlyMap<number, MadeLayer>,
  baseCreated: string | undefined,
): HistoryEntry[] {
  const timeOf = (vertex: number | undefined) => {
    const layer = vertex === undefined ? undefined : made.get(vertex);
    return layer && isoTime(graph.newestMs ?? layer.createdAt);
  };
  const first = graph.history.map(({ vertex }) => timeOf(vertex)).find((time) => time !== undefined);
  let time = graph.newestMs === undefined ? (first ?? baseCreated ?? isoTime(0)) : isoTime(graph.newestMs);
  return graph.history.map(({ createdBy, comment, vertex, base }) => {
    if (base) return base;
    time = timeOf(vertex) ?? time;
    return {
      created: time,
      created_by: createdBy,
      ...(comment === "" ? {} : { comment }),
      ...(vertex === undefined ? { empty_layer: true } : {}),
    };
  });
}

/** OCI image spec: as many entries that are not empty as there are layers. Some base images have none at all. */
function padded(history: readonly HistoryEntry[], layers: number): HistoryEntry[] {
  const missing = layers - history.filter((entry) => !entry.empty_layer).length;
  const filler = Array.from({ length: Math.max(0, missing) }, () => ({
    comment: "imported from an image without history",
  }));
  return [...filler, ...history];
}

/** An OCI manifest names OCI types, also for layers that came with a Docker manifest. */
function ociLayerType(mediaType: string): string {
  return mediaType === mediaTypes.dockerLayerGzip ? mediaTypes.layerGzip : mediaType;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
