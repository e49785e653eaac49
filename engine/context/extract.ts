import { chmod, link, lstat, mkdir, open, rm, symlink, unlink, utimes, writeFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract as tarExtract } from "tar-stream";
import { EngineError } from "../base/errors.ts";
import { compressionOf, decompressed, magicLength } from "./compression.ts";
import {
  cancelled,
  conflictingEntry,
  contextTooLarge,
  deviceEntry,
  fileError,
  notATar,
  unsafeEntry,
} from "./errors.ts";
import { maxDockerfileBytes } from "./load.ts";
import { isTarHeader } from "./tar-index.ts";

interface ExtractOptions {
  readonly signal: AbortSignal;
  /** Of the unpacked files together. */
  readonly maxBytes?: number;
}

interface Entry {
  readonly name: string;
  readonly type?: string | null;
  readonly mode?: number;
  readonly mtime?: Date;
  readonly size?: number;
  readonly byteOffset?: number;
  readonly linkname?: string | null;
}

/**
 * Unpacks an uploaded context (a tar, also compressed, or nothing but a Dockerfile) into `folder`, which is made and must be ours alone; on failure it is
 * removed. Modes and times are kept, owners are not. An entry never leaves the folder: no `..`, no absolute name, no
 * hard link to outside, nothing written through a symlink. Symlinks themselves may point anywhere: whoever reads a
 * context follows them inside its root. Devices are refused, pipes left out.
 * @throws EngineError `invalid-argument`, `unsupported`, `disk-full`, `cancelled`.
 */
export async function extractContext(stream: Readable, folder: string, options: ExtractOptions): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { head, rest } = await peek(stream, 512);
    if (looksLikeText(head)) await writeDockerfile(rest, `${folder}/Dockerfile`);
    else await unpack(rest, folder, options);
  } catch (error) {
    stream.destroy();
    await rm(folder, { recursive: true, force: true });
    if (options.signal.aborted) throw cancelled();
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    // Errors of the operating system name a system call; all others come from tar or gzip.
    const fromSystem = (error as NodeJS.ErrnoException | undefined)?.syscall !== undefined;
    throw error instanceof EngineError || (code !== undefined && fromSystem)
      ? fileError(error, folder)
      : notATar(error);
  }
}

/** As in the reference: what is neither compressed nor a tar is the Dockerfile itself. */
function looksLikeText(head: Buffer): boolean {
  return head.length > 0 && compressionOf(head) === undefined && !isTarHeader(head) && !head.includes(0);
}

async function writeDockerfile(source: Readable, file: string): Promise<void> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    total += chunk.length;
    if (total > maxDockerfileBytes) throw notATar(undefined);
  }
  const text = Buffer.concat(chunks);
  if (text.includes(0)) throw notATar(undefined);
  await writeFile(file, text);
}

async function unpack(stream: Readable, folder: string, { signal, maxBytes }: ExtractOptions): Promise<void> {
  const tar = tarExtract();
  const feeding = feed(stream, tar, signal);
  // The loop below ends with the same error; without this the process would see it as unhandled first.
  feeding.catch((error: Error) => tar.destroy(error));

  const made = new Set<string>();
  const folders: { path: string; mode: number; mtime: Date }[] = [];
  let total = 0;
  let end = 0;
  let seen = false;
  try {
    for await (const entry of tar) {
      const header = entry.header as Entry;
      seen = true;
      total += header.size ?? 0;
      end = (header.byteOffset ?? 0) + (header.type === "directory" ? 0 : (header.size ?? 0));
      if (maxBytes !== undefined && total > maxBytes) throw contextTooLarge(maxBytes);
      const name = safeName(header.name);
      if (name === "") {
        entry.resume();
        continue;
      }
      await makeParents(folder, name, made);
      const target = `${folder}/${name}`;
      const mode = (header.mode ?? 0o644) & 0o7777;
      const mtime = header.mtime ?? new Date();
      switch (header.type) {
        case "directory":
          await makeFolder(target, name);
          made.add(name);
          folders.push({ path: target, mode, mtime });
          break;
        case "file":
        case "contiguous-file":
          await makeRoom(target, name);
          await writeEntry(entry, target, mode, mtime);
          break;
        case "symlink":
          if (!header.linkname || header.linkname.includes("\0")) throw unsafeEntry(header.name);
          await makeRoom(target, name);
          await symlink(header.linkname, target);
          break;
        case "link":
          await makeHardLink(folder, safeName(header.linkname ?? ""), target, name);
          break;
        case "character-device":
        case "block-device":
          throw deviceEntry(header.name);
        default:
          break;
      }
      entry.resume();
    }
  } finally {
    tar.destroy();
  }
  const fed = await feeding;
  if (!seen || end > fed) throw notATar(undefined);
  for (const { path, mode, mtime } of folders.reverse()) {
    await chmod(path, mode);
    await utimes(path, mtime, mtime);
  }
}

/** By iteration: a pipeline would wait for ever for an entry whose archive ends too early. */
async function writeEntry(entry: AsyncIterable<unknown>, target: string, mode: number, mtime: Date): Promise<void> {
  const file = await open(target, "wx", 0o600);
  try {
    for await (const chunk of entry) await file.writeFile(chunk as Uint8Array);
    await file.chmod(mode);
    await file.utimes(mtime, mtime);
  } finally {
    await file.close();
  }
}

/**
 * Streams into tar, through what takes off a compression; resolves to the number of bytes in the archive. The last block is
 * filled up with zeros: `docker build -f ../Dockerfile .` ends its archive with the last file's last byte.
 */
async function feed(stream: Readable, tar: NodeJS.WritableStream, signal: AbortSignal): Promise<number> {
  let fed = 0;
  const whole = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      fed += chunk.length;
      yield chunk;
    }
    if (fed % 512 !== 0) yield Buffer.alloc(512 - (fed % 512));
  };
  const { head, rest } = await peek(stream, magicLength);
  const compression = compressionOf(head);
  const source = compression === undefined ? rest : Readable.from(decompressed(rest, compression));
  await pipeline(source, whole, tar, { signal });
  return fed;
}

async function peek(stream: Readable, length: number): Promise<{ head: Buffer; rest: Readable }> {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let head = Buffer.alloc(0);
  while (head.length < length) {
    const next = await chunks.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  const rest = Readable.from(
    (async function* () {
      if (head.length > 0) yield head;
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
    })(),
    { objectMode: false },
  );
  return { head, rest };
}

/** Relative, without `.` parts; `` for the folder itself. */
function safeName(name: string): string {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (name.startsWith("/") || parts.includes("..") || name.includes("\0")) throw unsafeEntry(name);
  return parts.join("/");
}

/** Every folder above is a real folder made by us: a link in its place would lead elsewhere. */
async function makeParents(folder: string, name: string, made: Set<string>): Promise<void> {
  for (let end = name.indexOf("/"); end >= 0; end = name.indexOf("/", end + 1)) {
    const parent = name.slice(0, end);
    if (made.has(parent)) continue;
    const place = `${folder}/${parent}`;
    const there = await lstat(place).catch(() => undefined);
    if (there && !there.isDirectory()) throw there.isSymbolicLink() ? unsafeEntry(name) : conflictingEntry(name);
    if (!there) await mkdir(place, { mode: 0o755 });
    made.add(parent);
  }
}

async function makeFolder(target: string, name: string): Promise<void> {
  const there = await lstat(target).catch(() => undefined);
  if (there && !there.isDirectory()) throw conflictingEntry(name);
  if (!there) await mkdir(target, { mode: 0o700 });
}

/** A later entry replaces an earlier file or link of the same name. */
async function makeRoom(target: string, name: string): Promise<void> {
  const there = await lstat(target).catch(() => undefined);
  if (there?.isDirectory()) throw conflictingEntry(name);
  if (there) await unlink(target);
}

async function makeHardLink(folder: string, from: string, target: string, name: string): Promise<void> {
  const source = `${folder}/${from}`;
  for (let end = from.indexOf("/"); end >= 0; end = from.indexOf("/", end + 1)) {
    const above = await lstat(`${folder}/${from.slice(0, end)}`).catch(() => undefined);
    if (!above?.isDirectory()) throw unsafeEntry(name);
  }
  const there = await lstat(source).catch(() => undefined);
  if (!there?.isFile()) throw unsafeEntry(name);
  if (source === target) return;
  await makeRoom(target, name);
  await link(source, target);
}
