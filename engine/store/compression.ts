import { spawn } from "node:child_process";
import { Readable, type Transform } from "node:stream";
import zlib from "node:zlib";
import { damagedArchive, unknownCompression } from "./errors.ts";

export type Compression = "gzip" | "zstd" | "xz" | "bzip2";

/** One big chunk costs less than many small ones. */
const chunkSize = 1 << 20;

const magics: readonly (readonly [Compression, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["bzip2", [0x42, 0x5a, 0x68]],
];
const longestMagic = 5;

/** By the first bytes; `undefined` for what is not compressed. */
export function compressionOf(head: Uint8Array): Compression | undefined {
  return magics.find(([, magic]) => magic.every((byte, at) => head[at] === byte))?.[0];
}

/** The bytes of a tar that may be compressed in one of the four ways. @throws EngineError `unsupported`, `content-corrupt` */
export async function* decompressed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let size = 0;
  while (size < longestMagic) {
    const next = await iterator.next();
    if (next.done) break;
    head.push(next.value);
    size += next.value.byteLength;
  }
  const whole = (async function* () {
    try {
      yield* head;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  })();
  const compression = compressionOf(Buffer.concat(head).subarray(0, longestMagic));
  if (!compression) yield* whole;
  else yield* through(decoder(compression), whole);
}

/** A compressor of layers. Its bytes depend on nothing but its input. */
export function compressor(compression: "gzip" | "zstd", level: number | undefined): Transform {
  if (compression === "gzip") return zlib.createGzip({ level: level ?? fastGzip, chunkSize });
  // Node 22.15 and newer.
  const { createZstdCompress, constants } = zlib as typeof zlib & {
    readonly createZstdCompress?: (options: object) => Transform;
  };
  const { ZSTD_c_compressionLevel: key } = constants as unknown as Readonly<Record<string, number | undefined>>;
  if (!createZstdCompress || key === undefined) throw unknownCompression("zstd");
  return createZstdCompress({ chunkSize, params: { [key]: level ?? 3 } });
}

/** A third of the time of zlib's default 6, for a few percent more bytes. */
const fastGzip = 1;

/** Pipes through a transform; the first thing that goes wrong on either side is what is thrown. */
export async function* through(codec: Codec, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const input = Readable.from(source, { objectMode: false });
  let failure: unknown;
  input.on("error", (error) => {
    failure ??= error;
    codec.output.destroy(error);
  });
  codec.input.on("error", (error: Error) => codec.output.destroy(error));
  input.pipe(codec.input);
  try {
    yield* codec.output as AsyncIterable<Uint8Array>;
    const complaint = await codec.ended?.();
    if (complaint !== undefined) throw damagedArchive(complaint);
  } catch (error) {
    throw failure ?? asDamaged(error);
  } finally {
    input.destroy();
    codec.input.destroy();
    codec.stop?.();
  }
}

export interface Codec {
  readonly input: NodeJS.WritableStream & { destroy(error?: Error): unknown };
  readonly output: Readable;
  /** What a program complained of in the end. */
  ended?(): Promise<string | undefined>;
  stop?(): void;
}

export function codecOf(transform: Transform): Codec {
  return { input: transform, output: transform };
}

function decoder(compression: Compression): Codec {
  if (compression === "gzip") return codecOf(zlib.createGunzip({ chunkSize }));
  if (compression === "zstd") {
    const { createZstdDecompress } = zlib as { createZstdDecompress?: (options: object) => Transform };
    if (createZstdDecompress) return codecOf(createZstdDecompress({ chunkSize }));
  }
  return program(compression);
}

/** The machine's own program for what Node cannot decode. */
function program(compression: Compression): Codec {
  const child = spawn(compression, ["-dc"], { stdio: ["pipe", "pipe", "pipe"], cwd: "/" });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (stderr.length < 1000) stderr += text;
  });
  const closed = new Promise<string | undefined>((resolve) => {
    child.on("error", (error) => {
      child.stdout.destroy(
        (error as NodeJS.ErrnoException).code === "ENOENT" ? unknownCompression(compression) : error,
      );
      resolve(error.message);
    });
    child.on("close", (code) =>
      resolve(code === 0 ? undefined : stderr.trim().split("\n")[0] || `${compression}: ${code}`),
    );
  });
  // EPIPE: the program says on stderr why it stopped reading.
  const input = child.stdin;
  input.on("error", () => undefined);
  return { input, output: child.stdout, ended: () => closed, stop: () => child.kill("SIGKILL") };
}

function asDamaged(error: unknown): unknown {
  const { code = "", message = "" } = (error ?? {}) as { code?: string; message?: string };
  return code.startsWith("Z_") || code.startsWith("ZSTD_") ? damagedArchive(message, error) : error;
}
