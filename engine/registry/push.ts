import { readFile } from "node:fs/promises";
import { hexOf, isDigest } from "../base/digest.ts";
import { isIndex, isManifest } from "../oci/documents.ts";
import { formatPlatform } from "../oci/platform.ts";
import type { Reference } from "../oci/reference.ts";
import type { Descriptor, Index } from "../oci/types.ts";
import { packedManifest, StalePacking } from "../store/packed-layers.ts";
import type { ContentStore, LayerForm, PackedLayers } from "../store/types.ts";
import { discard } from "./body.ts";
import { cancelled, damagedAnswer, indexIncomplete, localDamage } from "./errors.ts";
import { retrying } from "./retry.ts";
import type { Session } from "./session.ts";
import type { RegistryTiming } from "./transport.ts";
import type { PushOptions, PushProgress } from "./types.ts";
import { type Outcome, uploadBlob } from "./upload.ts";

const parallelLayers = 3;
/** A person cannot follow more. */
const progressEveryMs = 100;

export interface PushContext {
  readonly content: ContentStore;
  readonly packed: PackedLayers;
  readonly reference: Reference;
  readonly timing: RegistryTiming;
  readonly options: PushOptions;
}

/** Sends a manifest or an index to one registry. Blobs first, then what names them, the tag last. */
export async function pushTo(session: Session, root: Descriptor, context: PushContext): Promise<Descriptor> {
  const { reference } = context;
  const document = await context.content.readJson<unknown>(root.digest);
  const outgoing = isIndex(document)
    ? await pushChildren(session, root, document, context)
    : await pushImage(session, root, context);
  await putManifest(session, outgoing, reference.tag ?? outgoing.digest, context);
  return outgoing;
}

/** The images of an index, each under its digest; the index then names what they have become. */
async function pushChildren(
  session: Session,
  root: Descriptor,
  index: Index,
  context: PushContext,
): Promise<Descriptor> {
  const { content } = context;
  const missing = index.manifests.find(({ digest }) => !content.has(digest));
  if (missing) {
    throw indexIncomplete(session.wanted, missing.platform ? formatPlatform(missing.platform) : missing.digest);
  }
  const children: Descriptor[] = [];
  for (const child of index.manifests) {
    const sent = await pushImage(session, child, context);
    await putManifest(session, sent, sent.digest, context);
    children.push(sent.digest === child.digest ? child : { ...child, ...sent });
  }
  const isSame = children.every((child, at) => child === index.manifests[at]);
  if (isSame) return { mediaType: root.mediaType, digest: root.digest, size: root.size };
  const text = JSON.stringify({ ...index, manifests: children });
  return { mediaType: root.mediaType, digest: await content.put(text), size: Buffer.byteLength(text) };
}

/** Everything below a manifest. Returns the manifest as it has to be put there. */
async function pushImage(session: Session, manifest: Descriptor, context: PushContext): Promise<Descriptor> {
  const { content, packed, options } = context;
  const document = await content.readJson<unknown>(manifest.digest);
  if (!isManifest(document)) throw localDamage(session.wanted, manifest.digest);
  const form: LayerForm = { compression: "gzip", ...options.form };

  // The first failure stops the others; it alone is told.
  const failed = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
  const work = new Map(document.layers.map((layer) => [layer.digest, layer]));
  for (const layer of work.values()) reportOf(layer, options)("preparing", 0);
  const waiting = [...work.values()];
  const became = new Map<string, Descriptor>();
  let failure: { readonly error: unknown } | undefined;
  const worker = async () => {
    for (let layer = waiting.shift(); layer && !failure; layer = waiting.shift()) {
      try {
        became.set(
          layer.digest,
          await pushLayer(session, layer, form, packed, { ...context, options: { ...options, signal } }),
        );
      } catch (error) {
        failure ??= { error };
        failed.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: parallelLayers }, worker));
  if (options.signal?.aborted) throw cancelled();
  if (failure) throw failure.error;

  const { timing } = context;
  await uploadBlob(
    session,
    { blob: document.config, file: () => bytesOf(document.config, session, context), homes: [] },
    { timing, signal: options.signal, onBytes: () => undefined },
  );
  const layers = document.layers.map((layer) => became.get(layer.digest) ?? layer);
  return packedManifest(content, manifest, layers, {
    ...(form.types ? { types: form.types } : {}),
    ...(options.annotations ? { annotations: options.annotations } : {}),
  });
}

async function pushLayer(
  session: Session,
  layer: Descriptor,
  form: LayerForm,
  packed: PackedLayers,
  context: PushContext,
): Promise<Descriptor> {
  const { options, timing } = context;
  const { signal } = options;
  const report = reportOf(layer, options);
  const packing = {
    ...(signal ? { signal } : {}),
    onBytes: (total: number) => report("preparing", total, layer.size),
  };
  if (!context.content.has(layer.digest)) throw localDamage(session.wanted, layer.digest);
  for (;;) {
    const blob = await packed.pack(layer, form, packing);
    const file = async () => {
      await packed.provide(layer, blob, form, packing);
      report("pushing", 0, blob.size);
      return bytesOf(blob, session, context);
    };
    const homes = options.homesOf?.(layer.digest) ?? [];
    try {
      const outcome = await uploadBlob(
        session,
        { blob, file, homes },
        { timing, signal, onBytes: (sent) => report("pushing", sent, blob.size) },
      );
      end(outcome, blob, report);
      return blob;
    } catch (error) {
      if (!(error instanceof StalePacking)) throw error;
    }
  }
}

type Report = (status: PushProgress["status"], currentBytes: number, totalBytes?: number, from?: string) => void;

function end(outcome: Outcome, { size }: Descriptor, report: Report): void {
  if (outcome.how === "mounted") report("mounted", size, size, outcome.from);
  else report(outcome.how, size, size);
}

function reportOf({ digest }: Descriptor, { onProgress }: PushOptions): Report {
  let last = "";
  let reportedAt = 0;
  return (status, currentBytes, totalBytes, from) => {
    const now = performance.now();
    if (status === last && currentBytes !== totalBytes && now - reportedAt < progressEveryMs) return;
    last = status;
    reportedAt = now;
    onProgress?.({
      item: hexOf(digest).slice(0, 12),
      status,
      currentBytes,
      ...(totalBytes === undefined ? {} : { totalBytes }),
      ...(from === undefined ? {} : { from }),
    });
  };
}

async function bytesOf({ digest, size }: Descriptor, session: Session, { content }: PushContext): Promise<string> {
  if (!content.has(digest) || content.sizeOf(digest) !== size) throw localDamage(session.wanted, digest);
  return content.pathOf(digest);
}

/** OCI distribution 1.1, "Pushing Manifests". */
async function putManifest(
  session: Session,
  { digest, mediaType }: Descriptor,
  tagOrDigest: string,
  { content, timing, options: { signal } }: PushContext,
): Promise<void> {
  const data = await readFile(content.pathOf(digest));
  await retrying(timing, signal, async () => {
    const { answer } = await session.send(`manifests/${tagOrDigest}`, {
      method: "PUT",
      headers: { "content-type": mediaType, "content-length": String(data.byteLength) },
      body: () => data,
      expect: [200, 201, 202, 204],
      signal,
    });
    await discard(answer);
    const stored = answer.headers["docker-content-digest"];
    if (typeof stored === "string" && isDigest(stored) && stored !== digest) throw damagedAnswer(session.host, stored);
  });
}
