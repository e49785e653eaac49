import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, constants, openSync } from "node:fs";
import { chmod, lchown, link, lutimes, mkdir, open, symlink, unlink } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { extract as tarExtract } from "tar-stream";
import { EngineError } from "../../base/errors.ts";
import { toolEnvironment } from "../../snapshot/machine.ts";
import { TarRewriter } from "../../snapshot/tar-rewriter.ts";
import { decompressed } from "../../store/compression.ts";
import {
  deviceInArchive,
  fileFailed,
  fileInTheWay,
  folderInTheWay,
  foreignId,
  isMountPoint,
  missingPath,
  notATar,
  notExtractable,
  oddEntry,
  outsideTarget,
  throwIfAborted,
} from "./errors.ts";
import { type FileTree, folderFlags, nameFlags, type Spot } from "./file-tree.ts";
import { checkWritable, failure, putInPlace, removeAll } from "./write-entry.ts";

export interface WriteOptions {
  /** Docker's noOverwriteDirNonDir. */
  readonly keepKinds: boolean;
  /** Everything belongs to them, whatever the archive says. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Nothing but root's id can be given: owners are left out. */
  readonly oneOwner: boolean;
  /** Devices may be made. */
  readonly devices: boolean;
  /** Whether the root is read only, and nothing else is mounted at this path. */
  isReadOnly(path: string): boolean;
  readonly tools: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

interface Header {
  readonly name: string;
  readonly type?: string | null;
  readonly linkname?: string | null;
  readonly mode?: number;
  readonly mtime?: Date;
  readonly uid?: number;
  readonly gid?: number;
  readonly devmajor?: number;
  readonly devminor?: number;
}

const xattr = "SCHILY.xattr.";

/**
 * Unpacks a tar, perhaps compressed, into a folder of a tree that somebody else may be changing. Every name is looked up anew
 * from the root of the tree; links on the way lead where they lead inside of it, and a file shows up when it is complete.
 * @throws EngineError `invalid-argument`, `forbidden`, `not-found`, `disk-full`
 */
export async function writeArchive(
  tree: FileTree,
  target: string,
  source: AsyncIterable<Uint8Array>,
  options: WriteOptions,
): Promise<void> {
  const folder = await tree.at(target, true, (spot) => {
    if (!spot.stats) throw missingPath(target);
    if (!spot.stats.isDirectory()) throw notExtractable();
    checkWritable(spot, options.isReadOnly);
    return spot.path;
  });
  const writer = new EntryWriter(tree, folder, options);
  const tar = tarExtract();
  const attributes: (ReadonlyMap<string, Buffer> | undefined)[] = [];
  const feeding = feed(source, tar, attributes, options.signal);
  // The loop below ends with the same error.
  feeding.catch((error: Error) => tar.destroy(error));
  try {
    let index = 0;
    for await (const entry of tar) {
      throwIfAborted(options.signal);
      await writer.write(entry.header as Header, entry as unknown as Readable, attributes[index]);
      attributes[index++] = undefined;
    }
    await feeding;
    await writer.finish();
  } catch (error) {
    throwIfAborted(options.signal);
    if (error instanceof EngineError) throw error;
    throw (error as NodeJS.ErrnoException).syscall === undefined ? notATar(error) : error;
  }
}

/** tar-stream makes text of attributes, which breaks those that are bytes: they are taken out beside it, in order. */
async function feed(
  source: AsyncIterable<Uint8Array>,
  tar: ReturnType<typeof tarExtract>,
  attributes: (ReadonlyMap<string, Buffer> | undefined)[],
  signal: AbortSignal,
): Promise<void> {
  const rewriter = new TarRewriter(({ records }) => {
    const found = [...records].filter(
      ([key]) => key === `${xattr}security.capability` || key.startsWith(`${xattr}user.`),
    );
    attributes.push(found.length > 0 ? new Map(found) : undefined);
    return undefined;
  });
  const send = async (data: Uint8Array) => {
    throwIfAborted(signal);
    if (!tar.write(data)) await Promise.race([once(tar, "drain"), once(tar, "close")]);
  };
  for await (const chunk of decompressed(source)) {
    const output = rewriter.push(chunk);
    if (output.length > 0) await send(Buffer.concat(output));
    // Whoever unpacks has given up.
    if (tar.destroyed) return;
  }
  tar.end(Buffer.concat(rewriter.end()));
}

/** One archive being unpacked. */
class EntryWriter {
  readonly #tree: FileTree;
  readonly #folder: string;
  readonly #options: WriteOptions;
  readonly #folderTimes: { readonly path: string; readonly mtime: Date }[] = [];

  constructor(tree: FileTree, folder: string, options: WriteOptions) {
    this.#tree = tree;
    this.#folder = folder;
    this.#options = options;
  }

  async write(header: Header, content: Readable, attributes: ReadonlyMap<string, Buffer> | undefined): Promise<void> {
    const inside = insideName(header.name);
    const place = path.posix.join(this.#folder, inside);
    if (inside === "") {
      content.resume();
      return;
    }
    try {
      const parent = path.posix.dirname(inside);
      if (parent !== ".") await this.#makeParents(parent);
      await this.#tree.at(place, false, (spot) => this.#entry(header, spot, content, attributes));
      content.resume();
    } catch (error) {
      throw failure(error, place);
    }
  }

  /** Folders get their times when nothing is put into them any more. */
  async finish(): Promise<void> {
    for (const { path: place, mtime } of this.#folderTimes.toReversed()) {
      await this.#tree.at(place, false, async ({ host, stats }) => {
        if (stats?.isDirectory()) await lutimes(host, mtime, mtime);
      });
    }
  }

  async #makeParents(parent: string): Promise<void> {
    let at = this.#folder;
    for (const name of parent.split("/")) {
      at = path.posix.join(at, name);
      await this.#tree.at(at, true, async (spot) => {
        if (spot.stats) return;
        checkWritable(spot, this.#options.isReadOnly);
        await mkdir(spot.host, 0o755);
      });
    }
  }

  async #entry(
    header: Header,
    spot: Spot,
    content: Readable,
    attributes: ReadonlyMap<string, Buffer> | undefined,
  ): Promise<void> {
    const { stats } = spot;
    const type = header.type ?? "file";
    const isFolder = type === "directory";
    if (stats && this.#options.keepKinds) {
      if (stats.isDirectory() && !isFolder) throw folderInTheWay(spot.path);
      if (!stats.isDirectory() && isFolder) throw fileInTheWay(spot.path);
    }
    checkWritable(spot, this.#options.isReadOnly);
    // Replacing it would take the mounts away from under the container.
    if (stats?.isDirectory() && !isFolder && this.#tree.holdsMounts(spot.path)) throw isMountPoint(spot.path);
    if (type === "file" || type === "contiguous-file") return this.#file(header, spot, content, attributes);
    if (stats && !(stats.isDirectory() && isFolder)) await removeAll(spot);
    switch (type) {
      case "directory":
        if (!stats?.isDirectory()) await mkdir(spot.host, 0o700);
        await this.#dress(header, spot.host, folderFlags);
        this.#folderTimes.push({ path: spot.path, mtime: header.mtime ?? new Date() });
        return;
      case "symlink": {
        const to = header.linkname ?? "";
        // Docker: a relative link may not lead out of the folder that is extracted into.
        if (!to.startsWith("/") && !isWithin(path.posix.join(path.posix.dirname(spot.path), to), this.#folder)) {
          throw outsideTarget(`${header.name} -> ${to}`);
        }
        await symlink(to, spot.host);
        await this.#own(header, (uid, gid) => lchown(spot.host, uid, gid));
        if (header.mtime) await lutimes(spot.host, header.mtime, header.mtime);
        return;
      }
      case "link": {
        const from = path.posix.join(this.#folder, insideName(header.linkname ?? ""));
        await this.#tree.at(from, false, ({ host }) => link(host, spot.host));
        return;
      }
      case "fifo":
      case "character-device":
      case "block-device":
        return this.#node(header, spot, type);
      default:
        throw oddEntry(header.name, type);
    }
  }

  /** Aside and renamed, so that there is the old file or the whole new one; what is mounted is written in its place. */
  async #file(
    header: Header,
    spot: Spot,
    content: Readable,
    attributes: ReadonlyMap<string, Buffer> | undefined,
  ): Promise<void> {
    if (spot.stats?.isDirectory()) await removeAll(spot);
    const aside = `${path.dirname(spot.host)}/.drydock-${randomBytes(8).toString("hex")}`;
    const inPlace = spot.isMount && spot.stats?.isFile();
    const flags = constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const how = inPlace ? flags | constants.O_TRUNC : flags | constants.O_CREAT | constants.O_EXCL;
    const handle = await open(inPlace ? spot.host : aside, how, 0o600);
    try {
      for await (const chunk of content as AsyncIterable<Uint8Array>) {
        throwIfAborted(this.#options.signal);
        await handle.writeFile(chunk);
      }
      if (!inPlace) {
        await this.#own(header, (uid, gid) => handle.chown(uid, gid));
        await handle.chmod((header.mode ?? 0o644) & 0o7777);
        if (attributes) await setAttributes(this.#options.tools, handle.fd, attributes);
        if (header.mtime) await handle.utimes(header.mtime, header.mtime);
      }
      await handle.close();
      if (!inPlace) await putInPlace(aside, spot);
    } catch (error) {
      await handle.close().catch(() => {});
      if (!inPlace) await unlink(aside).catch(() => {});
      throw error;
    }
  }

  async #node(header: Header, spot: Spot, type: string): Promise<void> {
    if (type !== "fifo" && !this.#options.devices) throw deviceInArchive(header.name);
    const numbers = type === "fifo" ? [] : [String(header.devmajor ?? 0), String(header.devminor ?? 0)];
    const kind = { fifo: "p", "character-device": "c", "block-device": "b" }[type] ?? "p";
    const fd = openSync(`${path.dirname(spot.host)}/.`, folderFlags);
    try {
      const target = `/proc/self/fd/3/${path.basename(spot.host)}`;
      const child = spawn("mknod", ["-m", "600", "--", target, kind, ...numbers], {
        stdio: ["ignore", "ignore", "pipe", fd],
        env: { ...toolEnvironment },
      });
      let words = "";
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        words += text;
      });
      const [code] = (await once(child, "close")) as [number | null];
      if (code !== 0) throw fileFailed(spot.path, new Error(words.trim()));
    } finally {
      closeSync(fd);
    }
    await this.#dress(header, spot.host, nameFlags);
  }

  /** Owner, then mode: giving a file away takes its special bits. Through a descriptor, because chmod(2) follows links. */
  async #dress(header: Header, host: string, flags: number): Promise<void> {
    const fd = openSync(host, flags);
    try {
      await this.#own(header, (uid, gid) => lchown(host, uid, gid));
      await chmod(`/proc/self/fd/${fd}`, (header.mode ?? 0o755) & 0o7777);
    } finally {
      closeSync(fd);
    }
  }

  async #own(header: Header, give: (uid: number, gid: number) => Promise<void>): Promise<void> {
    if (this.#options.oneOwner) return;
    const { uid, gid } = this.#options.owner ?? { uid: header.uid ?? 0, gid: header.gid ?? 0 };
    try {
      await give(uid, gid);
    } catch (error) {
      // In a user namespace: no such id.
      throw (error as NodeJS.ErrnoException).code === "EINVAL" ? foreignId(header.name, `${uid}:${gid}`) : error;
    }
  }
}

/** `./a//b/` and `/a/b` → `a/b`. @throws EngineError for a name that leads out */
function insideName(name: string): string {
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (parts.length === 0) throw outsideTarget(name);
      parts.pop();
    } else parts.push(part);
  }
  return parts.join("/");
}

function isWithin(place: string, folder: string): boolean {
  return folder === "/" || place === folder || place.startsWith(`${folder}/`);
}

/** fsetxattr(2) by its number: Node has no function for it, and setfattr(1) is hardly ever there. Without perl they are left out. */
async function setAttributes(
  { perl }: WriteOptions["tools"],
  fd: number,
  attributes: ReadonlyMap<string, Buffer>,
): Promise<void> {
  const call = { x64: 190, arm64: 7 }[process.arch as string];
  if (perl === undefined || call === undefined) return;
  for (const [key, value] of attributes) {
    const program = `my ($n, $v) = ($ARGV[0], pack("H*", $ARGV[1])); exit(syscall(${call}, 3, $n, $v, length $v, 0) == 0 ? 0 : 1)`;
    const child = spawn(perl, ["-e", program, key.slice(xattr.length), value.toString("hex")], {
      stdio: ["ignore", "ignore", "ignore", fd],
      env: { ...toolEnvironment },
    });
    // A file system without them, or a right that is not there: the file without it is better than none.
    await once(child, "close");
  }
}
