import type { LayerEntry } from "./target-tree.ts";

const block = 512;
const typeFlags = {
  file: "0",
  link: "1",
  symlink: "2",
  "character-device": "3",
  "block-device": "4",
  directory: "5",
  fifo: "6",
} as const;

/** Room for seven octal digits: more goes into a pax record. */
const largestId = 0o7777777;
const largestNumber = 8 ** 11 - 1;
const magic = Buffer.from("ustar\u000000", "latin1");
/** Nothing of a header is behind the device numbers: names do not use the prefix field. */
const usedBytes = 345;

interface HeaderFields extends Pick<LayerEntry, "mode" | "uid" | "gid" | "mtimeMs" | "device" | "xattrs"> {
  readonly name: string;
  readonly type: keyof typeof typeFlags;
  readonly linkName?: string;
  readonly sizeBytes: number;
}

/**
 * A ustar header, behind a pax header (POSIX.1-2001) for what does not fit: long or non-ASCII names, large numbers,
 * extended attributes. Whole seconds, no names of owners: the same entry always makes the same bytes.
 */
export function tarHeader(fields: HeaderFields): Buffer {
  const { name, linkName = "", uid, gid, sizeBytes, mtimeMs, xattrs } = fields;
  const seconds = Math.floor(mtimeMs / 1000);
  const records: [key: string, value: Buffer][] = [];
  if (needsRecord(name)) records.push(["path", Buffer.from(name)]);
  if (needsRecord(linkName)) records.push(["linkpath", Buffer.from(linkName)]);
  if (sizeBytes > largestNumber) records.push(["size", Buffer.from(String(sizeBytes))]);
  if (uid > largestId) records.push(["uid", Buffer.from(String(uid))]);
  if (gid > largestId) records.push(["gid", Buffer.from(String(gid))]);
  if (seconds < 0 || seconds > largestNumber) records.push(["mtime", Buffer.from(String(seconds))]);
  for (const [key, value] of xattrs ?? []) records.push([`SCHILY.xattr.${key}`, value]);
  const header = plainHeader(fields, seconds);
  if (records.length === 0) return header;

  const content = Buffer.concat(records.map(([key, value]) => paxRecord(key, value)));
  const pax = plainHeader(
    { name: "PaxHeader", type: "file", mode: 0o644, uid: 0, gid: 0, mtimeMs: 0, sizeBytes: content.length },
    0,
    "x",
  );
  return Buffer.concat([pax, content, Buffer.alloc(paddingOf(content.length)), header]);
}

/** Bytes that fill the last block of an entry. */
export function paddingOf(sizeBytes: number): number {
  return (block - (sizeBytes % block)) % block;
}

function needsRecord(text: string): boolean {
  return Buffer.byteLength(text) > 100 || /[^\x20-\x7e]/.test(text);
}

function plainHeader(fields: HeaderFields, seconds: number, flag: string = typeFlags[fields.type]): Buffer {
  const { name, linkName = "", mode, uid, gid, sizeBytes, device } = fields;
  // From Node's pool, and digit by digit: a layer has as many of these as files.
  const header = Buffer.allocUnsafe(block).fill(0);
  header.write(name, 0, 100);
  octal(header, mode, 100, 8);
  octal(header, Math.min(uid, largestId), 108, 8);
  octal(header, Math.min(gid, largestId), 116, 8);
  octal(header, sizeBytes > largestNumber ? 0 : sizeBytes, 124, 12);
  octal(header, Math.min(Math.max(seconds, 0), largestNumber), 136, 12);
  header.write(flag, 156, "latin1");
  if (linkName !== "") header.write(linkName, 157, 100);
  header.set(magic, 257);
  octal(header, device?.major ?? 0, 329, 8);
  octal(header, device?.minor ?? 0, 337, 8);
  header.fill(0x20, 148, 156);
  let sum = 0;
  for (let at = 0; at < usedBytes; at++) sum += header[at] ?? 0;
  octal(header, sum, 148, 7);
  return header;
}

/** Digits up to the last byte of the field, which stays zero. */
function octal(header: Buffer, value: number, at: number, length: number): void {
  let rest = value;
  for (let place = at + length - 2; place >= at; place--) {
    header[place] = 0x30 + (rest % 8);
    rest = Math.floor(rest / 8);
  }
  header[at + length - 1] = 0;
}

/** The length in front counts itself. */
function paxRecord(key: string, value: Buffer): Buffer {
  const rest = 1 + Buffer.byteLength(key) + 1 + value.length + 1;
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length = rest + String(length).length;
  return Buffer.concat([Buffer.from(`${length} ${key}=`), value, Buffer.from("\n")]);
}
