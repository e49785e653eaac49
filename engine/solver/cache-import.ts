import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { type Digest, digestOf, hexOf, isDigest } from "../base/digest.ts";
import { EngineError } from "../base/errors.ts";
import { formatMessage, type Message } from "../base/message.ts";
import { type ExportedStep, exportedSteps } from "../cache/exported.ts";
import { isIndex, isManifest, isRecord } from "../oci/documents.ts";
import { familiarReference } from "../oci/reference.ts";
import type { Manifest } from "../oci/types.ts";
import type { Credentials, Registry } from "../registry/types.ts";
import type { CacheRecord, CacheStore, ContentStore } from "../store/types.ts";
import { cacheFolderUnusable, cacheNotRead } from "./cache-errors.ts";
import { annotationOf } from "./cache-export.ts";
import type { CacheSource } from "./cache-spec.ts";

export interface ImportDeps {
  readonly content: ContentStore;
  readonly cache: CacheStore;
  readonly registry: Registry;
  readonly credentials: Readonly<Record<string, Credentials>>;
  readonly signal: AbortSignal;
  readonly warn: (message: Message) => void;
}

interface Imported {
  readonly step: ExportedStep;
  /** Brings the layer into the store. */
  readonly fetch: () => Promise<void>;
}

const maxDocumentBytes = 8 * 1024 * 1024;

/**
 * The cache, and behind it what was exported elsewhere: a step that is found there is brought here, layer and record, when it
 * is asked for. A place that cannot be read is told and left out: a build must not fail for want of a cache.
 */
export async function withImported(sources: readonly CacheSource[], deps: ImportDeps): Promise<CacheStore> {
  const { cache, warn, signal } = deps;
  if (sources.length === 0) return cache;
  const found = new Map<Digest, Imported>();
  const read = sources.map(async (source) => {
    try {
      return source.kind === "local" ? await readFolder(source, deps) : await readRegistry(source.reference, deps);
    } catch (error) {
      signal.throwIfAborted();
      warn(
        cacheNotRead(source.kind === "local" ? source.folder : familiarReference(source.reference), reasonOf(error)),
      );
      return [];
    }
  });
  // Those named first count first.
  for (const list of (await Promise.all(read)).toReversed()) for (const one of list) found.set(one.step.key, one);

  return {
    ...cache,
    async get(key) {
      const own = await cache.get(key);
      const imported = found.get(key);
      if (own || !imported) return own;
      found.delete(key);
      try {
        await imported.fetch();
      } catch (error) {
        signal.throwIfAborted();
        warn(cacheNotRead(hexOf(key).slice(0, 12), reasonOf(error)));
        return undefined;
      }
      const { parentKey: _, ...step } = imported.step;
      const record: CacheRecord = step;
      await cache.put(record);
      return record;
    },
  };
}

async function readFolder(
  { folder, tag, digest }: Extract<CacheSource, { kind: "local" }>,
  { content, signal }: ImportDeps,
): Promise<readonly Imported[]> {
  const index: unknown = JSON.parse(await readSmall(path.join(folder, "index.json"), folder));
  if (!isIndex(index)) throw cacheFolderUnusable(folder, "index.json");
  const entry = index.manifests.find((one) => (digest ? one.digest === digest : annotationOf(one) === tag));
  if (!entry) throw cacheFolderUnusable(folder, digest ?? tag);
  const document = async (wanted: string): Promise<unknown> => {
    if (!isDigest(wanted)) throw cacheFolderUnusable(folder, wanted);
    const text = await readSmall(path.join(folder, "blobs", "sha256", hexOf(wanted)), folder);
    if (digestOf(text) !== wanted) throw cacheFolderUnusable(folder, wanted);
    return JSON.parse(text);
  };
  const manifest = await document(entry.digest);
  if (!isManifest(manifest)) throw cacheFolderUnusable(folder, entry.digest);
  return importedFrom(manifest, await document(manifest.config.digest), async ({ layer: { descriptor } }) => {
    if (content.has(descriptor.digest)) return;
    const source = createReadStream(path.join(folder, "blobs", "sha256", hexOf(descriptor.digest)));
    await content.ingest(source, { expected: { digest: descriptor.digest, size: descriptor.size }, signal });
  });
}

/** A cache or an image with its cache inside. All of it comes at once, as with any pull. */
async function readRegistry(
  reference: Extract<CacheSource, { kind: "registry" }>["reference"],
  { content, registry, credentials, signal }: ImportDeps,
): Promise<readonly Imported[]> {
  const login = credentials[reference.registry];
  const options = { cache: true, signal, ...(login ? { credentials: login } : {}) };
  const { manifest } = await registry.pull(reference, options);
  const document = await content.readJson<Manifest>(manifest.digest);
  return importedFrom(document, await content.readJson<unknown>(document.config.digest), async () => undefined);
}

function importedFrom(
  manifest: Manifest,
  config: unknown,
  fetch: (step: ExportedStep) => Promise<void>,
): readonly Imported[] {
  return exportedSteps(isRecord(config) ? config : {}, manifest.layers).map((step) => ({
    step,
    fetch: () => fetch(step),
  }));
}

async function readSmall(file: string, folder: string): Promise<string> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  // Not there before the first build that wrote it.
  if (!found) throw cacheFolderUnusable(folder, `${path.basename(file)} does not exist`);
  if (found.size > maxDocumentBytes) throw cacheFolderUnusable(folder, path.basename(file));
  return readFile(file, "utf8");
}

function reasonOf(error: unknown): string {
  if (error instanceof EngineError) return formatMessage(error.details.message);
  return error instanceof Error ? error.message : String(error);
}
