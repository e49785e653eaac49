// Trees of images on a machine where nothing can be mounted and nobody can be given a file: the contents lie in plain files of
// our own, and whose they are and what they may is told beside them.
import { createHash } from "node:crypto";
import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, type Header } from "tar-stream";
import { hexOf, toDigest } from "../base/digest.ts";
import { EngineError } from "../base/errors.ts";
import type { Look } from "../base/look.ts";
import type { ContentStore } from "../store/types.ts";
import { cancelled, damagedLayer, diskFull, hostileLayer, wrongDiffId } from "./errors.ts";
import { decompress } from "./layer-archive.ts";
import { shareWork } from "./share-work.ts";
import type { Layer } from "./types.ts";

interface Member extends Look {
  /** Absolute in the image. */
  readonly path: string;
  readonly linkTarget?: string;
  /** Another name of an earlier member, also of a layer below. */
  readonly same?: string;
  /** Where the bytes of a file lie. */
  readonly bytes?: string;
}

/** Each layer is read once, as long as this object lives. */
export class PlainLayers {
  readonly #folder: string;
  readonly #content: Pick<ContentStore, "open">;
  readonly #layers = new Map<string, readonly Member[]>();
  readonly #read = shareWork(
    (layer: Layer) => layer.diffId,
    async (layer, signal) => {
      const folder = path.join(this.#folder, hexOf(layer.diffId));
      try {
        const members = await this.#unpack(layer, folder, signal);
        this.#layers.set(layer.diffId, members);
        return members;
      } catch (error) {
        await rm(folder, { recursive: true, force: true });
        throw error;
      }
    },
  );

  /** Whatever an earlier engine left in the folder goes. */
  constructor(folder: string, content: Pick<ContentStore, "open">) {
    this.#folder = folder;
    this.#content = content;
    rmSync(folder, { recursive: true, force: true });
  }

  /**
   * Lays the layers' files into an empty folder: real folders and links, contents as further names of what was unpacked.
   * Says by path what each is in truth. @throws EngineError `content-corrupt`, `disk-full`, `cancelled`
   */
  async lay(layers: readonly Layer[], target: string, signal?: AbortSignal): Promise<ReadonlyMap<string, Look>> {
    const tree = new Tree();
    for (const layer of layers) tree.merge(await this.#members(layer, signal));
    if (signal?.aborted) throw cancelled();
    try {
      for (const [place, member] of [...tree.members].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const file = `${target}${place}`;
        if (member.type === "directory") mkdirSync(file, { mode: 0o700 });
        else if (member.linkTarget !== undefined) symlinkSync(member.linkTarget, file);
        else if (member.bytes !== undefined) linkSync(member.bytes, file);
        else writeFileSync(file, "");
      }
    } catch (error) {
      throw diskError(error, target);
    }
    return tree.members;
  }

  async collect(keep: ReadonlySet<string>): Promise<void> {
    for (const diffId of this.#layers.keys()) {
      if (keep.has(diffId)) continue;
      this.#layers.delete(diffId);
      await rm(path.join(this.#folder, hexOf(diffId as Layer["diffId"])), { recursive: true, force: true });
    }
  }

  async #members(layer: Layer, signal: AbortSignal | undefined): Promise<readonly Member[]> {
    return this.#layers.get(layer.diffId) ?? (await this.#read(layer, signal));
  }

  async #unpack(layer: Layer, folder: string, signal: AbortSignal): Promise<readonly Member[]> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const members: Member[] = [];
    const hash = createHash("sha256");
    const tar = extract();
    tar.on("entry", (header, body, next) => {
      const bytes = path.join(folder, String(members.length));
      const isFile = header.type === "file" || header.type === "contiguous-file";
      try {
        members.push(memberOf(header, isFile ? bytes : undefined));
      } catch (error) {
        // Thrown here, or by a body that nobody listens to, it would end the process.
        body.on("error", () => {});
        tar.destroy(error as Error);
        return;
      }
      write(isFile ? bytes : undefined, body).then(() => next(), next);
    });
    const counted = async function* (source: AsyncIterable<Uint8Array>) {
      for await (const chunk of source) {
        hash.update(chunk);
        yield chunk;
      }
    };
    try {
      const source = Readable.from(counted(decompress(this.#content.open(layer.descriptor.digest))), {
        objectMode: false,
      });
      await pipeline(source, tar, { signal });
    } catch (error) {
      if (signal.aborted) throw cancelled();
      throw error instanceof EngineError ? error : diskError(error, folder);
    }
    const actual = toDigest(hash);
    if (actual !== layer.diffId) throw wrongDiffId(layer.diffId, actual);
    return members;
  }
}

async function write(file: string | undefined, body: AsyncIterable<unknown>): Promise<void> {
  const target = file === undefined ? undefined : await open(file, "w", 0o600);
  try {
    for await (const chunk of body) await target?.write(chunk as Uint8Array);
  } finally {
    await target?.close();
  }
}

function memberOf(header: Header, bytes: string | undefined): Member {
  const { type, mode = 0, uid = 0, gid = 0, mtime, linkname, devmajor = 0, devminor = 0 } = header;
  const isDevice = type === "character-device" || type === "block-device";
  return {
    path: placeOf(header.name),
    type: type === "directory" || type === "symlink" || type === "fifo" || isDevice ? type : "file",
    mode: mode & 0o7777,
    uid,
    gid,
    mtimeMs: mtime?.getTime() ?? 0,
    ...(isDevice && { device: { major: devmajor, minor: devminor } }),
    ...(type === "symlink" && { linkTarget: linkname ?? "" }),
    ...(type === "link" && { same: placeOf(linkname ?? "") }),
    ...(bytes !== undefined && { bytes }),
  };
}

function placeOf(name: string): string {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw hostileLayer(name);
  return `/${parts.join("/")}`;
}

/** The members of the layers laid so far, with what lies in each folder: taking a folder away costs what is in it. */
class Tree {
  readonly members = new Map<string, Member>();
  readonly #below = new Map<string, Set<string>>();

  /** Whiteouts of a layer hide what is below it, not what it brings itself. */
  merge(layer: readonly Member[]): void {
    for (const { path: place } of layer) {
      const [, folder = "", name = ""] = /^(.*)\/\.wh\.([^/]+)$/.exec(place) ?? [];
      if (name === ".wh..opq") this.#removeBelow(folder);
      else if (name !== "" && !name.startsWith(".wh.")) this.#remove(`${folder}/${name}`);
    }
    for (const member of layer) if (member.path !== "/" && !/\/\.wh\.[^/]+$/.test(member.path)) this.#put(member);
  }

  #put(member: Member): void {
    const place = member.path;
    for (let end = place.indexOf("/", 1); end > 0; end = place.indexOf("/", end + 1)) {
      // What is no folder cannot have something below it: it makes way for one.
      const path = place.slice(0, end);
      if (this.members.get(path)?.type !== "directory") {
        this.#set({ path, type: "directory", mode: 0o755, uid: 0, gid: 0, mtimeMs: 0 });
      }
    }
    if (member.type !== "directory") this.#remove(place);
    const meant = member.same === undefined ? member : this.members.get(member.same);
    if (!meant) throw damagedLayer(place);
    this.#set({ ...meant, path: place });
  }

  #set(member: Member): void {
    const folder = member.path.slice(0, member.path.lastIndexOf("/"));
    const below = this.#below.get(folder);
    if (below) below.add(member.path);
    else this.#below.set(folder, new Set([member.path]));
    this.members.set(member.path, member);
  }

  #remove(place: string): void {
    this.members.delete(place);
    this.#below.get(place.slice(0, place.lastIndexOf("/")))?.delete(place);
    this.#removeBelow(place);
  }

  #removeBelow(place: string): void {
    const open = [place];
    for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
      const below = this.#below.get(folder);
      this.#below.delete(folder);
      for (const inside of below ?? []) {
        this.members.delete(inside);
        open.push(inside);
      }
    }
  }
}

function diskError(error: unknown, folder: string): EngineError {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT" ? diskFull(folder) : damagedLayer(message, error);
}
