import { type Digest, digestOf, hexOf } from "../base/digest.ts";
import { isIndex, isManifest } from "../oci/documents.ts";
import { formatPlatform, hostPlatform, selectPlatform } from "../oci/platform.ts";
import type { Reference } from "../oci/reference.ts";
import type { Descriptor, Manifest, Platform } from "../oci/types.ts";
import type { ContentStore } from "../store/types.ts";
import { readBlob } from "./blob.ts";
import { maxManifestBytes } from "./body.ts";
import { cancelled, damagedAnswer, platformNotFound, protocolError, type Wanted } from "./errors.ts";
import { checkManifest, type FetchedDocument, fetchManifest, parseConfig, parseManifest } from "./manifests.ts";
import type { Session } from "./session.ts";
import type { RegistryTiming } from "./transport.ts";
import type { PulledImage, PullOptions, PullProgress } from "./types.ts";

const parallelLayers = 3;
/** A person cannot follow more. */
const progressEveryMs = 100;

export interface PullContext {
  readonly content: ContentStore;
  readonly reference: Reference;
  readonly wanted: Wanted;
  readonly timing: RegistryTiming;
  readonly options: PullOptions;
}

/** Brings one image from one registry; the manifest comes last, so that who has it has everything. */
export async function pullFrom(session: Session, context: PullContext): Promise<PulledImage> {
  const { content, reference, wanted, options, timing } = context;
  const { signal, onProgress, platform } = options;
  const report = (progress: PullProgress) => onProgress?.(progress);
  report({ item: "manifest", status: "downloading", currentBytes: 0 });

  const load = async (digestOrTag: string, digest: Digest | undefined) =>
    (digest && (await fromStore(content, digest, session, wanted))) ??
    (await fetchManifest(session, digestOrTag, timing, signal));
  const root = await load(reference.digest ?? reference.tag ?? "latest", reference.digest);
  const chosen = isIndex(root.document) ? await chooseManifest(root.document.manifests, platform, wanted, load) : root;
  if (!isManifest(chosen.document)) throw protocolError(session.host, "an index points to an index");
  const { descriptor, document: manifest, data } = chosen;
  checkManifest(manifest, session.host, wanted, options.cache ?? false);

  const config = await loadConfig(session, manifest, context);
  const found = parseConfig(config, manifest, session.host);
  const runsHere = found.os === "linux" && (!platform || selectPlatform([{ platform: found }], platform));
  if (!runsHere)
    throw platformNotFound(wanted, formatPlatform(platform ?? hostPlatform(process.arch)), [formatPlatform(found)]);
  report({ item: "manifest", status: "downloaded", currentBytes: data.byteLength, totalBytes: data.byteLength });

  await pullLayers(session, manifest.layers, context);
  await content.put(config);
  await content.put(data);
  return { manifest: descriptor, rootDigest: root.descriptor.digest };
}

async function chooseManifest(
  manifests: readonly Descriptor[],
  platform: Platform = hostPlatform(process.arch),
  wanted: Wanted,
  load: (digest: Digest, same: Digest) => Promise<FetchedDocument>,
): Promise<FetchedDocument> {
  const chosen = selectPlatform(manifests, platform);
  if (chosen) return load(chosen.digest, chosen.digest);
  const available = manifests.flatMap((entry) => (entry.platform ? [formatPlatform(entry.platform)] : []));
  const known = available.filter((name) => !name.startsWith("unknown"));
  throw platformNotFound(wanted, formatPlatform(platform), [...new Set(known)]);
}

async function fromStore(
  content: ContentStore,
  digest: Digest,
  { host }: Session,
  wanted: Wanted,
): Promise<FetchedDocument | undefined> {
  const data = await readSmallBlob(content, digest);
  return data && parseManifest(data, { digest, contentType: "", host, wanted });
}

async function loadConfig(session: Session, { config }: Manifest, context: PullContext): Promise<Buffer> {
  const stored = await readSmallBlob(context.content, config.digest);
  if (stored) return stored;
  const chunks: Uint8Array[] = [];
  for await (const chunk of readBlob(session, config, context.timing, context.options.signal)) chunks.push(chunk);
  const data = Buffer.concat(chunks);
  if (digestOf(data) !== config.digest) throw damagedAnswer(session.host, config.digest);
  return data;
}

/** `undefined` also when what is on disk is damaged: then it is fetched again. */
async function readSmallBlob(content: ContentStore, digest: Digest): Promise<Buffer | undefined> {
  const size = content.has(digest) ? content.sizeOf(digest) : undefined;
  if (size === undefined || size > maxManifestBytes) return undefined;
  const data = Buffer.concat(await content.open(digest).toArray());
  if (digestOf(data) === digest) return data;
  await content.remove(digest);
  return undefined;
}

async function pullLayers(session: Session, layers: readonly Descriptor[], context: PullContext): Promise<void> {
  const { content, options } = context;
  const report = (layer: Descriptor, status: PullProgress["status"], currentBytes: number) =>
    options.onProgress?.({ item: hexOf(layer.digest).slice(0, 12), status, currentBytes, totalBytes: layer.size });

  const distinct = [...new Map(layers.map((layer) => [layer.digest, layer])).values()];
  const missing = distinct.filter((layer) => !content.has(layer.digest));
  for (const layer of distinct) {
    const status = missing.includes(layer) ? "waiting" : "exists";
    report(layer, status, status === "exists" ? layer.size : 0);
  }

  // The first failure stops the others; it alone is told.
  const failed = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
  let failure: { readonly error: unknown } | undefined;
  const worker = async () => {
    for (let layer = missing.shift(); layer && !failure; layer = missing.shift()) {
      try {
        await pullLayer(session, layer, context, signal, report);
      } catch (error) {
        failure ??= { error };
        failed.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: parallelLayers }, worker));
  if (options.signal?.aborted) throw cancelled();
  if (failure) throw failure.error;
}

async function pullLayer(
  session: Session,
  layer: Descriptor,
  { content, timing }: PullContext,
  signal: AbortSignal,
  report: (layer: Descriptor, status: PullProgress["status"], currentBytes: number) => void,
): Promise<void> {
  let reportedAt = 0;
  report(layer, "downloading", 0);
  await content.ingest(readBlob(session, layer, timing, signal), {
    expected: { digest: layer.digest, size: layer.size },
    signal,
    onBytes(total) {
      const now = performance.now();
      if (total < layer.size && now - reportedAt < progressEveryMs) return;
      reportedAt = now;
      report(layer, total < layer.size ? "downloading" : "verifying", total);
    },
  });
  report(layer, "downloaded", layer.size);
}
