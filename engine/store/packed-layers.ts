import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { hexOf, isDigest } from "../base/digest.ts";
import { isRecord } from "../oci/documents.ts";
import { type Descriptor, mediaTypes } from "../oci/types.ts";
import { codecOf, compressor, decompressed, through } from "./compression.ts";
import { writeDurably } from "./durable.ts";
import type { ContentStore, LayerForm, PackedLayers, PackOptions } from "./types.ts";

type Packing = NonNullable<LayerForm["compression"]>;

/**
 * Layers as they leave the engine. Ours are plain tars, so they are compressed on the way out; what a layer became is
 * remembered in `<home>/packed/`, so that it is told without its bytes the next time: a second push sends nothing.
 * The compressed bytes are ordinary blobs that nobody needs: collection may take them, and they are made again.
 */
export function openPackedLayers(home: string, content: ContentStore): PackedLayers {
  const folder = path.join(home, "packed");
  const making = new Map<string, Promise<Descriptor>>();
  let swept: Promise<void> | undefined;

  /** Makes the bytes; two that want the same at the same time share the work of the first. */
  async function make(layer: Descriptor, packing: Packing, form: LayerForm, options: PackOptions): Promise<Descriptor> {
    const key = keyOf(layer, packing, form);
    const others = making.get(key);
    if (others) {
      const made = await others.catch(() => undefined);
      if (made) return made;
    }
    const work = (async () => {
      const { signal, onBytes } = options;
      const plain = counted(decompressed(content.open(layer.digest)), onBytes);
      const source = packing === "uncompressed" ? plain : through(codecOf(compressor(packing, form.level)), plain);
      const made = await content.ingest(source, signal ? { signal } : {});
      const packed = { mediaType: ociTypes[packing], ...made };
      await remember(key, packed);
      return packed;
    })();
    making.set(key, work);
    try {
      return await work;
    } finally {
      if (making.get(key) === work) making.delete(key);
    }
  }

  async function remember(key: string, { digest, size }: Descriptor): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    swept ??= sweep();
    await swept;
    await writeDurably(path.join(home, "ingest"), path.join(folder, `${key}.json`), JSON.stringify({ digest, size }));
  }

  async function recall(key: string, packing: Packing): Promise<Descriptor | undefined> {
    const text = await readFile(path.join(folder, `${key}.json`), "utf8").catch(() => "{}");
    try {
      const { digest, size } = JSON.parse(text) as { digest?: string; size?: number };
      if (digest === undefined || !isDigest(digest) || !Number.isSafeInteger(size)) return undefined;
      return { mediaType: ociTypes[packing], digest, size: size ?? 0 };
    } catch {
      return undefined;
    }
  }

  /** What became of layers that are no longer here is of no use. */
  async function sweep(): Promise<void> {
    for (const name of await readdir(folder)) {
      const digest = `sha256:${name.slice(0, 64)}`;
      if (!isDigest(digest) || content.sizeOf(digest) === undefined) await rm(path.join(folder, name), { force: true });
    }
  }

  return {
    async pack(layer, form, options = {}) {
      const packing = packingFor(layer, form);
      if (!packing) return typed(layer, form);
      const key = keyOf(layer, packing, form);
      return typed((await recall(key, packing)) ?? (await make(layer, packing, form, options)), form);
    },

    async provide(layer, packed, form, options = {}) {
      if (content.has(packed.digest)) return;
      const packing = packingFor(layer, form);
      const made = packing && (await make(layer, packing, form, options));
      // Another zlib may write other bytes: what was promised is not to be had any more.
      if (made?.digest !== packed.digest) throw new StalePacking();
    },
  };
}

/** What was remembered cannot be made again; it has been replaced, so that asking `pack` again helps. */
export class StalePacking extends Error {}

/** Undefined: the layer stays as it is. Layers that came compressed are made anew only by force. */
function packingFor(layer: Descriptor, { compression, force }: LayerForm): Packing | undefined {
  const now = compressionIn(layer.mediaType);
  if (!compression || now === compression) return undefined;
  return now === "uncompressed" || force ? compression : undefined;
}

function compressionIn(mediaType: string): Packing {
  if (/[+.]gzip$/.test(mediaType)) return "gzip";
  return /[+.]zstd$/.test(mediaType) ? "zstd" : "uncompressed";
}

function typed(layer: Descriptor, { types }: LayerForm): Descriptor {
  if (!types) return layer;
  const mediaType = (types === "docker" ? dockerTypes : ociTypes)[compressionIn(layer.mediaType)];
  return mediaType === layer.mediaType ? layer : { ...layer, mediaType };
}

const ociTypes: Readonly<Record<Packing, string>> = {
  uncompressed: mediaTypes.layer,
  gzip: mediaTypes.layerGzip,
  zstd: mediaTypes.layerZstd,
};

// Docker's list has no zstd; this is what its own engine writes.
const dockerTypes: Readonly<Record<Packing, string>> = {
  uncompressed: "application/vnd.docker.image.rootfs.diff.tar",
  gzip: mediaTypes.dockerLayerGzip,
  zstd: "application/vnd.docker.image.rootfs.diff.tar.zstd",
};

function keyOf({ digest }: Descriptor, packing: Packing, { level }: LayerForm): string {
  return `${hexOf(digest)}.${packing}${level === undefined ? "" : `-${level}`}`;
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  onBytes: ((total: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of source) {
    total += chunk.byteLength;
    onBytes?.(total);
    yield chunk;
  }
}

/** The image's manifest with these layers; the same bytes and digest as before when nothing about it changed. */
export async function packedManifest(
  content: ContentStore,
  manifest: Descriptor,
  layers: readonly Descriptor[],
  { types, annotations }: Pick<LayerForm, "types"> & { readonly annotations?: Readonly<Record<string, string>> },
): Promise<Descriptor> {
  const { digest, size } = manifest;
  const before = await content.readJson<Readonly<Record<string, unknown>>>(digest);
  const config = before.config as Descriptor;
  const docker = types === "docker" || (types === undefined && manifest.mediaType === mediaTypes.dockerManifest);
  const isImage = config.mediaType === mediaTypes.config || config.mediaType === mediaTypes.dockerConfig;
  const after = {
    ...before,
    ...(isImage
      ? {
          mediaType: docker ? mediaTypes.dockerManifest : mediaTypes.manifest,
          config: { ...config, mediaType: docker ? mediaTypes.dockerConfig : mediaTypes.config },
        }
      : {}),
    layers,
    ...(annotations && Object.keys(annotations).length > 0
      ? { annotations: { ...(isRecord(before.annotations) ? before.annotations : {}), ...annotations } }
      : {}),
  };
  const mediaType = String(isImage ? after.mediaType : manifest.mediaType);
  // A manifest may do without naming its own type.
  const untyped = (document: object) => JSON.stringify({ ...document, mediaType: "" });
  if (mediaType === manifest.mediaType && untyped(after) === untyped(before)) return { mediaType, digest, size };
  const text = JSON.stringify(after);
  return { mediaType, digest: await content.put(text), size: Buffer.byteLength(text) };
}
