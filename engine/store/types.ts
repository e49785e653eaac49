import type { Readable } from "node:stream";
import type { Digest } from "../base/digest.ts";
import type { Reference } from "../oci/reference.ts";
import type { Descriptor, ImageConfig, Manifest } from "../oci/types.ts";

/** Blobs by digest: the `blobs/` of an OCI image layout. A blob is visible only when it is complete and verified. */
export interface ContentStore {
  has(digest: Digest): boolean;
  /** Absolute path of the blob's file, whether or not it exists. */
  pathOf(digest: Digest): string;
  sizeOf(digest: Digest): number | undefined;
  /** @throws EngineError `not-found` */
  open(digest: Digest): Readable;
  /** Parses a small JSON blob. @throws EngineError `not-found`, `content-corrupt`; refuses more than 8 MiB. */
  readJson<T>(digest: Digest): Promise<T>;
  /** Adds a small blob. */
  put(data: string | Uint8Array): Promise<Digest>;
  /**
   * Adds a blob from a stream: written aside, hashed on the way, fsynced, renamed.
   * @throws EngineError `content-corrupt` when digest or size differ from what is expected, `disk-full`, `cancelled`.
   */
  ingest(source: AsyncIterable<Uint8Array>, options?: IngestOptions): Promise<{ digest: Digest; size: number }>;
  remove(digest: Digest): Promise<void>;
  list(): Promise<readonly Digest[]>;
  /**
   * While a lease is open, no blob that was added or found present (`has`, `open`, `readJson`, `put`, `ingest`) since it was
   * opened is collected. Whoever pulls, builds or loads holds one until what was made is named or recorded.
   */
  lease(): Lease;
  /** What `ImageStore.collect` does with a blob nobody needs: removes it unless a lease protects it. Returns bytes freed. */
  reclaim(digest: Digest): Promise<number>;
}

export interface Lease {
  /** No error when called again. */
  release(): void;
}

export interface IngestOptions {
  readonly expected?: { readonly digest: Digest; readonly size?: number };
  readonly signal?: AbortSignal;
  readonly onBytes?: (total: number) => void;
}

/** An image that is complete in the content store. */
export interface ImageRecord {
  /** Digest of the config: Docker's image id. */
  readonly id: Digest;
  readonly manifestDescriptor: Descriptor;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
  /** Complete names with tag (formatReference), sorted; empty for a dangling image. */
  readonly names: readonly string[];
  /** Complete names with digest, as pulled. */
  readonly repoDigests: readonly string[];
  /** Sum of the blobs' sizes (layers as stored and config). */
  readonly sizeBytes: number;
  /** ms since 1970 of the last tagging or pull. */
  readonly taggedAt: number;
}

/** Names for images: `index.json` of the layout is the only database. Every change is one atomic rewrite of it. */
export interface ImageStore {
  list(): Promise<readonly ImageRecord[]>;
  /** By name, `sha256:…`, or a unique prefix of an id of at least 3 digits. */
  find(nameOrId: string): Promise<ImageRecord | undefined>;
  /** Makes an image visible. All its blobs must be there. The name moves here from whatever had it (that one becomes dangling). */
  add(
    manifest: Descriptor,
    names: readonly Reference[],
    pulled?: { readonly repoDigest: string },
  ): Promise<ImageRecord>;
  /** @throws EngineError `image-not-found` */
  tag(nameOrId: string, name: Reference): Promise<void>;
  /**
   * Docker's rule: a name is untagged; the image goes with its last name. An id removes all names (several names in
   * different repositories need `force`). @throws EngineError `image-not-found`, `conflict`.
   */
  remove(nameOrId: string, options: { readonly force: boolean }): Promise<readonly RemovedImage[]>;
  /** Deletes blobs that neither an image nor a cache record nor `keep` needs. Returns bytes freed. */
  collect(keep?: ReadonlySet<Digest>): Promise<number>;
}

/** One line of `docker rmi`: exactly one of both is present. */
export interface RemovedImage {
  readonly untagged?: string;
  readonly deleted?: Digest;
}

/** What a step made, found again by its key. Kept in `<home>/cache/`. */
export interface CacheRecord {
  readonly key: Digest;
  /** Absent when the step changed nothing that needs a layer (a mkdir of what exists makes an empty layer all the same). */
  readonly layer: { readonly descriptor: Descriptor; readonly diffId: Digest };
  readonly createdAt: number;
  readonly durationMs: number;
  readonly text: string;
  /** Of the step it builds on, and of what it takes: what the key was made of. Absent in what older versions or others made. */
  readonly parentKey?: Digest;
  readonly content?: Digest;
}

export interface CacheEntry {
  readonly record: CacheRecord;
  /** ms since 1970; exact to some minutes. */
  readonly usedAt: number;
}

export interface CacheStore {
  /** Only records whose blob is there. */
  get(key: Digest): Promise<CacheRecord | undefined>;
  put(record: CacheRecord): Promise<void>;
  /** Blobs that records need. */
  digests(): Promise<ReadonlySet<Digest>>;
  list(): Promise<readonly CacheEntry[]>;
  remove(keys: readonly Digest[]): Promise<void>;
  clear(): Promise<void>;
}

/** How layers leave the engine. Nothing given: as they are. */
export interface LayerForm {
  readonly compression?: "uncompressed" | "gzip" | "zstd";
  readonly level?: number;
  /** Also layers that are compressed in another way already. */
  readonly force?: boolean;
  /** Media types of the OCI or of Docker. */
  readonly types?: "oci" | "docker";
}

export interface PackOptions {
  readonly signal?: AbortSignal;
  /** Bytes of the layer's tar that have been read. */
  readonly onBytes?: (total: number) => void;
}

/** Layers in the form that others want. */
export interface PackedLayers {
  /** Descriptor of the layer in this form. Its bytes need not be there. */
  pack(layer: Descriptor, form: LayerForm, options?: PackOptions): Promise<Descriptor>;
  /** Makes sure that the bytes of what `pack` returned are in the content store. @throws StalePacking */
  provide(layer: Descriptor, packed: Descriptor, form: LayerForm, options?: PackOptions): Promise<void>;
}
