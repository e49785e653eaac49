import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { Readable, type Transform, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import zlib from "node:zlib";
import { toDigest } from "../base/digest.ts";
import { EngineError } from "../base/errors.ts";
import { decompressed } from "../store/compression.ts";
import type { ContentStore } from "../store/types.ts";
import { cancelled, commitFailed, damagedLayer, diskFull, foreignOwner, wrongDiffId } from "./errors.ts";
import { toolEnvironment } from "./machine.ts";
import { TarRewriter } from "./tar-rewriter.ts";
import type { Layer } from "./types.ts";
import { fromOverlay, type OverlayForm, toOverlay } from "./whiteouts.ts";

export interface ArchiveTools {
  readonly tar: string;
  readonly form: OverlayForm;
  /** Files may belong to more than one user. */
  readonly owners: boolean;
}

/** One big chunk costs less than many small ones: this alone makes Node's zlib faster than the gzip program. */
const chunkSize = 1 << 20;

/**
 * Fills an empty folder with a layer, in overlayfs's form. GNU tar writes the files: Node can neither make device nodes nor
 * set extended attributes. @throws EngineError `content-corrupt`, `disk-full`, `cancelled`, `unsupported`
 */
export async function extractLayer(
  { tar, form, owners }: ArchiveTools,
  content: Pick<ContentStore, "open">,
  layer: Layer,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const owner = owners ? "--same-owner" : "--no-same-owner";
  const args = [
    "--xattrs",
    "--xattrs-include=*",
    "--numeric-owner",
    owner,
    "--delay-directory-restore",
    "--warning=no-timestamp",
    "-xpf",
    "-",
  ];
  const child = spawn(tar, [...args, "-C", folder], {
    stdio: ["pipe", "ignore", "pipe"],
    env: { ...toolEnvironment },
    cwd: "/",
  });
  const ended = endOf(child);
  const hash = createHash("sha256");
  const rewriter = new TarRewriter(toOverlay(form));
  let failure: unknown;
  try {
    await pipeline(
      decompress(content.open(layer.descriptor.digest)),
      async function* (source: AsyncIterable<Uint8Array>) {
        for await (const chunk of source) {
          hash.update(chunk);
          const output = rewriter.push(chunk);
          if (output.length > 0) yield Buffer.concat(output);
        }
        yield Buffer.concat(rewriter.end());
      },
      child.stdin as Writable,
      { signal },
    );
  } catch (error) {
    failure = error;
    child.stdin?.destroy();
  }
  if (signal.aborted) child.kill("SIGKILL");
  const { code, stderr } = await ended;
  if (signal.aborted) throw cancelled();
  if (/No space left on device|Disk quota exceeded/.test(stderr)) throw diskFull(folder);
  if (failure instanceof EngineError) throw failure;
  if (/Cannot change ownership/.test(stderr)) throw foreignOwner(firstLine(stderr));
  if (code !== 0 && !isCompressionError(failure)) throw damagedLayer(firstLine(stderr) || String(failure), failure);
  if (failure) throw damagedLayer((failure as Error).message, failure);
  const actual = toDigest(hash);
  if (actual !== layer.diffId) throw wrongDiffId(layer.diffId, actual);
}

interface FolderOptions {
  readonly signal?: AbortSignal | undefined;
  /** No file is dated later. */
  readonly newestMs?: number | undefined;
  /** `/a/b`: not in the archive. */
  readonly leaveOut?: ReadonlySet<string>;
}

/** The OCI layer of a writable folder: names sorted, nothing in it that depends on when or by whom it is written. */
export async function* archiveFolder(
  { tar, form }: ArchiveTools,
  folder: string,
  { signal, newestMs, leaveOut }: FolderOptions,
): AsyncGenerator<Uint8Array> {
  const args = ["--xattrs", "--xattrs-include=*", "--numeric-owner", "--sort=name", "--format=posix"];
  if (newestMs !== undefined) args.push(`--mtime=@${Math.floor(newestMs / 1000)}`, "--clamp-mtime");
  // Without it pax headers are named after the process id of tar and hold times of reading.
  const pax = "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime";
  const child = spawn(tar, [...args, pax, "-C", folder, "-cf", "-", "."], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...toolEnvironment },
    cwd: "/",
  });
  const ended = endOf(child);
  const abort = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", abort);
  try {
    const visit = fromOverlay(form);
    const isLeftOut = (name: string) =>
      leaveOut?.has(Buffer.from(name.replace(/^\./, ""), "latin1").toString().replace(/\/$/, ""));
    const rewriter = new TarRewriter((entry) => (isLeftOut(entry.name) ? [] : visit(entry)));
    for await (const chunk of child.stdout as AsyncIterable<Uint8Array>) {
      const output = rewriter.push(chunk);
      if (output.length > 0) yield Buffer.concat(output);
    }
    const { code, stderr } = await ended;
    if (signal?.aborted) throw cancelled();
    // 1: something changed while it was read; in a container that runs it may.
    if (code !== 0 && !(code === 1 && leaveOut)) throw commitFailed(firstLine(stderr));
    yield Buffer.concat(rewriter.end());
  } finally {
    signal?.removeEventListener("abort", abort);
    child.kill("SIGKILL");
  }
}

/** By the first bytes, not by the media type: registries have layers with the wrong one. */
export function decompress(source: Readable): AsyncIterable<Uint8Array> {
  return Readable.from(
    (async function* () {
      const iterator = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
      let head = Buffer.alloc(0);
      while (head.length < 4) {
        const next = await iterator.next();
        if (next.done) break;
        head = Buffer.concat([head, next.value]);
      }
      const all = Readable.from(
        (async function* () {
          if (head.length > 0) yield head;
          for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
        })(),
        { objectMode: false },
      );
      const codec = codecFor(head);
      if (!codec) {
        // Zstandard where Node has none (before 22.15): by the machine's program. All else is a tar as it is.
        yield* isZstd(head) ? byProgram(all) : all;
        return;
      }
      all.on("error", (error) => codec.destroy(error));
      yield* all.pipe(codec);
    })(),
    { objectMode: false, highWaterMark: 4 * chunkSize },
  );
}

function codecFor(head: Buffer): Transform | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return zlib.createGunzip({ chunkSize });
  if (!isZstd(head)) return undefined;
  const { createZstdDecompress } = zlib as { createZstdDecompress?: (options: { chunkSize: number }) => Transform };
  return createZstdDecompress?.({ chunkSize });
}

async function* byProgram(source: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* decompressed(source);
  } catch (error) {
    const isDamage = error instanceof EngineError && error.code === "invalid-argument";
    throw isDamage ? damagedLayer(error.message, error) : error;
  }
}

function isZstd(head: Buffer): boolean {
  return head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528;
}

function isCompressionError(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? "";
  return code.startsWith("Z_") || code.startsWith("ZSTD_");
}

async function endOf(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    if (stderr.length < 100_000) stderr += text;
  });
  // EPIPE: tar says on stderr why it stopped reading.
  child.stdin?.on("error", () => {});
  try {
    const [code] = (await once(child, "close")) as [number | null];
    return { code, stderr };
  } catch (error) {
    return { code: 127, stderr: (error as Error).message };
  }
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
