import { gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";
import { digestOf } from "../../engine/base/digest.ts";
import { mediaTypes } from "../../engine/oci/types.ts";
import type { Layer } from "../../engine/snapshot/types.ts";
import type { ContentStore } from "../../engine/store/types.ts";

type Content = Pick<ContentStore, "put">;

export type Entry = Partial<Header> & { readonly name: string; readonly content?: string };

export async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content = "", ...header } of entries) {
    const type = header.type ?? (header.name.endsWith("/") ? "directory" : "file");
    archive.entry(
      { mtime: new Date(1_700_000_000_000), mode: type === "directory" ? 0o755 : 0o644, ...header, type },
      content,
    );
  }
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Puts a layer of these entries, compressed with gzip, into the store. */
export async function layerOf(content: Content, entries: readonly Entry[]): Promise<Layer> {
  return layerOfTar(content, await tarOf(entries));
}

export async function layerOfTar(
  content: Content,
  tar: Buffer,
  compress: (data: Buffer) => Buffer = gzipSync,
): Promise<Layer> {
  const blob = compress(tar);
  const digest = await content.put(blob);
  return { descriptor: { mediaType: mediaTypes.layerGzip, digest, size: blob.length }, diffId: digestOf(tar) };
}
