import { damagedLayer } from "./errors.ts";

/**
 * Changes a tar stream entry by entry without unpacking it. Names and links are byte strings (latin1), because tar knows no
 * encoding; extended attributes are bytes as well, which is why a tar library that makes text of them does not serve here.
 * Formats read: ustar, pax (POSIX.1-2001), GNU long names. Written: ustar and pax.
 */
export interface TarEntry {
  /** As in the archive. */
  readonly name: string;
  readonly linkName: string;
  /** Type flag: `0` file, `1` hard link, `2` symbolic link, `3` and `4` devices, `5` folder, `6` fifo. */
  readonly type: string;
  readonly device: { readonly major: number; readonly minor: number };
  /** pax records without path, linkpath and size. */
  readonly records: ReadonlyMap<string, Buffer>;
  readonly header: Buffer;
  /** Its content lies at [offset, offset + sizeBytes) of the archive. */
  readonly offset: number;
  readonly sizeBytes: number;
}

/** An entry to write; what is not given is as in the header that was read. Only the first of several has the content. */
export interface TarChange {
  readonly header: Buffer;
  readonly name: string;
  readonly type?: string;
  readonly linkName?: string;
  readonly records?: ReadonlyMap<string, Buffer>;
  /** No content, whatever the header says. */
  readonly empty?: boolean;
}

/** `undefined`: as it is, byte for byte. `[]`: leave it out. */
export type TarVisitor = (entry: TarEntry) => readonly TarChange[] | undefined;

const block = 512;
const zeroBlock = Buffer.alloc(block);
const longestExtension = 1 << 20;
const mostEntries = 5_000_000;

export class TarRewriter {
  readonly #visit: TarVisitor;
  #pending: Buffer = Buffer.alloc(0);
  /** Content and padding still to come, passed on or not. */
  #bodyLeft = 0;
  #passBody = true;
  #records = new Map<string, Buffer>();
  /** Extension entries that belong to the next header, as they came. */
  #extensions: Buffer[] = [];
  #entries = 0;
  #at = 0;
  #ended = false;

  constructor(visit: TarVisitor) {
    this.#visit = visit;
  }

  /** @throws EngineError `content-corrupt`, and what the visitor throws */
  push(chunk: Uint8Array): Buffer[] {
    const output: Buffer[] = [];
    let data = this.#pending.length === 0 ? asBuffer(chunk) : Buffer.concat([this.#pending, chunk]);
    this.#pending = Buffer.alloc(0);
    while (data.length > 0 && !this.#ended) {
      if (this.#bodyLeft > 0) {
        const part = data.subarray(0, this.#bodyLeft);
        if (this.#passBody) output.push(part);
        this.#bodyLeft -= part.length;
        this.#at += part.length;
        data = data.subarray(part.length);
        continue;
      }
      const used = this.#header(data, output);
      if (used === 0) {
        // Copied: a view would keep the whole chunk.
        this.#pending = Buffer.from(data);
        break;
      }
      this.#at += used;
      data = data.subarray(used);
    }
    return output;
  }

  end(): Buffer[] {
    if (!this.#ended && (this.#bodyLeft > 0 || this.#pending.length > 0))
      throw damagedLayer("the archive ends too early");
    return [zeroBlock, zeroBlock];
  }

  /** Handles one header; returns the bytes that it took, 0 when more are needed. */
  #header(data: Buffer, output: Buffer[]): number {
    if (data.length < block) return 0;
    const header = data.subarray(0, block);
    if (header.equals(zeroBlock)) {
      this.#ended = true;
      return block;
    }
    checkSum(header);
    const type = header[156] === 0 ? "0" : String.fromCharCode(header[156] ?? 0);
    const size = headerNumber(header, 124, 12);
    if ("xgLK".includes(type)) {
      if (size > longestExtension) throw damagedLayer("an entry has too long a name");
      const whole = block + padded(size);
      if (data.length < whole) return 0;
      this.#extension(type, data.subarray(block, block + size), Buffer.from(data.subarray(0, whole)));
      return whole;
    }
    if (++this.#entries > mostEntries) throw damagedLayer("the archive has too many entries");
    this.#entry(Buffer.from(header), type, size, output);
    return block;
  }

  #extension(type: string, content: Buffer, whole: Buffer): void {
    if (type === "g") return;
    if (type === "x") for (const [key, value] of paxRecords(content)) this.#records.set(key, value);
    else this.#records.set(type === "L" ? "path" : "linkpath", content.subarray(0, lengthToNul(content)));
    this.#extensions.push(whole);
  }

  #entry(header: Buffer, type: string, headerSize: number, output: Buffer[]): void {
    const records = this.#records;
    const extensions = this.#extensions;
    this.#records = new Map();
    this.#extensions = [];
    const take = (key: string) => {
      const value = records.get(key);
      records.delete(key);
      return value?.toString("latin1");
    };
    const name = take("path") ?? headerName(header);
    const linkName = take("linkpath") ?? field(header, 157, 100);
    const paxSize = take("size");
    const size = paxSize === undefined ? headerSize : Number(paxSize);
    if (!Number.isSafeInteger(size) || size < 0) throw damagedLayer("an entry has an impossible size");
    if (type === "S" || [...records.keys()].some((key) => key.startsWith("GNU.sparse."))) {
      throw damagedLayer("it has sparse files, which image layers may not have");
    }
    const isFolderName = type === "0" && name.endsWith("/");
    const device = { major: headerNumber(header, 329, 8), minor: headerNumber(header, 337, 8) };
    // POSIX: for links and folders the size field means nothing that follows; GNU tar and Go agree.
    const bodySize = type === "0" || type === "7" ? size : 0;
    this.#bodyLeft = padded(bodySize);
    const kind = isFolderName ? "5" : type;
    const offset = this.#at + block;
    const changes = this.#visit({ name, linkName, type: kind, device, records, header, offset, sizeBytes: bodySize });
    if (changes === undefined) {
      output.push(...extensions, header);
      this.#passBody = true;
      return;
    }
    this.#passBody = changes.length > 0 && changes[0]?.empty !== true;
    if (changes.length > 1 && bodySize > 0) throw new Error("only an entry without content can become several");
    changes.forEach((change, index) => {
      output.push(...encode({ linkName, ...change }, index === 0 && change.empty !== true ? bodySize : 0));
    });
  }
}

function encode(change: TarChange & { readonly linkName: string }, size: number): Buffer[] {
  const header = Buffer.from(change.header);
  const records = new Map(change.records ?? []);
  // Whatever GNU or old header it was: from 257 on it is now ustar without prefix and names of owners.
  header.fill(0, 257, 329);
  header.write("ustar\u000000", 257, "latin1");
  header.fill(0, 345, block);
  writeText(header, change.name, 0, 100, records, "path");
  writeText(header, change.linkName, 157, 100, records, "linkpath");
  if (change.type !== undefined) header.write(change.type, 156, "latin1");
  const isDevice = header[156] === 0x33 || header[156] === 0x34;
  if (!isDevice || change.empty) header.write("0000000\u00000000000\u0000", 329, "latin1");
  if (size < 8 ** 11) header.write(`${size.toString(8).padStart(11, "0")}\u0000`, 124, "latin1");
  else {
    header.write(`${"0".repeat(11)}\u0000`, 124, "latin1");
    records.set("size", Buffer.from(String(size)));
  }
  seal(header);
  return records.size === 0 ? [header] : [...paxEntry(records), header];
}

/** Header of an entry that no archive had: mode in octal, owned by root. */
export function newHeader(mode: number): Buffer {
  const header = Buffer.alloc(block);
  header.write(`${mode.toString(8).padStart(7, "0")}\u0000`, 100, "latin1");
  for (const at of [108, 116]) header.write("0000000\u0000", at, "latin1");
  for (const at of [124, 136]) header.write("00000000000\u0000", at, "latin1");
  return header;
}

function paxEntry(records: ReadonlyMap<string, Buffer>): Buffer[] {
  const lines = [...records].map(([key, value]) => {
    const rest = 1 + key.length + 1 + value.length + 1;
    let length = rest + String(rest).length;
    if (String(length).length > String(rest).length) length = rest + String(length).length;
    return Buffer.concat([Buffer.from(`${length} ${key}=`, "latin1"), value, Buffer.from("\n")]);
  });
  const content = Buffer.concat(lines);
  const header = newHeader(0o644);
  header.write("PaxHeader", 0, "latin1");
  header.write("x", 156, "latin1");
  header.write("ustar\u000000", 257, "latin1");
  header.write(`${content.length.toString(8).padStart(11, "0")}\u0000`, 124, "latin1");
  seal(header);
  return [header, content, Buffer.alloc(padded(content.length) - content.length)];
}

function* paxRecords(content: Buffer): Generator<[string, Buffer]> {
  let at = 0;
  while (at < content.length) {
    const blank = content.indexOf(0x20, at);
    const length = blank < 0 ? Number.NaN : Number(content.toString("latin1", at, blank));
    const equals = content.indexOf(0x3d, blank);
    const end = at + length;
    if (!Number.isSafeInteger(length) || length < 5 || end > content.length || equals < 0 || equals >= end) {
      throw damagedLayer("an extended header cannot be read");
    }
    yield [content.toString("latin1", blank + 1, equals), Buffer.from(content.subarray(equals + 1, end - 1))];
    at = end;
  }
}

function writeText(
  header: Buffer,
  text: string,
  at: number,
  length: number,
  records: Map<string, Buffer>,
  key: string,
): void {
  header.fill(0, at, at + length);
  header.write(text.slice(0, length), at, "latin1");
  // Beyond ASCII the pax record is the safe place: it is bytes, while ustar's field has no defined encoding.
  if (text.length > length) records.set(key, Buffer.from(text, "latin1"));
}

function headerName(header: Buffer): string {
  const isUstar = header.toString("latin1", 257, 263) === "ustar\0";
  const prefix = isUstar ? field(header, 345, 155) : "";
  const name = field(header, 0, 100);
  return prefix === "" ? name : `${prefix}/${name}`;
}

function field(header: Buffer, at: number, length: number): string {
  const part = header.subarray(at, at + length);
  return part.toString("latin1", 0, lengthToNul(part));
}

function lengthToNul(part: Buffer): number {
  const nul = part.indexOf(0);
  return nul < 0 ? part.length : nul;
}

/** A number of a header: octal text, or GNU's big-endian binary with the top bit set. @throws EngineError `content-corrupt` */
export function headerNumber(header: Buffer, at: number, length: number): number {
  const part = header.subarray(at, at + length);
  if (part[0] === 0x80) return part.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  if (part[0] === 0xff) return 0;
  const digits = part
    .toString("latin1")
    .replace(/^[ \0]+/, "")
    .replace(/[ \0].*$/s, "");
  if (!/^[0-7]*$/.test(digits)) throw damagedLayer("a header has a number that is none");
  return digits === "" ? 0 : Number.parseInt(digits, 8);
}

function sumOf(header: Buffer): number {
  let sum = 8 * 0x20;
  for (let index = 0; index < block; index++) if (index < 148 || index >= 156) sum += header[index] ?? 0;
  return sum;
}

function checkSum(header: Buffer): void {
  if (headerNumber(header, 148, 8) !== sumOf(header))
    throw damagedLayer("it is not a tar archive, or a header of it is wrong");
}

function seal(header: Buffer): void {
  header.write(`${sumOf(header).toString(8).padStart(6, "0")}\u0000 `, 148, "latin1");
}

function padded(size: number): number {
  return Math.ceil(size / block) * block;
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
