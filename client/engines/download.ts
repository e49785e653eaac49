import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Writes a stream into a file that appears only when it is complete. */
export async function writeStream(
  source: Readable,
  file: string,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const aside = `${file}.${process.pid}.part`;
  let bytes = 0;
  try {
    await pipeline(
      source,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          bytes += chunk.length;
          onBytes(bytes);
          yield chunk;
        }
      },
      createWriteStream(aside),
      { signal },
    );
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true });
    if (!signal.aborted) throw error;
  }
}
