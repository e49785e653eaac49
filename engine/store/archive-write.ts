import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { pack } from "tar-stream";
import { type Digest, hexOf } from "../base/digest.ts";
import { isImageConfig, isIndex, isManifest } from "../oci/documents.ts";
import { familiarReference, type Reference } from "../oci/reference.ts";
import { type Descriptor, mediaTypes } from "../oci/types.ts";
import { imageIncomplete } from "./errors.ts";
import { reachableFrom } from "./image-documents.ts";
import type { ContentStore } from "./types.ts";

/** An image on its way into an archive. */
export interface ArchivedImage {
  /** Its manifest, or an index of which all images are here. */
  readonly descriptor: Descriptor;
  /** For `docker load`: the image itself, when `descriptor` is an index. */
  readonly image?: Descriptor;
  readonly names: readonly Reference[];
}

export interface ArchiveForm {
  /** `docker`: with a manifest.json beside the layout, as Docker 25 and later write it. */
  readonly kind: "docker" | "oci";
  readonly signal?: AbortSignal;
}

interface ArchiveFile {
  /** Path in the archive. */
  readonly name: string;
  readonly size: number;
  /** Bytes, or the path of a file that has them. */
  readonly source: { readonly data: Buffer } | { readonly file: string };
}

/** Nothing in an archive says when it was written: the same images make the same bytes. */
const epoch = new Date(0);

/** What an archive (or a folder) of these images consists of: an OCI image layout, blobs as they are stored. */
export async function archiveFiles(
  content: ContentStore,
  images: readonly ArchivedImage[],
  { kind }: ArchiveForm,
): Promise<readonly ArchiveFile[]> {
  const blobs = new Set<Digest>();
  for (const { descriptor, image } of images) {
    for (const root of image ? [descriptor, image] : [descriptor]) {
      for (const digest of await reachableFrom(content, root.digest)) blobs.add(digest);
    }
  }
  const files: ArchiveFile[] = [];
  for (const digest of [...blobs].sort()) {
    const size = content.has(digest) ? content.sizeOf(digest) : undefined;
    if (size === undefined) throw imageIncomplete(digest);
    files.push({ name: `blobs/sha256/${hexOf(digest)}`, size, source: { file: content.pathOf(digest) } });
  }
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: images.flatMap(entriesOf) };
  files.push(document("index.json", index));
  if (kind === "docker") files.push(document("manifest.json", await dockerManifest(content, images)));
  files.push(document("oci-layout", { imageLayoutVersion: "1.0.0" }));
  return files;
}

/** The archive as a stream of bytes. @throws EngineError `content-corrupt` before the first byte */
export async function* writeArchive(
  content: ContentStore,
  images: readonly ArchivedImage[],
  form: ArchiveForm,
): AsyncGenerator<Uint8Array> {
  const files = await archiveFiles(content, images, form);
  const tar = pack();
  const feeding = feed(tar, files, form.signal);
  feeding.catch((error: Error) => tar.destroy(error));
  try {
    yield* tar as AsyncIterable<Uint8Array>;
    await feeding;
  } finally {
    tar.destroy();
    await feeding.catch(() => undefined);
  }
}

async function feed(
  tar: ReturnType<typeof pack>,
  files: readonly ArchiveFile[],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const folder of ["blobs", "blobs/sha256"]) {
    tar.entry({ name: folder, type: "directory", mode: 0o755, mtime: epoch });
  }
  for (const { name, size, source } of files) {
    signal?.throwIfAborted();
    const header = { name, size, mode: 0o444, mtime: epoch };
    if ("data" in source) tar.entry(header, source.data);
    else {
      const entry = tar.entry(header);
      await pipeline(createReadStream(source.file, { highWaterMark: 1 << 20 }), entry, signal ? { signal } : {});
    }
  }
  tar.finalize();
}

function document(name: string, value: unknown): ArchiveFile {
  const data = Buffer.from(JSON.stringify(value));
  return { name, size: data.byteLength, source: { data } };
}

/** One entry a name, with the annotations that containerd, Docker, Podman and skopeo go by. */
function entriesOf({ descriptor, names }: ArchivedImage): readonly Descriptor[] {
  const { mediaType, digest, size } = descriptor;
  const bare = { mediaType, digest, size };
  if (names.length === 0) return [bare];
  return names.map(({ registry, repository, tag = "latest" }) => ({
    ...bare,
    annotations: {
      "io.containerd.image.name": `${registry}/${repository}:${tag}`,
      "org.opencontainers.image.ref.name": tag,
    },
  }));
}

/** Docker's image specification v1.2, "Combined Image JSON + Filesystem Changeset Format". */
async function dockerManifest(content: ContentStore, images: readonly ArchivedImage[]): Promise<readonly object[]> {
  const items: object[] = [];
  for (const { descriptor, image = descriptor, names } of images) {
    const manifest = await content.readJson<unknown>(image.digest);
    if (!isManifest(manifest)) throw imageIncomplete(image.digest);
    const config = await content.readJson<unknown>(manifest.config.digest);
    const diffIds = isImageConfig(config) ? config.rootfs.diff_ids : [];
    items.push({
      Config: `blobs/sha256/${hexOf(manifest.config.digest)}`,
      RepoTags: names.length > 0 ? names.map(familiarReference) : null,
      Layers: manifest.layers.map(({ digest }) => `blobs/sha256/${hexOf(digest)}`),
      LayerSources: Object.fromEntries(
        manifest.layers.flatMap(({ mediaType, digest, size }, at) => {
          const diffId = diffIds[at];
          return diffId === undefined ? [] : [[diffId, { mediaType, digest, size }] as const];
        }),
      ),
    });
  }
  return items;
}

/** The index that an image came in, when all of it is here. */
export async function completeIndex(content: ContentStore, digest: Digest): Promise<Descriptor | undefined> {
  const size = content.has(digest) ? content.sizeOf(digest) : undefined;
  if (size === undefined) return undefined;
  const index = await content.readJson<unknown>(digest).catch(() => undefined);
  if (!isIndex(index)) return undefined;
  const needed = await reachableFrom(content, digest);
  if (!needed.every((blob) => content.has(blob))) return undefined;
  return { mediaType: index.mediaType ?? mediaTypes.index, digest, size };
}
