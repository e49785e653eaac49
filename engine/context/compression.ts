import { spawn } from "node:child_process";
import type { Readable, Transform } from "node:stream";
import zlib from "node:zlib";
import { compressionToolMissing, damagedCompression } from "./errors.ts";

export type Compression = "gzip" | "bzip2" | "xz" | "zstd";

/** How many bytes `compressionOf` wants to see. */
export const magicLength = 6;

const magics: readonly (readonly [Compression, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
];

const chunkSize = 1 << 20;

/** The programs that do what Node does not. xz's memory is bounded: a hostile archive may ask for gigabytes. */
const programs: Readonly<Record<Exclude<Compression, "gzip">, readonly string[]>> = {
  bzip2: ["bzip2", "-dc"],
  xz: ["xz", "-dc", "--memlimit-decompress=512MiB"],
  zstd: ["zstd", "-dc", "-q"],
};

export function compressionOf(head: Uint8Array): Compression | undefined {
  return magics.find(([, bytes]) => bytes.every((byte, index) => head[index] === byte))?.[0];
}

/**
 * The bytes behind a compression, as they are read; who stops reading stops the work.
 * @throws EngineError `unsupported` when neither Node nor a program on PATH knows it; `invalid-argument` when it is damaged.
 */
export async function* decompressed(source: Readable, compression: Compression): AsyncGenerator<Buffer> {
  const codec = codecOf(compression);
  if (codec === undefined) {
    yield* throughProgram(source, compression);
    return;
  }
  source.once("error", (error) => codec.destroy(error));
  try {
    yield* source.pipe(codec) as AsyncIterable<Buffer>;
  } catch (error) {
    throw isOfCodec(error) ? damagedCompression(compression, error) : error;
  } finally {
    source.destroy();
    codec.destroy();
  }
}

function codecOf(compression: Compression): Transform | undefined {
  if (compression === "gzip") return zlib.createGunzip({ chunkSize });
  // Node 22.15 and newer.
  const { createZstdDecompress } = zlib as { createZstdDecompress?: (options: { chunkSize: number }) => Transform };
  return compression === "zstd" ? createZstdDecompress?.({ chunkSize }) : undefined;
}

async function* throughProgram(source: Readable, compression: Compression): AsyncGenerator<Buffer> {
  const [program = "", ...args] = programs[compression as keyof typeof programs];
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], cwd: "/" });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (said.length < 2000) said += text;
  });
  const ended = new Promise<number | "missing">((resolve) => {
    child.once("error", () => resolve("missing"));
    child.once("close", (code) => resolve(code ?? 1));
  });
  let broken: unknown;
  source.once("error", (error) => {
    broken = error;
    child.kill("SIGKILL");
  });
  // EPIPE: the program says on stderr why it stopped reading.
  child.stdin.on("error", () => undefined);
  source.pipe(child.stdin);
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const code = await ended;
    if (broken !== undefined) throw broken;
    if (code === "missing") throw compressionToolMissing(compression, program);
    if (code !== 0) throw damagedCompression(compression, said.trim().split("\n")[0]);
  } finally {
    source.destroy();
    child.kill("SIGKILL");
  }
}

function isOfCodec(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? "";
  return code.startsWith("Z_") || code.startsWith("ZSTD_");
}
