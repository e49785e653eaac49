import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { type Digest, digestOf, toDigest } from "../../engine/base/digest.ts";
import type { ContentStore } from "../../engine/store/types.ts";

export interface MemoryContent extends Pick<ContentStore, "open" | "ingest" | "put"> {
  readonly blobs: Map<Digest, Buffer>;
  /** What was opened, in order. */
  readonly opened: Digest[];
}

/** The part of a content store that layers need; it forgets everything. */
export function memoryContent(): MemoryContent {
  const blobs = new Map<Digest, Buffer>();
  const opened: Digest[] = [];
  return {
    blobs,
    opened,
    open(digest) {
      opened.push(digest);
      const blob = blobs.get(digest);
      if (!blob) throw new Error(`no blob ${digest}`);
      // In odd pieces, as a file or a network gives them.
      return Readable.from(pieces(blob), { objectMode: false });
    },
    async put(data) {
      const digest = digestOf(data);
      blobs.set(digest, Buffer.from(data));
      return digest;
    },
    async ingest(source) {
      const parts: Uint8Array[] = [];
      const hash = createHash("sha256");
      for await (const part of source) {
        parts.push(part);
        hash.update(part);
      }
      const digest = toDigest(hash);
      const blob = Buffer.concat(parts);
      blobs.set(digest, blob);
      return { digest, size: blob.length };
    },
  };
}

function* pieces(blob: Buffer): Generator<Buffer> {
  for (let at = 0; at < blob.length; at += 70_001) yield blob.subarray(at, at + 70_001);
}
