import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { type Digest, hexOf, isDigest } from "../base/digest.ts";
import { compressionOf } from "../store/compression.ts";
import type { ContentStore } from "../store/types.ts";
import { decompress } from "./layer-archive.ts";
import { headerNumber, type TarEntry, TarRewriter } from "./tar-rewriter.ts";
import { normalize, opaqueName, resolveParents, whiteoutPrefix } from "./whiteouts.ts";

/** What a layer says about one path (`etc/hosts`, the root is empty). */
export interface LayerItem {
  readonly path: string;
  /** `whiteout`: what layers below have here is gone. `opaque`: what they have in this folder. */
  readonly type:
    | "file"
    | "hard-link"
    | "link"
    | "character-device"
    | "block-device"
    | "folder"
    | "fifo"
    | "whiteout"
    | "opaque";
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeMs: number;
  /** Where its bytes are in the uncompressed tar. */
  readonly offset: number;
  readonly linkTarget?: string;
}

const types: Readonly<Record<string, LayerItem["type"]>> = {
  "0": "file",
  "1": "hard-link",
  "2": "link",
  "3": "character-device",
  "4": "block-device",
  "5": "folder",
  "6": "fifo",
  "7": "file",
};

/** The items of a layer's tar as its bytes come by; none of them is kept. @throws EngineError `content-corrupt` */
export async function itemsOf(source: AsyncIterable<Uint8Array>): Promise<LayerItem[]> {
  const items: LayerItem[] = [];
  const links = new Map<string, string>();
  const rewriter = new TarRewriter((entry) => {
    const item = itemOf(entry, links);
    if (item) items.push(item);
    return [];
  });
  for await (const chunk of source) rewriter.push(chunk);
  rewriter.end();
  return items;
}

function itemOf(entry: TarEntry, links: Map<string, string>): LayerItem | undefined {
  const { header, records, offset, sizeBytes } = entry;
  const whole = resolveParents(normalize(entry.name), links);
  const slash = whole.lastIndexOf("/");
  const base = whole.slice(slash + 1);
  const numeric = (key: string, at: number, length: number) => {
    const value = Number(records.get(key)?.toString("latin1") ?? headerNumber(header, at, length));
    return Number.isFinite(value) ? value : 0;
  };
  const item = (name: string, type: LayerItem["type"], linkTarget?: string): LayerItem => ({
    path: utf8(name),
    type,
    size: type === "file" ? sizeBytes : 0,
    mode: numeric("mode", 100, 8) & 0o7777,
    uid: numeric("uid", 108, 8),
    gid: numeric("gid", 116, 8),
    mtimeMs: Math.floor(numeric("mtime", 136, 12)) * 1000,
    offset,
    ...(linkTarget === undefined ? {} : { linkTarget: utf8(linkTarget) }),
  });
  if (base === opaqueName) return item(whole.slice(0, Math.max(0, slash)), "opaque");
  if (base.startsWith(whiteoutPrefix)) {
    const hidden = base.slice(whiteoutPrefix.length);
    const isOther = hidden === "" || hidden === "." || hidden === ".." || hidden.startsWith(whiteoutPrefix);
    return isOther ? undefined : item(`${whole.slice(0, slash + 1)}${hidden}`, "whiteout");
  }
  const type = Object.hasOwn(types, entry.type) ? types[entry.type] : undefined;
  if (type === undefined) return undefined;
  if (type === "link") {
    links.set(whole, entry.linkName);
    return item(whole, type, entry.linkName);
  }
  links.delete(whole);
  if (type !== "hard-link") return item(whole, type);
  return item(whole, type, resolveParents(normalize(entry.linkName), links));
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** What is in layers, read once from their tars and kept: `<home>/layer-contents/<digest>`, a compressed list. */
export interface LayerContents {
  items(layer: Digest): Promise<readonly LayerItem[]>;
  /** Bytes of the layer's tar. Compressed layers are read from their beginning for it. */
  read(layer: Digest, offset: number, sizeBytes: number): AsyncIterable<Uint8Array>;
}

export function openLayerContents(home: string, content: ContentStore): LayerContents {
  const folder = path.join(home, "layer-contents");
  const reading = new Map<Digest, Promise<readonly LayerItem[]>>();

  async function find(layer: Digest): Promise<readonly LayerItem[]> {
    const file = path.join(folder, hexOf(layer));
    const kept = await readFile(file)
      .then(promisify<Buffer, Buffer>(gunzip))
      .then((text) => JSON.parse(text.toString()) as readonly LayerItem[])
      .catch(() => undefined);
    if (kept) return kept;
    const items = await itemsOf(decompress(content.open(layer)));
    await keep(file, items);
    return items;
  }

  /** A list that is not kept is made again the next time. */
  async function keep(file: string, items: readonly LayerItem[]): Promise<void> {
    const aside = `${file}.${randomBytes(6).toString("hex")}.new`;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for (const name of await readdir(folder)) {
        const digest = `sha256:${name}`;
        if (isDigest(digest) && content.sizeOf(digest) === undefined) await rm(path.join(folder, name));
      }
      const text = Buffer.from(JSON.stringify(items));
      await writeFile(aside, await promisify<Buffer, { level: number }, Buffer>(gzip)(text, { level: 1 }), {
        mode: 0o600,
      });
      await rename(aside, file);
    } catch {
      await rm(aside, { force: true });
    }
  }

  return {
    items(layer) {
      const others = reading.get(layer);
      if (others) return others;
      const work = find(layer).finally(() => reading.delete(layer));
      reading.set(layer, work);
      return work;
    },
    async *read(layer, offset, sizeBytes) {
      if (sizeBytes === 0) return;
      const last = offset + sizeBytes - 1;
      if (await isPlain(content.pathOf(layer))) {
        yield* createReadStream(content.pathOf(layer), { start: offset, end: last }) as AsyncIterable<Buffer>;
        return;
      }
      let at = 0;
      const source = decompress(content.open(layer)) as Readable;
      try {
        for await (const chunk of source as AsyncIterable<Buffer>) {
          const part = chunk.subarray(Math.max(0, offset - at), Math.max(0, last + 1 - at));
          if (part.length > 0) yield part;
          at += chunk.length;
          if (at > last) return;
        }
      } finally {
        source.destroy();
      }
    },
  };
}

async function isPlain(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(5), 0, 5, 0);
    return compressionOf(buffer.subarray(0, bytesRead)) === undefined;
  } finally {
    await handle.close();
  }
}
