import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type Header, type Pack, pack } from "tar-stream";
import { breather } from "../context/breathe.ts";
import { changedMeanwhile, fileError } from "../context/errors.ts";
import { stampOf } from "../context/tree.ts";
import { mediaTypes } from "../oci/types.ts";
import type { Layer } from "../snapshot/types.ts";
import type { ContentStore } from "../store/types.ts";
import type { LayerEntry } from "./target-tree.ts";

const chunkBytes = 512 * 1024;
type TarHeader = Partial<Header> & { readonly name: string };

/** How far the tar may run ahead of whoever reads it. */
const aheadBytes = 8 * 1024 * 1024;

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
  const tar = pack();
  let pushed = 0;
  let taken = 0;
  let wake: (() => void) | undefined;
  const feeding = feed(tar, entries, signal, (bytes) => {
    pushed += bytes;
    if (pushed - taken < aheadBytes) return undefined;
    return new Promise<void>((resolve) => {
      wake = resolve;
    });
  });
  feeding.catch((error: Error) => tar.destroy(error));

  try {
    let waiting: Uint8Array[] = [];
    let waitingBytes = 0;
    for await (const chunk of tar as AsyncIterable<Uint8Array>) {
      taken += chunk.length;
      waiting.push(chunk);
      waitingBytes += chunk.length;
      if (pushed - taken < aheadBytes / 2) wake?.();
      if (waitingBytes < chunkBytes) continue;
      yield Buffer.concat(waiting, waitingBytes);
      waiting = [];
      waitingBytes = 0;
    }
    await feeding;
    if (waitingBytes > 0) yield Buffer.concat(waiting, waitingBytes);
  } finally {
    tar.destroy();
    wake?.();
    // What stopped the reader is the error to report; the writer's own was thrown through the tar.
    await feeding.catch(() => undefined);
  }
}

async function feed(
  tar: Pack,
  entries: readonly LayerEntry[],
  signal: AbortSignal,
  push: (bytes: number) => Promise<void> | undefined,
): Promise<void> {
  const breathe = breather(signal);
  const linked = new Map<string, string>();
  for (const entry of entries) {
    signal.throwIfAborted();
    const header = headerOf(entry);
    const hardLink = entry.content?.kind === "file" ? entry.content.hardLink : undefined;
    const first = hardLink === undefined ? undefined : linked.get(hardLink);
    if (hardLink !== undefined && first === undefined) linked.set(hardLink, header.name);

    if (first !== undefined) quiet(tar.entry({ ...header, type: "link", linkname: first, size: 0 }));
    else if (entry.content?.kind === "text") quiet(tar.entry(header, entry.content.text));
    else if (entry.content?.kind === "file") await addFile(tar, header, entry.content, push);
    else quiet(tar.entry(header));

    const pause = push(1024) ?? breathe();
    if (pause) await pause;
  }
  tar.finalize();
}

async function addFile(
  tar: Pack,
  header: TarHeader,
  content: { readonly file: string; readonly sizeBytes: number; readonly stamp?: string },
  push: (bytes: number) => Promise<void> | undefined,
): Promise<void> {
  const { file, sizeBytes } = content;
  let handle: number | undefined;
  try {
    const descriptor = openSync(file, "r");
    handle = descriptor;
    const check = () => {
      if (content.stamp !== undefined && stampOf(fstatSync(descriptor)) !== content.stamp) throw changedMeanwhile(file);
    };
    check();
    if (sizeBytes <= chunkBytes) {
      const data = Buffer.allocUnsafe(sizeBytes);
      if (readFully(descriptor, data) !== sizeBytes) throw changedMeanwhile(file);
      quiet(tar.entry({ ...header, size: sizeBytes }, data));
      await push(sizeBytes);
    } else {
      await addInPieces(tar, { ...header, size: sizeBytes }, async (write) => {
        for (let left = sizeBytes; left > 0; ) {
          const data = Buffer.allocUnsafe(Math.min(left, chunkBytes));
          if (readFully(descriptor, data) !== data.length) throw changedMeanwhile(file);
          left -= data.length;
          await write(data);
        }
        check();
      });
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw fileError(error, file);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** An entry that is cut short says so on itself, beside the tar, whose error is the one that counts. */
function quiet(sink: ReturnType<Pack["entry"]>): ReturnType<Pack["entry"]> {
  return sink.on("error", () => undefined);
}

/** `write` resolves when the tar can take more. Resolves when the entry is complete. */
async function addInPieces(
  tar: Pack,
  header: TarHeader,
  produce: (write: (data: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  let sink: ReturnType<Pack["entry"]> | undefined;
  const complete = new Promise<void>((resolve, reject) => {
    sink = tar.entry(header, (error) => (error ? reject(error) : resolve()));
  });
  complete.catch(() => undefined);
  const open = sink && quiet(sink);
  if (!open) return;
  await produce(async (data) => {
    if (open.write(data)) return;
    let drained: (() => void) | undefined;
    const drain = new Promise<void>((resolve) => {
      drained = resolve;
      open.once("drain", resolve);
    });
    await Promise.race([drain, complete]);
    if (drained) open.off("drain", drained);
  });
  open.end(null);
  await complete;
}

function readFully(handle: number, data: Buffer): number {
  let total = 0;
  while (total < data.length) {
    const count = readSync(handle, data, total, data.length - total, null);
    if (count === 0) break;
    total += count;
  }
  return total;
}

/** Names without a leading slash, folders with a trailing one, whole seconds: what tools expect of a layer. */
function headerOf(entry: LayerEntry): TarHeader {
  const name = entry.path.slice(1);
  const size = entry.content?.kind === "text" ? Buffer.byteLength(entry.content.text) : 0;
  return {
    name: entry.type === "directory" ? `${name}/` : name,
    type: entry.type,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    size,
    mtime: new Date(Math.floor(entry.mtimeMs / 1000) * 1000),
    ...(entry.linkTarget === undefined ? {} : { linkname: entry.linkTarget }),
  };
}
