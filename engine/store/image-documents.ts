import type { Digest } from "../base/digest.ts";
import { EngineError } from "../base/errors.ts";
import { isImageConfig, isIndex, isManifest } from "../oci/documents.ts";
import { type Descriptor, type ImageConfig, type Manifest, mediaTypes } from "../oci/types.ts";
import type { ContentStore } from "./types.ts";

/** What an image is made of, read from the store. */
export interface ImageDocuments {
  readonly manifest: Manifest;
  readonly config: ImageConfig;
}

const manifestTypes: readonly string[] = [mediaTypes.manifest, mediaTypes.dockerManifest];

/** `undefined` when it is not an image or not all of it is in the store. */
export async function readImage(content: ContentStore, descriptor: Descriptor): Promise<ImageDocuments | undefined> {
  if (!manifestTypes.includes(descriptor.mediaType)) return undefined;
  const manifest = await readDocument(content, descriptor.digest);
  if (!isManifest(manifest)) return undefined;
  const config = await readDocument(content, manifest.config.digest);
  if (!isImageConfig(config) || config.rootfs.diff_ids.length !== manifest.layers.length) return undefined;
  return manifest.layers.every(({ digest }) => content.has(digest)) ? { manifest, config } : undefined;
}

/** The blob and everything it refers to, as far as it can be read: what must stay for this blob to be of use. */
export async function reachableFrom(content: ContentStore, digest: Digest): Promise<readonly Digest[]> {
  const document = await readDocument(content, digest);
  if (isManifest(document)) return [digest, document.config.digest, ...document.layers.map((layer) => layer.digest)];
  if (!isIndex(document)) return [digest];
  const children = await Promise.all(
    document.manifests.map(async (child) => {
      const below = await readDocument(content, child.digest);
      return isManifest(below) ? reachableFrom(content, child.digest) : [child.digest];
    }),
  );
  return [digest, ...children.flat()];
}

/** Missing and damaged are the same here: there is nothing to be read. */
async function readDocument(content: ContentStore, digest: Digest): Promise<unknown> {
  try {
    return await content.readJson<unknown>(digest);
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}
