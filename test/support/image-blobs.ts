import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { type Digest, digestOf } from "../../engine/base/digest.ts";
import { type ContainerConfig, type Descriptor, mediaTypes } from "../../engine/oci/types.ts";
import type { ContentStore } from "../../engine/store/types.ts";

export interface ImageParts {
  /** Uncompressed tars, bottom first. */
  readonly layers: readonly Buffer[];
  readonly config?: ContainerConfig;
  /** Default amd64. */
  readonly architecture?: string;
  readonly variant?: string;
  /** Compress the layers (default true). */
  readonly gzip?: boolean;
}

/** An image as bytes: its manifest's descriptor and every blob, the manifest too. */
export interface ImageBlobs {
  readonly manifest: Descriptor;
  readonly id: Digest;
  readonly layers: readonly Descriptor[];
  readonly blobs: ReadonlyMap<Digest, Buffer>;
}

export function imageBlobs({
  layers,
  config = {},
  architecture = "amd64",
  variant,
  gzip = true,
}: ImageParts): ImageBlobs {
  const blobs = new Map<Digest, Buffer>();
  const add = (mediaType: string, data: Buffer): Descriptor => {
    const digest = digestOf(data);
    blobs.set(digest, data);
    return { mediaType, digest, size: data.byteLength };
  };
  const layerDescriptors = layers.map((tar) =>
    gzip ? add(mediaTypes.layerGzip, gzipSync(tar)) : add(mediaTypes.layer, tar),
  );
  const configDescriptor = add(
    mediaTypes.config,
    json({
      architecture,
      ...(variant ? { variant } : {}),
      os: "linux",
      created: "2026-01-02T03:04:05Z",
      config,
      history: layers.map((_, at) => ({ created: "2026-01-02T03:04:05Z", created_by: `layer ${at}` })),
      rootfs: { type: "layers", diff_ids: layers.map((tar) => digestOf(tar)) },
    }),
  );
  const manifest = add(
    mediaTypes.manifest,
    json({ schemaVersion: 2, mediaType: mediaTypes.manifest, config: configDescriptor, layers: layerDescriptors }),
  );
  return { manifest, id: configDescriptor.digest, layers: layerDescriptors, blobs };
}

/** A tar of plain files (`name: content`), folders (`name/: ""`). Always the same bytes. */
export async function tarOf(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) {
    const header = { name, mtime: new Date(0), mode: name.endsWith("/") ? 0o755 : 0o644 };
    if (name.endsWith("/")) tar.entry({ ...header, type: "directory" });
    else tar.entry(header, content);
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export async function storeImage(content: ContentStore, image: ImageBlobs): Promise<Descriptor> {
  for (const data of image.blobs.values()) await content.put(data);
  return image.manifest;
}

export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
