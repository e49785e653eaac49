import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Digest, hexOf } from "../base/digest.ts";
import { cacheDocument, type ExportedStep } from "../cache/exported.ts";
import type { BuildGraph } from "../graph/graph.ts";
import { isRecord } from "../oci/documents.ts";
import { type Descriptor, mediaTypes, type Platform } from "../oci/types.ts";
import type { Credentials, RegistryClient } from "../registry/types.ts";
import type { ContentStore } from "../store/types.ts";
import { cacheKindUnknown } from "./cache-errors.ts";
import type { CacheTarget } from "./cache-spec.ts";
import type { Execution } from "./execution.ts";

export interface ExportDeps {
  readonly content: ContentStore;
  readonly registry: Partial<Pick<RegistryClient, "push">>;
  readonly platform: Platform;
  readonly credentials: Readonly<Record<string, Credentials>>;
  readonly signal: AbortSignal;
}

/** Writes what the steps of a build made to where another engine finds it. @throws EngineError */
export async function exportCache(
  target: Exclude<CacheTarget, { kind: "inline" }>,
  steps: readonly ExportedStep[],
  deps: ExportDeps,
): Promise<void> {
  const { content, registry, platform, credentials, signal } = deps;
  const { config, layers } = cacheDocument(steps, platform);
  const put = async (mediaType: string, document: object): Promise<Descriptor> => {
    const text = JSON.stringify(document);
    return { mediaType, digest: await content.put(text), size: Buffer.byteLength(text) };
  };
  const configDescriptor = await put(mediaTypes.buildCache, config);
  const manifest = await put(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: configDescriptor,
    layers,
  });
  if (target.kind === "local") {
    const blobs = [configDescriptor, ...layers, manifest].map(({ digest }) => digest);
    return writeFolder(target.folder, target.tag, manifest, blobs, deps);
  }
  if (!registry.push) throw cacheKindUnknown("registry");
  const login = credentials[target.reference.registry];
  await registry.push(target.reference, manifest, { form: {}, signal, ...(login ? { credentials: login } : {}) });
}

/**
 * What leaves: of `max` every step that was needed, of `min` those whose layers the image has. Steps of `min` alone do not
 * help where the image copies from a stage: that stage is built to know what it has.
 */
export function exportable(graph: BuildGraph, execution: Execution, mode: "min" | "max"): readonly ExportedStep[] {
  const wanted = mode === "max" ? undefined : chainOf(graph);
  return [...execution.results].flatMap(([vertex, { record }]) => {
    if (!record || (wanted && !wanted.has(vertex))) return [];
    const op = graph.vertices[vertex]?.op;
    const parentKey = op && "parent" in op ? execution.keys.get(op.parent) : undefined;
    const { key, layer, createdAt, durationMs, text } = record;
    return [{ key, ...(parentKey === undefined ? {} : { parentKey }), layer, createdAt, durationMs, text }];
  });
}

/** The result's vertex and those below it. */
function chainOf(graph: BuildGraph): ReadonlySet<number> {
  const chain = new Set<number>();
  for (let vertex = graph.vertices[graph.result]; vertex; ) {
    chain.add(vertex.id);
    vertex = "parent" in vertex.op ? graph.vertices[vertex.op.parent] : undefined;
  }
  return chain;
}

/** An OCI image layout. Other tags in it stay; the index is replaced last, so that a cache is there completely or not at all. */
async function writeFolder(
  folder: string,
  tag: string,
  manifest: Descriptor,
  blobs: readonly Digest[],
  { content, signal }: ExportDeps,
): Promise<void> {
  const place = path.join(folder, "blobs", "sha256");
  await mkdir(place, { recursive: true });
  for (const digest of new Set(blobs)) {
    signal.throwIfAborted();
    const file = path.join(place, hexOf(digest));
    // Copied by the kernel, and on file systems that can do it not even that.
    await copyFile(content.pathOf(digest), `${file}.new`);
    await rename(`${file}.new`, file);
  }
  const named = { ...manifest, annotations: { [refName]: tag } };
  const others = (await readIndex(folder)).filter((entry) => annotationOf(entry) !== tag);
  await writeAside(path.join(folder, "oci-layout"), { imageLayoutVersion: "1.0.0" });
  await writeAside(path.join(folder, "index.json"), {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [...others, named],
  });
}

const refName = "org.opencontainers.image.ref.name";

export function annotationOf(entry: unknown): string | undefined {
  const name = isRecord(entry) && isRecord(entry.annotations) ? entry.annotations[refName] : undefined;
  return typeof name === "string" ? name : undefined;
}

/** Entries of the folder's index; none when there is no index yet. */
async function readIndex(folder: string): Promise<readonly unknown[]> {
  try {
    const index: unknown = JSON.parse(await readFile(path.join(folder, "index.json"), "utf8"));
    return isRecord(index) && Array.isArray(index.manifests) ? index.manifests : [];
  } catch {
    return [];
  }
}

async function writeAside(file: string, document: object): Promise<void> {
  try {
    await writeFile(`${file}.new`, JSON.stringify(document));
    await rename(`${file}.new`, file);
  } catch (error) {
    await rm(`${file}.new`, { force: true });
    throw error;
  }
}
