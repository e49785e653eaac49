import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type Digest, digestOf } from "../base/digest.ts";
import { breather } from "../context/breathe.ts";
import { changedMeanwhile, fileError } from "../context/errors.ts";
import { stampOf } from "../context/tree.ts";
import { mediaTypes } from "../oci/types.ts";
import type { Layer } from "../snapshot/types.ts";
import type { ContentStore } from "../store/types.ts";
import type { LayerIndex } from "./layer-index.ts";
import { returnMemory } from "./return-memory.ts";
import { paddingOf, tarHeader } from "./tar-header.ts";
import type { LayerContent, LayerEntry } from "./target-tree.ts";

const chunkBytes = 1024 * 1024;
const pieceBytes = 512 * 1024;
/** What a great many small files leave behind is more than what is needed of them. */
const collectEvery = 30_000;
const windowBytes = 1024 * 1024;
const endOfArchive = Buffer.alloc(1024);

interface LayerOptions {
  readonly signal: AbortSignal;
  readonly onBytes?: (total: number) => void;
  readonly reuse?: Reuse;
}

/** What the files of a layer are known to hold, and another layer that has some of them already. */
export interface Reuse {
  /** Digest of a file that is as it was when it was selected, unless it must be read to know. */
  known(content: FileContent): Digest | undefined;
  /** A blob, and where in it the bytes of that digest are. */
  readonly from?: { readonly file: string; readonly index: LayerIndex };
  /** Filled with where the files are in the new layer. */
  readonly index: Map<Digest, number>;
}

type FileContent = LayerContent & { readonly kind: "file" };

/**
 * Writes a layer blob straight from where the files are. The same entries always make the same bytes. Local layers are
 * not compressed: packing and unpacking them would cost more than the disk space is worth.
 * @throws EngineError `conflict` when a file is not what it was when it was selected; `disk-full`; `cancelled`.
 */
export async function writeLayer(
  content: ContentStore,
  entries: readonly LayerEntry[],
  { signal, onBytes, reuse }: LayerOptions,
): Promise<Layer> {
  // The store has at most one chunk in hand while it asks for the next. Fresh memory for each would cost as much as hashing.
  const chunks = [0, 1, 2].map(() => Buffer.allocUnsafe(chunkBytes));
  let next = 0;
  const chunk = () => chunks[next++ % chunks.length] ?? Buffer.allocUnsafe(chunkBytes);
  const { digest, size } = await content.ingest(layerTar(entries, signal, reuse, chunk), {
    signal,
    ...(onBytes ? { onBytes } : {}),
  });
  return { descriptor: { mediaType: mediaTypes.layer, digest, size }, diffId: digest };
}

/** The tar in large pieces: one small write per header would be slower than reading the files. */
export async function* layerTar(
  entries: readonly LayerEntry[],
  signal: AbortSignal,
  reuse?: Reuse,
  newChunk = () => Buffer.allocUnsafe(chunkBytes),
): AsyncGenerator<Uint8Array> {
  const breathe = breather(signal);
  const linked = new Map<string, string>();
  const files = new FileReader(reuse);
  let chunk = newChunk();
  let filled = 0;
  let before = 0;
  try {
    for (const [index, entry] of entries.entries()) {
      signal.throwIfAborted();
      if (index % collectEvery === collectEvery - 1) returnMemory();
      for (const piece of piecesOf(entry, linked, (content) => files.read(content, before + filled))) {
        for (let taken = 0; taken < piece.length; ) {
          const count = Math.min(piece.length - taken, chunkBytes - filled);
          chunk.set(taken === 0 && count === piece.length ? piece : piece.subarray(taken, taken + count), filled);
          taken += count;
          filled += count;
          if (filled < chunkBytes) continue;
          yield chunk;
          before += chunkBytes;
          chunk = newChunk();
          filled = 0;
        }
      }
      const pause = breathe();
      if (pause) await pause;
    }
  } finally {
    files.close();
  }
  if (filled > 0) yield chunk.subarray(0, filled);
  yield endOfArchive;
}

function* piecesOf(
  entry: LayerEntry,
  linked: Map<string, string>,
  read: (content: FileContent) => Iterable<Uint8Array>,
): Generator<Uint8Array> {
  const { content, linkTarget } = entry;
  // Names without a leading slash, folders with a trailing one: what tools expect of a layer.
  const name = entry.type === "directory" ? `${entry.path.slice(1)}/` : entry.path.slice(1);
  const hardLink = content?.kind === "file" ? content.hardLink : undefined;
  const first = hardLink === undefined ? undefined : linked.get(hardLink);
  if (hardLink !== undefined && first === undefined) linked.set(hardLink, name);
  if (first !== undefined) {
    yield tarHeader({ ...entry, name, type: "link", linkName: first, sizeBytes: 0 });
    return;
  }
  const text = content?.kind === "text" ? Buffer.from(content.text) : undefined;
  const sizeBytes = content?.kind === "file" ? content.sizeBytes : (text?.length ?? 0);
  yield tarHeader({ ...entry, name, sizeBytes, ...(linkTarget === undefined ? {} : { linkName: linkTarget }) });
  if (text) yield text;
  if (content?.kind === "file") yield* read(content);
  const padding = paddingOf(sizeBytes);
  if (padding > 0) yield endOfArchive.subarray(0, padding);
}

/**
 * Reads files where they are, or, when the same bytes are in a layer of ours already, from there in large pieces. A piece
 * is good until the next one is asked for.
 */
class FileReader {
  readonly #reuse: Reuse | undefined;
  #blob: number | undefined;
  readonly #space: Buffer = Buffer.allocUnsafe(windowBytes);
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;

  constructor(reuse: Reuse | undefined) {
    this.#reuse = reuse;
    if (!reuse?.from) return;
    try {
      this.#blob = openSync(reuse.from.file, "r");
    } catch {
      // Gone meanwhile: everything is read from where it is.
    }
  }

  /** `place`: where in the new layer the bytes will be. */
  read(content: FileContent, place: number): Iterable<Uint8Array> {
    const reuse = this.#reuse;
    if (!reuse || content.sizeBytes === 0) return readFile(content);
    const digest = reuse.known(content);
    const offset = digest === undefined ? undefined : reuse.from?.index.get(digest);
    if (digest !== undefined) reuse.index.set(digest, place);
    if (offset !== undefined && this.#blob !== undefined) return this.#copy(this.#blob, offset, content.sizeBytes);
    return digest === undefined && content.sizeBytes <= pieceBytes ? this.#learn(content, place) : readFile(content);
  }

  close(): void {
    if (this.#blob !== undefined) closeSync(this.#blob);
    this.#blob = undefined;
  }

  /** A file that was written too shortly before it was read to be known by its times: what went into the layer counts. */
  *#learn(content: FileContent, place: number): Generator<Uint8Array> {
    for (const data of readFile(content)) {
      this.#reuse?.index.set(digestOf(data), place);
      yield data;
    }
  }

  *#copy(blob: number, offset: number, sizeBytes: number): Generator<Uint8Array> {
    for (let done = 0; done < sizeBytes; ) {
      const from = offset + done;
      if (from < this.#windowAt || from >= this.#windowAt + this.#window.length) {
        this.#window = this.#space.subarray(0, readFully(blob, this.#space, from));
        this.#windowAt = from;
        if (this.#window.length === 0) throw new Error("the layer that is copied from is too short");
      }
      const start = from - this.#windowAt;
      const data = this.#window.subarray(start, Math.min(start + sizeBytes - done, this.#window.length));
      done += data.length;
      yield data;
    }
  }
}

function* readFile(content: FileContent): Generator<Uint8Array> {
  const { file, sizeBytes, offset, stamp } = content;
  let handle: number | undefined;
  try {
    const descriptor = openSync(file, "r");
    handle = descriptor;
    const check = () => {
      if (stamp !== undefined && stampOf(fstatSync(descriptor)) !== stamp) throw changedMeanwhile(file);
    };
    check();
    for (let done = 0; done < sizeBytes; ) {
      const data = Buffer.allocUnsafe(Math.min(sizeBytes - done, pieceBytes));
      if (readFully(descriptor, data, (offset ?? 0) + done) !== data.length) throw changedMeanwhile(file);
      done += data.length;
      // Before the last piece is handed on: what follows it may come much later.
      if (done === sizeBytes && sizeBytes > pieceBytes) check();
      yield data;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw fileError(error, file);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function readFully(handle: number, data: Buffer, position: number): number {
  let total = 0;
  while (total < data.length) {
    const count = readSync(handle, data, total, data.length - total, position + total);
    if (count === 0) break;
    total += count;
  }
  return total;
}
