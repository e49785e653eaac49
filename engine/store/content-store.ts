import { createHash } from "node:crypto";
import { createReadStream, existsSync, renameSync, statSync } from "node:fs";
import { access, type FileHandle, mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { type Digest, digestOf, hexOf, isDigest, toDigest } from "../base/digest.ts";
import { asDiskFull, openAside, publish, writeDurably } from "./durable.ts";
import {
  blobIncomplete,
  blobMismatch,
  blobNotFound,
  blobTooLong,
  documentCorrupt,
  documentTooLarge,
} from "./errors.ts";
import { interruptible } from "./interruptible.ts";
import type { ContentStore, IngestOptions, Lease } from "./types.ts";

const maxDocumentBytes = 8 * 1024 * 1024;

/**
 * Opens `<home>` as an OCI image layout (image spec 1.1, "Image Layout Specification"), making it if need be. One process
 * at a time: what an earlier one left half-written is swept away.
 */
export async function openContentStore(home: string): Promise<ContentStore> {
  const store = new Content(home);
  await store.prepare();
  return store;
}

/** The layout of another process, to look at: nothing is made, nothing is swept away. */
export function readOnlyContent(home: string): ContentStore {
  return new Content(home);
}

class Content implements ContentStore {
  readonly #home: string;
  readonly #blobs: string;
  readonly #aside: string;
  /** Position in the sequence of uses at which each open lease began. */
  readonly #leases = new Set<{ readonly from: number }>();
  readonly #lastUse = new Map<Digest, number>();
  #uses = 0;

  constructor(home: string) {
    this.#home = home;
    this.#blobs = path.join(home, "blobs", "sha256");
    this.#aside = path.join(home, "ingest");
  }

  async prepare(): Promise<void> {
    await rm(this.#aside, { recursive: true, force: true });
    for (const folder of [this.#blobs, this.#aside]) await mkdir(folder, { recursive: true, mode: 0o700 });
    await this.#ensure("oci-layout", { imageLayoutVersion: "1.0.0" });
    await this.#ensure("index.json", { schemaVersion: 2, manifests: [] });
  }

  has(digest: Digest): boolean {
    const there = existsSync(this.pathOf(digest));
    if (there) this.#use(digest);
    return there;
  }

  pathOf(digest: Digest): string {
    return path.join(this.#blobs, hexOf(digest));
  }

  sizeOf(digest: Digest): number | undefined {
    return statSync(this.pathOf(digest), { throwIfNoEntry: false })?.size;
  }

  open(digest: Digest): Readable {
    if (!this.has(digest)) throw blobNotFound(digest);
    return createReadStream(this.pathOf(digest));
  }

  async readJson<T>(digest: Digest): Promise<T> {
    const size = this.sizeOf(digest);
    if (size === undefined) throw blobNotFound(digest);
    if (size > maxDocumentBytes) throw documentTooLarge(digest, size);
    this.#use(digest);
    const data = await readFile(this.pathOf(digest));
    if (digestOf(data) !== digest) throw documentCorrupt(digest);
    try {
      return JSON.parse(data.toString("utf8")) as T;
    } catch (error) {
      throw documentCorrupt(digest, error);
    }
  }

  async put(data: string | Uint8Array): Promise<Digest> {
    const digest = digestOf(data);
    this.#use(digest);
    if (!this.has(digest)) await writeDurably(this.#aside, this.pathOf(digest), data);
    return digest;
  }

  async ingest(
    source: AsyncIterable<Uint8Array>,
    { expected, signal, onBytes }: IngestOptions = {},
  ): Promise<{ digest: Digest; size: number }> {
    const { file, handle } = await openAside(this.#aside);
    let writing: Promise<void> = Promise.resolve();
    try {
      const hash = createHash("sha256");
      let size = 0;
      for await (const chunk of interruptible(source, signal)) {
        size += chunk.byteLength;
        if (expected?.size !== undefined && size > expected.size) throw blobTooLong(expected.size);
        hash.update(chunk);
        await writing;
        // The disk works while the next chunk is made and hashed.
        writing = writeAll(handle, chunk);
        writing.catch(() => undefined);
        onBytes?.(size);
      }
      await writing;
      if (expected?.size !== undefined && size < expected.size) throw blobIncomplete(expected.size, size);
      const digest = toDigest(hash);
      if (expected && digest !== expected.digest) throw blobMismatch(expected.digest, digest);
      this.#use(digest);
      await publish(handle, file, this.pathOf(digest));
      return { digest, size };
    } catch (error) {
      await writing.catch(() => undefined);
      await handle.close().catch(() => undefined);
      await rm(file, { force: true });
      throw asDiskFull(error, this.#home);
    }
  }

  async remove(digest: Digest): Promise<void> {
    await rm(this.pathOf(digest), { force: true });
    this.#lastUse.delete(digest);
  }

  async list(): Promise<readonly Digest[]> {
    const names = await readdir(this.#blobs);
    return names.map((name) => `sha256:${name}`).filter(isDigest);
  }

  lease(): Lease {
    const entry = { from: this.#uses };
    this.#leases.add(entry);
    return {
      release: () => {
        this.#leases.delete(entry);
        if (this.#leases.size === 0) this.#lastUse.clear();
      },
    };
  }

  async reclaim(digest: Digest): Promise<number> {
    const size = this.sizeOf(digest);
    if (size === undefined || this.#isLeased(digest)) return 0;
    // The blob vanishes in the same turn in which the leases were asked: a `has` that follows sees it gone.
    const aside = path.join(this.#aside, `gone-${hexOf(digest)}`);
    renameSync(this.pathOf(digest), aside);
    await rm(aside, { force: true });
    return size;
  }

  #use(digest: Digest): void {
    if (this.#leases.size > 0) this.#lastUse.set(digest, ++this.#uses);
  }

  #isLeased(digest: Digest): boolean {
    const used = this.#lastUse.get(digest);
    return used !== undefined && [...this.#leases].some(({ from }) => used > from);
  }

  async #ensure(name: string, content: object): Promise<void> {
    const file = path.join(this.#home, name);
    const missing = await access(file).then(
      () => false,
      () => true,
    );
    if (missing) await writeDurably(this.#aside, file, JSON.stringify(content));
  }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  let offset = 0;
  while (offset < chunk.byteLength) offset += (await handle.write(chunk, offset)).bytesWritten;
}
