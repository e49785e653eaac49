import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { breather } from "../context/breathe.ts";
import { changedMeanwhile, fileError } from "../context/errors.ts";
import { stampOf } from "../context/tree.ts";
import { mediaTypes } from "../oci/types.ts";
import type { Layer } from "../snapshot/types.ts";
import type { ContentStore } from "../store/types.ts";
import { paddingOf, tarHeader } from "./tar-header.ts";
import type { LayerContent, LayerEntry } from "./target-tree.ts";

const chunkBytes = 512 * 1024;
const endOfArchive = Buffer.alloc(1024);

interface LayerOptions {
  readonly signal: AbortSignal;
  readonly onBytes?: (total: number) => void;
}

/**
 * Writes a layer blob straight from where the files are. The same entries always make the same bytes. Local layers are
 * not compressed: packing and unpacking them would cost more than the disk space is worth.
 * @throws EngineError `conflict` when a file is not what it was when it was selected; `disk-full`; `cancelled`.
 */
export async function writeLayer(
  content: ContentStore,
  entries: readonly LayerEntry[],
  { signal, onBytes }: LayerOptions,
): Promise<Layer> {
  const { digest, size } = await content.ingest(layerTar(entries, signal), {
    signal,
    ...(onBytes ? { onBytes } : {}),
  });
  return { descriptor: { mediaType: mediaTypes.layer, digest, size }, diffId: digest };
}

/** The tar in large pieces: one small write per header would be slower than reading the files. */
export async function* layerTar(entries: readonly LayerEntry[], signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const breathe = breather(signal);
  const linked = new Map<string, string>();
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  for (const entry of entries) {
    signal.throwIfAborted();
    for (const piece of piecesOf(entry, linked)) {
      waiting.push(piece);
      waitingBytes += piece.length;
      if (waitingBytes < chunkBytes) continue;
      yield Buffer.concat(waiting, waitingBytes);
      waiting = [];
      waitingBytes = 0;
    }
    const pause = breathe();
    if (pause) await pause;
  }
  waiting.push(endOfArchive);
  yield Buffer.concat(waiting);
}

function* piecesOf(entry: LayerEntry, linked: Map<string, string>): Generator<Uint8Array> {
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
  if (content?.kind === "file") yield* readFile(content);
  const padding = paddingOf(sizeBytes);
  if (padding > 0) yield endOfArchive.subarray(0, padding);
}

function* readFile(content: LayerContent & { readonly kind: "file" }): Generator<Uint8Array> {
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
      const data = Buffer.allocUnsafe(Math.min(sizeBytes - done, chunkBytes));
      if (readFully(descriptor, data, (offset ?? 0) + done) !== data.length) throw changedMeanwhile(file);
      done += data.length;
      // Before the last piece is handed on: what follows it may come much later.
      if (done === sizeBytes && sizeBytes > chunkBytes) check();
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
