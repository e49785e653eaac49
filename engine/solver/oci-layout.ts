import { createReadStream, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { type Digest, hexOf, isDigest } from "../base/digest.ts";
import { layoutScheme } from "../graph/named-contexts.ts";
import { isIndex, isManifest } from "../oci/documents.ts";
import { formatPlatform, selectPlatform } from "../oci/platform.ts";
import type { Descriptor, Platform } from "../oci/types.ts";
import type { ContentStore, ImageRecord, ImageStore } from "../store/types.ts";
import { layoutWithout, notALayout } from "./errors.ts";

const mostJsonBytes = 8 * 1024 * 1024;
const refName = "org.opencontainers.image.ref.name";

/**
 * Takes an image from an OCI image layout on this machine: `oci-layout:///folder`, with `:tag` or `@sha256:…`, else its only
 * or its latest one. Every blob is compared with its digest. @throws EngineError `not-found`, `content-corrupt`
 */
export async function importLayout(
  address: string,
  platform: Platform,
  { images, content, signal }: { images: ImageStore; content: ContentStore; signal: AbortSignal },
): Promise<ImageRecord> {
  const { folder, tag, digest } = readLayoutAddress(address);
  const index = readJson(path.join(folder, "index.json"), folder);
  let descriptor = isIndex(index) ? pick(index.manifests, tag, digest) : undefined;
  if (!descriptor) throw layoutWithout(folder, digest ?? tag ?? "latest");

  let manifest = readJson(blobOf(folder, descriptor.digest), folder);
  for (let depth = 0; isIndex(manifest) && depth < 5; depth += 1) {
    descriptor = selectPlatform(manifest.manifests, platform);
    if (!descriptor) throw layoutWithout(folder, formatPlatform(platform));
    manifest = readJson(blobOf(folder, descriptor.digest), folder);
  }
  if (!isManifest(manifest)) throw notALayout(folder);
  for (const blob of [...manifest.layers, manifest.config, descriptor]) {
    if (content.has(blob.digest)) continue;
    const expected = { digest: blob.digest, size: blob.size };
    await content.ingest(createReadStream(blobOf(folder, blob.digest)), { expected, signal });
  }
  return images.add(descriptor, []);
}

function readLayoutAddress(address: string): { folder: string; tag?: string; digest?: string } {
  const text = address.slice(layoutScheme.length);
  const at = text.indexOf("@");
  if (at >= 0) return { folder: text.slice(0, at), digest: text.slice(at + 1) };
  const colon = text.lastIndexOf(":");
  return colon > text.lastIndexOf("/")
    ? { folder: text.slice(0, colon), tag: text.slice(colon + 1) }
    : { folder: text };
}

function pick(
  manifests: readonly Descriptor[],
  tag: string | undefined,
  digest: string | undefined,
): Descriptor | undefined {
  if (digest !== undefined) return manifests.find((one) => one.digest === digest);
  const named = (name: string) => manifests.find(({ annotations }) => annotations?.[refName] === name);
  if (tag !== undefined) return named(tag);
  return manifests.length === 1 ? manifests[0] : named("latest");
}

function blobOf(folder: string, digest: Digest): string {
  if (!isDigest(digest)) throw notALayout(folder);
  return path.join(folder, "blobs", "sha256", hexOf(digest));
}

function readJson(file: string, folder: string): unknown {
  try {
    if (statSync(file).size > mostJsonBytes) throw notALayout(folder);
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw notALayout(folder);
  }
}
