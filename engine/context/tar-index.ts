import { readSync } from "node:fs";
import { msg } from "../base/message.ts";
import { badArchive } from "./errors.ts";

/** One member of a tar, whose bytes lie at [offset, offset + sizeBytes) of the file. */
export interface TarMember {
  /** As in the archive. */
  readonly name: string;
  readonly type: "file" | "link" | "symlink" | "character-device" | "block-device" | "directory" | "fifo";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeMs: number;
  readonly linkName: string;
  readonly device: { readonly major: number; readonly minor: number };
  readonly xattrs: ReadonlyMap<string, Buffer>;
  readonly offset: number;
  readonly sizeBytes: number;
}

const block = 512;
const longestExtension = 1 << 20;
/** What is kept of a member costs memory: more of them than this is an attack, not an archive. */
const mostMembers = 1_000_000;
const types: Readonly<Record<string, TarMember["type"]>> = {
  "0": "file",
  "\0": "file",
  "7": "file",
  "1": "link",
  "2": "symlink",
  "3": "character-device",
  "4": "block-device",
  "5": "directory",
  "6": "fifo",
};

/** Whether a block is the header of a tar member: what decides whether ADD unpacks a file. */
export function isTarHeader(header: Buffer): boolean {
  if (header.length < block || header[0] === 0) return false;
  const written = number(header, 148, 8);
  return written !== undefined && written === sumOf(header);
}

/**
 * The members of an open tar file, in order, without reading what is in them. Formats: v7, ustar, pax, GNU long names.
 * `name` is how errors call the archive. @throws EngineError `invalid-argument`
 */
export function* tarMembers(handle: number, fileBytes: number, name: string): Generator<TarMember> {
  let records = new Map<string, Buffer>();
  let count = 0;
  for (let at = 0; at < fileBytes; ) {
    const header = readAt(handle, at, block, name);
    if (header.every((byte) => byte === 0)) return;
    if (!isTarHeader(header)) throw badArchive(name, msg("a header is damaged"));
    const flag = String.fromCharCode(header[156] ?? 0);
    const size = number(header, 124, 12);
    if (size === undefined) throw badArchive(name, msg("a size cannot be read"));
    at += block;
    if ("xgLK".includes(flag)) {
      if (size > longestExtension) throw badArchive(name, msg("an extended header is too long"));
      const content = readAt(handle, at, size, name);
      if (flag === "x") for (const [key, value] of paxRecords(content, name)) records.set(key, value);
      else if (flag !== "g") records.set(flag === "L" ? "path" : "linkpath", upToNul(content));
      at += padded(size);
      continue;
    }
    count += 1;
    if (count > mostMembers) throw badArchive(name, msg("it has more than {count} members", { count: mostMembers }));
    const member = readMember(header, flag, size, records, at, name);
    records = new Map();
    if (!member) {
      at += padded(size);
      continue;
    }
    if (member.offset + member.sizeBytes > fileBytes) throw badArchive(name, msg("it ends too early"));
    at += padded(member.sizeBytes);
    yield member;
  }
}

function readMember(
  header: Buffer,
  flag: string,
  headerSize: number,
  records: ReadonlyMap<string, Buffer>,
  offset: number,
  archive: string,
): TarMember | undefined {
  if (flag === "S" || [...records.keys()].some((key) => key.startsWith("GNU.sparse."))) {
    throw badArchive(archive, msg("it has sparse files; make it anew without --sparse"));
  }
  const type = Object.hasOwn(types, flag) ? types[flag] : undefined;
  if (type === undefined) return undefined;
  const name = textOf(records.get("path") ?? headerName(header), archive);
  const numeric = (key: string, at: number, length: number) => {
    const record = records.get(key);
    const value = record === undefined ? number(header, at, length) : Number(record.toString("latin1"));
    if (value === undefined || !Number.isFinite(value)) throw badArchive(archive, msg("a number cannot be read"));
    return value;
  };
  const size = records.has("size") ? numeric("size", 124, 12) : headerSize;
  if (!Number.isSafeInteger(size) || size < 0) throw badArchive(archive, msg("a size cannot be read"));
  const xattrs = [...records].filter(([key]) => key.startsWith("SCHILY.xattr."));
  const isFolder = type === "directory" || (type === "file" && name.endsWith("/"));
  return {
    name,
    type: isFolder ? "directory" : type,
    mode: numeric("mode", 100, 8) & 0o7777,
    uid: owner(numeric("uid", 108, 8)),
    gid: owner(numeric("gid", 116, 8)),
    mtimeMs: Math.floor(numeric("mtime", 136, 12)) * 1000,
    linkName: textOf(records.get("linkpath") ?? upToNul(header.subarray(157, 257)), archive),
    device: { major: number(header, 329, 8) ?? 0, minor: number(header, 337, 8) ?? 0 },
    xattrs: new Map(xattrs.map(([key, value]) => [key.slice("SCHILY.xattr.".length), value])),
    offset,
    // POSIX: for links and folders the size field says nothing about what follows; GNU tar and Go agree.
    sizeBytes: type === "file" && !isFolder ? size : 0,
  };
}

function owner(id: number): number {
  return Number.isSafeInteger(id) && id >= 0 && id < 2 ** 32 ? id : 0;
}

function readAt(handle: number, at: number, length: number, name: string): Buffer {
  const data = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const count = readSync(handle, data, done, length - done, at + done);
    if (count === 0) throw badArchive(name, msg("it ends too early"));
    done += count;
  }
  return data;
}

function* paxRecords(content: Buffer, name: string): Generator<[string, Buffer]> {
  for (let at = 0; at < content.length; ) {
    const blank = content.indexOf(0x20, at);
    const length = blank < 0 ? Number.NaN : Number(content.toString("latin1", at, blank));
    const equals = content.indexOf(0x3d, blank);
    const end = at + length;
    if (!Number.isSafeInteger(length) || length < 5 || end > content.length || equals < 0 || equals >= end) {
      throw badArchive(name, msg("an extended header cannot be read"));
    }
    yield [content.toString("latin1", blank + 1, equals), Buffer.from(content.subarray(equals + 1, end - 1))];
    at = end;
  }
}

function headerName(header: Buffer): Buffer {
  const name = upToNul(header.subarray(0, 100));
  const prefix = header.toString("latin1", 257, 263) === "ustar\0" ? upToNul(header.subarray(345, 500)) : name;
  return prefix === name || prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from("/"), name]);
}

function textOf(bytes: Buffer, archive: string): string {
  const text = bytes.toString("utf8");
  if (text.includes("\uFFFD") && !Buffer.from(text).equals(bytes)) {
    throw badArchive(archive, msg("a member's name is not valid UTF-8"));
  }
  if (text.includes("\0")) throw badArchive(archive, msg("a member's name has a zero byte"));
  return text;
}

function upToNul(part: Buffer): Buffer {
  const nul = part.indexOf(0);
  return Buffer.from(nul < 0 ? part : part.subarray(0, nul));
}

/** Octal text, or GNU's big-endian binary with the top bit set; undefined for what is neither. */
function number(header: Buffer, at: number, length: number): number | undefined {
  const part = header.subarray(at, at + length);
  if (part[0] === 0x80) return part.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  if (part[0] === 0xff) return 0;
  const digits = part
    .toString("latin1")
    .replace(/^[ \0]+/, "")
    .replace(/[ \0].*$/s, "");
  if (!/^[0-7]*$/.test(digits)) return undefined;
  return digits === "" ? 0 : Number.parseInt(digits, 8);
}

function sumOf(header: Buffer): number {
  let sum = 8 * 0x20;
  for (let index = 0; index < block; index++) if (index < 148 || index >= 156) sum += header[index] ?? 0;
  return sum;
}

function padded(size: number): number {
  return Math.ceil(size / block) * block;
}
