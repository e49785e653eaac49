import { msg } from "../base/message.ts";
import { isDescriptor, isImageConfig, isIndex, isManifest, isRecord } from "../oci/documents.ts";
import { selectPlatform } from "../oci/platform.ts";
import { type Reference, tryParseReference } from "../oci/reference.ts";
import { type Descriptor, type Manifest, mediaTypes, type Platform } from "../oci/types.ts";
import {
  type OpenedArchive,
  openArchive,
  type ReadOptions,
  type StoredFile,
  shown,
  wrongDigest,
} from "./archive-read.ts";
import { type ArchivedImage, completeIndex } from "./archive-write.ts";
import { notAnImageArchive, unknownCompression } from "./errors.ts";
import { indexKey } from "./index-file.ts";
import type { ContentStore } from "./types.ts";

export interface LoadOptions extends ReadOptions {
  /** Of an image for several platforms this one is taken. */
  readonly platform: Platform;
}

/**
 * The images of an archive, complete in the content store: of an OCI image layout, of Docker's archives since 1.10, or of
 * one that is both. Whoever calls holds a lease until they are named.
 */
export async function readArchive(
  content: ContentStore,
  source: AsyncIterable<Uint8Array>,
  options: LoadOptions,
): Promise<readonly ArchivedImage[]> {
  const archive = await openArchive(content, source, options);
  const images = new Map<string, { descriptor: Descriptor; names: Reference[] }>();
  const add = (descriptor: Descriptor, configDigest: string, names: readonly Reference[]) => {
    const known = images.get(configDigest);
    if (known) known.names.push(...names);
    else images.set(configDigest, { descriptor, names: [...names] });
  };
  const index = archive.document("index.json");
  if (index !== undefined) await readLayout(content, index, options.platform, add);
  const manifest = archive.document("manifest.json");
  if (manifest !== undefined) await readDockerArchive(content, archive, manifest, images, add);
  if (images.size === 0) {
    const reason =
      index === undefined && manifest === undefined
        ? msg("it has neither an index.json nor a manifest.json")
        : msg("it holds no image for this machine");
    throw notAnImageArchive(reason);
  }
  return [...images.values()].map(({ descriptor, names }) => ({ descriptor, names: distinct(names) }));
}

type Add = (descriptor: Descriptor, configDigest: string, names: readonly Reference[]) => void;

/** OCI image spec 1.1, "Image Layout". */
async function readLayout(content: ContentStore, index: unknown, platform: Platform, add: Add): Promise<void> {
  const manifests = isRecord(index) && Array.isArray(index.manifests) ? index.manifests : [];
  for (const entry of manifests) {
    if (!isDescriptor(entry)) throw notAnImageArchive(msg("an entry of its index.json is not a descriptor"));
    const names = namesIn(entry);
    const found = await resolve(content, entry, platform);
    if (!found) continue;
    const { descriptor, manifest } = found;
    await checkLayers(content, manifest);
    const whole = found.index && (await completeIndex(content, found.index.digest));
    const annotations = whole ? { annotations: { [indexKey]: whole.digest } } : {};
    add({ ...descriptor, ...annotations }, manifest.config.digest, names);
  }
}

interface Resolved {
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly index?: Descriptor;
}

/** The image that an entry stands for; undefined for attestations and for images of other machines. */
async function resolve(content: ContentStore, entry: Descriptor, platform: Platform): Promise<Resolved | undefined> {
  const document = await readBlob(content, entry);
  const { mediaType, digest, size } = entry;
  const bare = { mediaType, digest, size };
  if (isManifest(document)) {
    const isImage = [mediaTypes.config, mediaTypes.dockerConfig].some((type) => type === document.config.mediaType);
    return isImage ? { descriptor: bare, manifest: document } : undefined;
  }
  if (!isIndex(document)) return undefined;
  // Docker's builder puts an index into the index that has one image and what attests it.
  const images = document.manifests.filter(({ platform: of }) => of?.os !== "unknown");
  const chosen = selectPlatform(images, platform) ?? (images.length === 1 ? images[0] : undefined);
  const manifest = chosen && (await readBlob(content, chosen));
  if (!chosen || !isManifest(manifest)) return undefined;
  const { mediaType: type, digest: own, size: length } = chosen;
  return {
    descriptor: { mediaType: type, digest: own, size: length },
    manifest,
    ...(images.length > 1 ? { index: bare } : {}),
  };
}

async function readBlob(content: ContentStore, { digest }: Descriptor): Promise<unknown> {
  return content.has(digest) ? content.readJson<unknown>(digest) : undefined;
}

/** A plain layer's digest is its diff id; compressed ones are compared when they are unpacked, like those of registries. */
async function checkLayers(content: ContentStore, manifest: Manifest): Promise<void> {
  const config = await readBlob(content, manifest.config);
  if (!isImageConfig(config)) throw notAnImageArchive(msg("an image's configuration is missing or damaged"));
  for (const [at, { digest, mediaType }] of manifest.layers.entries()) {
    const diffId = config.rootfs.diff_ids[at];
    if (!content.has(digest)) throw notAnImageArchive(msg("the layer {digest} is missing", { digest }));
    if (diffId === undefined || (mediaType === mediaTypes.layer && digest !== diffId)) throw wrongDigest(digest);
  }
}

/** Docker's image specification v1.2: a list of {Config, RepoTags, Layers}. */
async function readDockerArchive(
  content: ContentStore,
  archive: OpenedArchive,
  document: unknown,
  known: ReadonlyMap<string, unknown>,
  add: Add,
): Promise<void> {
  if (!Array.isArray(document)) throw notAnImageArchive(msg("its manifest.json is not a list"));
  for (const item of document) {
    if (!isRecord(item) || typeof item.Config !== "string" || !isTexts(item.Layers)) {
      throw notAnImageArchive(msg("an entry of its manifest.json has not the form it must have"));
    }
    const config = archive.blob(item.Config);
    if (!config) throw notAnImageArchive(msg("the file {name} is missing", { name: shown(item.Config) }));
    const names = (isTexts(item.RepoTags) ? item.RepoTags : []).flatMap((name) => {
      const reference = tryParseReference(name);
      return reference?.tag && !reference.digest ? [reference] : [];
    });
    if (known.has(config.digest)) {
      add(emptyDescriptor(config), config.digest, names);
      continue;
    }
    const { diff_ids: diffIds } = await readConfig(content, config);
    const layers = item.Layers.map((name, at) => layerOf(archive, name, diffIds[at]));
    if (layers.length !== diffIds.length) throw wrongDigest(item.Config);
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: { mediaType: mediaTypes.config, digest: config.digest, size: config.size },
      layers,
    });
    const digest = await content.put(manifest);
    add({ mediaType: mediaTypes.manifest, digest, size: Buffer.byteLength(manifest) }, config.digest, names);
  }
}

async function readConfig(content: ContentStore, { digest }: StoredFile) {
  const config = await content.readJson<unknown>(digest);
  if (!isImageConfig(config)) throw notAnImageArchive(msg("an image's configuration is missing or damaged"));
  return config.rootfs;
}

function layerOf(archive: OpenedArchive, name: string, diffId: string | undefined): Descriptor {
  const file = archive.blob(name);
  if (!file) throw notAnImageArchive(msg("the file {name} is missing", { name: shown(name) }));
  const { digest, size, compression } = file;
  if (compression === undefined && digest !== diffId) throw wrongDigest(name);
  if (compression === "xz" || compression === "bzip2") throw unknownCompression(compression);
  const mediaType = { gzip: mediaTypes.layerGzip, zstd: mediaTypes.layerZstd, plain: mediaTypes.layer };
  return { mediaType: mediaType[compression ?? "plain"], digest, size };
}

/** Stands where the image is known from the layout; it is not looked at. */
function emptyDescriptor({ digest, size }: StoredFile): Descriptor {
  return { mediaType: mediaTypes.manifest, digest, size };
}

/** containerd and Docker write the whole name, Podman and skopeo the name or only the tag: that alone names nothing. */
function namesIn({ annotations = {} }: Descriptor): readonly Reference[] {
  const written = annotations["io.containerd.image.name"] ?? annotations["org.opencontainers.image.ref.name"] ?? "";
  const reference = /[/:]/.test(written) ? tryParseReference(written) : undefined;
  return reference?.tag && !reference.digest ? [reference] : [];
}

function distinct(names: readonly Reference[]): readonly Reference[] {
  return [...new Map(names.map((name) => [JSON.stringify(name), name])).values()];
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
