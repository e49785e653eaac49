import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Digest, hexOf } from "../base/digest.ts";
import { forgetOldest } from "./listings.ts";

const keptIndexes = 32;
const recordBytes = 32 + 6;

/** Where the bytes of each file are in a layer: content digest → offset in the blob. */
export type LayerIndex = ReadonlyMap<Digest, number>;

/**
 * `<home>/layer-indexes/<layer>`: what lets the next COPY take the files that did not change from the layer that is
 * already here, in a few large reads, instead of opening each of them. 32 bytes sha256 of the rest, then for each file its
 * digest and its offset (6 bytes, big-endian). Anything else is as if it were not there: a wrong offset would be a wrong image.
 */
export interface LayerIndexes {
  read(layer: Digest): Promise<LayerIndex | undefined>;
  write(layer: Digest, index: LayerIndex): Promise<void>;
}

export function openLayerIndexes(home: string): LayerIndexes {
  const folder = path.join(home, "layer-indexes");
  // While a person works, the last layer is asked for again and again.
  let last: { readonly layer: Digest; readonly index: LayerIndex } | undefined;
  return {
    async read(layer) {
      if (last?.layer === layer) return last.index;
      const file = path.join(folder, hexOf(layer));
      const index = decode(await readFile(file).catch(() => Buffer.alloc(0)));
      if (index) await utimes(file, new Date(), new Date()).catch(() => undefined);
      return index;
    },
    async write(layer, index) {
      const file = path.join(folder, hexOf(layer));
      const aside = `${file}.${process.pid}.new`;
      last = { layer, index };
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(aside, encode(index), { mode: 0o600 });
        await rename(aside, file);
        await forgetOldest(folder, keptIndexes);
      } catch {
        await rm(aside, { force: true });
      }
    },
  };
}

function encode(index: LayerIndex): Buffer {
  const data = Buffer.alloc(32 + index.size * recordBytes);
  let at = 32;
  for (const [digest, offset] of index) {
    data.write(hexOf(digest), at, "hex");
    data.writeUIntBE(offset, at + 32, 6);
    at += recordBytes;
  }
  checksum(data).copy(data);
  return data;
}

function decode(data: Buffer): LayerIndex | undefined {
  if (data.length < 32 || (data.length - 32) % recordBytes !== 0) return undefined;
  if (!checksum(data).equals(data.subarray(0, 32))) return undefined;
  const index = new Map<Digest, number>();
  for (let at = 32; at < data.length; at += recordBytes) {
    index.set(`sha256:${data.toString("hex", at, at + 32)}` as Digest, data.readUIntBE(at + 32, 6));
  }
  return index;
}

function checksum(data: Buffer): Buffer {
  return createHash("sha256").update(data.subarray(32)).digest();
}
