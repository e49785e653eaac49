import { type Digest, isDigest } from "../base/digest.ts";
import { isDescriptor, isRecord } from "../oci/documents.ts";
import type { Descriptor, Platform } from "../oci/types.ts";

/** A step as it leaves one engine for another. */
export interface ExportedStep {
  readonly key: Digest;
  /** Of the step it builds on, when that is one of those exported. */
  readonly parentKey?: Digest;
  readonly layer: { readonly descriptor: Descriptor; readonly diffId: Digest };
  readonly createdAt: number;
  readonly durationMs: number;
  readonly text: string;
}

/** Where BuildKit keeps its document (`cacheimporttypes.CacheConfig`) inside an image's config. */
const inlineField = "moby.buildkit.cache.v0";
/** Our own section beside it. BuildKit ignores what it does not know; its keys and ours can never be equal. */
const ownField = "drydock.cache.v0";

/**
 * The config of an exported cache, and the layers of its manifest. It is BuildKit's document and at the same time an image's
 * config, so that whatever moves images (registries, copying tools, our own pull) moves caches.
 */
export function cacheDocument(
  steps: readonly ExportedStep[],
  { os, architecture }: Platform,
): { readonly config: object; readonly layers: readonly Descriptor[] } {
  const byDigest = new Map(steps.map(({ layer }) => [layer.descriptor.digest, layer]));
  const layers = [...byDigest.values()];
  const index = new Map([...byDigest.keys()].map((digest, at) => [digest, at]));
  return {
    layers: layers.map(({ descriptor: { mediaType, digest, size } }) => ({ mediaType, digest, size })),
    config: {
      architecture,
      os,
      config: {},
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
      ...buildkitParts(steps, index, (layer) => ({ blob: layer.descriptor.digest, annotations: annotationsOf(layer) })),
      [ownField]: ownPart(steps, index),
    },
  };
}

/** Fields for the config of the image itself (inline cache): only steps whose layers the image has. */
export function inlineFields(
  steps: readonly ExportedStep[],
  imageLayers: readonly { readonly diffId: Digest }[],
): Readonly<Record<string, unknown>> {
  const index = new Map(imageLayers.map(({ diffId }, at) => [diffId, at]));
  const there = steps.filter(({ layer }) => index.has(layer.diffId));
  const byBlob = new Map(there.map(({ layer }) => [layer.descriptor.digest, index.get(layer.diffId) ?? 0]));
  const parts = buildkitParts(there, byBlob, undefined);
  return {
    [inlineField]: Buffer.from(JSON.stringify(parts)).toString("base64"),
    [ownField]: ownPart(there, byBlob),
  };
}

/** What a document says it has: whoever wrote it may be anybody, so that anything but steps of the right form is left out. */
export function exportedSteps(config: unknown, layers: readonly Descriptor[]): readonly ExportedStep[] {
  if (!isRecord(config) || !isRecord(config.rootfs) || !isRecord(config[ownField])) return [];
  const { records } = config[ownField];
  const diffIds = config.rootfs.diff_ids;
  if (!Array.isArray(records) || !Array.isArray(diffIds) || records.length > mostRecords) return [];
  return records.flatMap((record: unknown): ExportedStep[] => {
    if (!isRecord(record)) return [];
    const { key, layer, createdAt, durationMs, text } = record;
    const descriptor = typeof layer === "number" ? layers[layer] : undefined;
    const diffId: unknown = typeof layer === "number" ? diffIds[layer] : undefined;
    const sound =
      typeof key === "string" &&
      isDigest(key) &&
      isDescriptor(descriptor) &&
      typeof diffId === "string" &&
      isDigest(diffId) &&
      isTime(createdAt) &&
      isTime(durationMs) &&
      typeof text === "string" &&
      text.length <= mostText;
    return sound ? [{ key, layer: { descriptor, diffId }, createdAt, durationMs, text }] : [];
  });
}

const mostRecords = 100_000;
const mostText = 100_000;

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(Math.round(value)) && value >= 0 && value < 8.64e15;
}

/**
 * Each layer's parent is the layer of the step below; those of base images are not exported. A record's input is the record
 * of the step below.
 */
function buildkitParts(
  steps: readonly ExportedStep[],
  index: ReadonlyMap<Digest, number>,
  about: ((layer: ExportedStep["layer"]) => object) | undefined,
): object {
  const place = new Map(steps.map(({ key }, at) => [key, at]));
  const stepOf = new Map(steps.map((step) => [step.key, step]));
  const parents = new Map(
    steps.map(({ layer, parentKey }) => [layer.descriptor.digest, parentKey && stepOf.get(parentKey)?.layer]),
  );
  const layers = [...index].map(([digest, at]) => {
    const step = steps.find(({ layer }) => layer.descriptor.digest === digest);
    const parent = parents.get(digest);
    const below = parent && parent.descriptor.digest !== digest ? index.get(parent.descriptor.digest) : undefined;
    return { at, entry: { ...(step && about ? about(step.layer) : {}), parent: below ?? -1 } };
  });
  return {
    layers: layers.toSorted((a, b) => a.at - b.at).map(({ entry }) => entry),
    records: steps.map(({ key, parentKey, layer, createdAt }) => {
      const input = parentKey === undefined ? undefined : place.get(parentKey);
      return {
        digest: key,
        ...(input === undefined ? {} : { inputs: [[{ link: input }]] }),
        layers: [{ layer: index.get(layer.descriptor.digest) ?? 0, createdAt: new Date(createdAt).toISOString() }],
      };
    }),
  };
}

function annotationsOf({ descriptor: { mediaType, size }, diffId }: ExportedStep["layer"]): object {
  return { mediaType, diffID: diffId, size };
}

function ownPart(steps: readonly ExportedStep[], index: ReadonlyMap<Digest, number>): object {
  return {
    records: steps.map(({ key, layer, createdAt, durationMs, text }) => ({
      key,
      layer: index.get(layer.descriptor.digest) ?? 0,
      createdAt,
      durationMs,
      text,
    })),
  };
}
