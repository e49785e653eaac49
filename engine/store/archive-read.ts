import { open } from "node:fs/promises";
import path from "node:path";
import { type Extract, extract, type Header } from "tar-stream";
import { type Digest, isDigest } from "../base/digest.ts";
import { EngineError } from "../base/errors.ts";
import { type Message, msg } from "../base/message.ts";
import type { Descriptor } from "../oci/types.ts";
import { compressionOf, decompressed } from "./compression.ts";
import { damagedArchive, hostileArchive, notAnImageArchive } from "./errors.ts";
import type { ContentStore } from "./types.ts";

/** An archive whose files have become blobs: no name in it ever was a path on this machine. */
export interface OpenedArchive {
  /** A document of the archive's root that says what it holds. */
  document(name: string): unknown;
  /** The blob of a file, through links inside the archive. */
  blob(name: string): StoredFile | undefined;
}

export interface StoredFile extends Pick<Descriptor, "digest" | "size"> {
  readonly compression: ReturnType<typeof compressionOf>;
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** A file's path, and how much of it has been read. */
  readonly onProgress?: (name: string, currentBytes: number, totalBytes: number) => void;
}

interface Entry extends AsyncIterable<Uint8Array> {
  readonly header: Partial<Header>;
}

const documents: readonly string[] = ["manifest.json", "index.json", "oci-layout"];
/** Of the first Docker archives; nobody needs them. */
const leftOut = /^repositories$|(^|\/)(VERSION|json)$/;
const maxDocumentBytes = 8 * 1024 * 1024;
const maxEntries = 50_000;
const mostLinks = 40;

/**
 * Reads a tar, perhaps compressed, from front to back; every file goes straight into the store.
 * @throws EngineError `invalid-argument` for what is damaged, hostile or no tar; `disk-full`, `cancelled`, …
 */
export async function openArchive(
  content: ContentStore,
  source: AsyncIterable<Uint8Array>,
  options: ReadOptions,
): Promise<OpenedArchive> {
  const found = new Map<string, unknown>();
  const files = new Map<string, StoredFile>();
  const links = new Map<string, string>();
  const tar = extract();
  const feeding = feed(tar, source, options.signal);
  feeding.catch((error: Error) => tar.destroy(error));
  let count = 0;
  try {
    for await (const entry of tar) {
      const { header } = entry;
      if (++count > maxEntries) throw hostileArchive(msg("it has more than {limit} entries", { limit: maxEntries }));
      const name = safeName(header.name, "");
      if (header.type === "symlink" || header.type === "link") {
        const folder = header.type === "symlink" ? path.posix.dirname(name) : "";
        links.set(name, safeName(header.linkname ?? "", folder));
      } else if (header.type === "file" || header.type === "contiguous-file") {
        if (documents.includes(name)) found.set(name, await readDocument(entry as unknown as Entry, name));
        else if (!leftOut.test(name)) files.set(name, await store(content, entry as unknown as Entry, name, options));
      } else if (header.type !== "directory") {
        throw hostileArchive(msg("{name} is neither a file nor a folder", { name: shown(header.name) }));
      }
      entry.resume();
    }
    await feeding;
  } catch (error) {
    tar.destroy();
    // What went wrong before the tar was read tells more than that its reader was stopped.
    const cause = await feeding.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    throw asArchiveError(error instanceof EngineError ? error : (cause ?? error), count);
  }
  return {
    document: (name) => found.get(name),
    blob(name) {
      let at = safeName(name, "");
      for (let hops = 0; hops < mostLinks; hops++) {
        const file = files.get(at);
        if (file) return file;
        const next = links.get(at);
        if (next === undefined) return undefined;
        at = next;
      }
      return undefined;
    },
  };
}

async function feed(tar: Extract, source: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): Promise<void> {
  for await (const chunk of decompressed(source)) {
    signal?.throwIfAborted();
    if (tar.destroyed) return;
    if (!tar.write(chunk)) await new Promise<void>((resolve) => drained(tar, resolve));
  }
  tar.end(undefined);
}

function drained(tar: Extract, resolve: () => void): void {
  const settle = () => {
    tar.off("drain", settle).off("close", settle);
    resolve();
  };
  tar.on("drain", settle).on("close", settle);
}

async function readDocument(entry: Entry, name: string): Promise<unknown> {
  if ((entry.header.size ?? 0) > maxDocumentBytes) throw tooLarge(name);
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw notAnImageArchive(msg("{name} is no JSON", { name }));
  }
}

async function store(content: ContentStore, entry: Entry, name: string, options: ReadOptions): Promise<StoredFile> {
  const { signal, onProgress } = options;
  const size = entry.header.size ?? 0;
  const stated = `sha256:${/^blobs\/sha256\/([0-9a-f]{64})$/.exec(name)?.[1] ?? ""}`;
  const expected = isDigest(stated) ? stated : undefined;
  if (expected && content.has(expected)) {
    // Also what is here already must be what the archive has.
    if (content.sizeOf(expected) !== size) throw wrongDigest(name);
    onProgress?.(name, size, size);
    return { digest: expected, size, compression: await compressionAt(content, expected) };
  }
  const { digest } = await content
    .ingest(entry, {
      ...(expected ? { expected: { digest: expected, size } } : {}),
      ...(signal ? { signal } : {}),
      onBytes: (total) => onProgress?.(name, total, size),
    })
    .catch((error: unknown) => {
      throw error instanceof EngineError && error.code === "content-corrupt" ? wrongDigest(name) : error;
    });
  return { digest, size, compression: await compressionAt(content, digest) };
}

async function compressionAt(content: ContentStore, digest: Digest): Promise<StoredFile["compression"]> {
  const handle = await open(content.pathOf(digest), "r");
  try {
    const head = Buffer.alloc(8);
    const { bytesRead } = await handle.read(head, 0, head.byteLength, 0);
    return compressionOf(head.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

/** A name inside the archive; one that leads out of it is somebody's attempt. */
function safeName(name: string, folder: string): string {
  const joined = path.posix.normalize(path.posix.join(folder, name));
  if (
    name === "" ||
    name.includes("\0") ||
    path.posix.isAbsolute(name) ||
    joined === ".." ||
    joined.startsWith("../")
  ) {
    throw hostileArchive(msg("{name} leads out of it", { name: shown(name) }));
  }
  return joined.replace(/\/$/, "");
}

function tooLarge(name: string): EngineError {
  return hostileArchive(msg("{name} is larger than {limit} bytes", { name, limit: maxDocumentBytes }));
}

export function wrongDigest(name: string): EngineError {
  return hostileArchive(msg("{name} is not what its digest says", { name: shown(name) }));
}

function asArchiveError(error: unknown, entries: number): unknown {
  if (error instanceof EngineError) return error;
  const { message = "", code, syscall } = (error ?? {}) as { message?: string; code?: string; syscall?: string };
  if (code === "STREAM_DESTROYED") return damagedArchive(msg("it ends too early"));
  if (syscall !== undefined || code !== undefined) return error;
  if (/abort/i.test((error as { name?: string } | undefined)?.name ?? "")) return error;
  const reason: Message = msg("it is no tar");
  return entries === 0 && /header|end of data/i.test(message)
    ? notAnImageArchive(reason)
    : damagedArchive(msg("{text}", { text: message }));
}

/** Names of hostile archives reach terminals. */
export function shown(name: string): string {
  return name.replace(/\p{Cc}+/gu, "?").slice(0, 200);
}
