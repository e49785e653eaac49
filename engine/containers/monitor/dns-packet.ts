import { bytesOf, formatAddress, parseAddress } from "../../base/ip-address.ts";

/** The few parts of DNS (RFC 1035) that a name server of containers needs; everything else is passed on as it came. */
export const recordTypes = { A: 1, PTR: 12, AAAA: 28 } as const;
export const responseCodes = { noError: 0, formatError: 1, serverFailure: 2, notImplemented: 4, refused: 5 } as const;

export interface Question {
  readonly id: number;
  /** As asked, without the dot at its end. */
  readonly name: string;
  readonly type: number;
  /** The question's section, to be repeated in the answer. */
  readonly raw: Buffer;
  readonly recursionDesired: boolean;
}

export type Parsed =
  | { readonly type: "question"; readonly question: Question }
  /** Our words cannot answer it, somebody else's may: another class or operation. */
  | { readonly type: "other" }
  /** Nobody shall see it, or answer it. */
  | { readonly type: "hostile" };

const headerBytes = 12;
const ttlSeconds = 5;
const classInternet = 1;

/** Reads a packet of anybody's. Never throws, never reads behind its end; a question has no compressed names. */
export function parseQuery(packet: Buffer): Parsed {
  if (packet.length < headerBytes + 5) return { type: "hostile" };
  const flags = packet.readUInt16BE(2);
  if ((flags & 0x8000) !== 0 || packet.readUInt16BE(4) !== 1) return { type: "hostile" };
  const labels: string[] = [];
  let at = headerBytes;
  for (;;) {
    const length = packet[at];
    if (length === undefined || length > 63) return { type: "hostile" };
    at += 1;
    if (length === 0) break;
    // RFC 1035, 2.3.4: 255 bytes with all lengths.
    if (at + length >= packet.length || at + length - headerBytes > 254) return { type: "hostile" };
    labels.push(packet.toString("latin1", at, at + length));
    at += length;
  }
  if (at + 4 > packet.length) return { type: "hostile" };
  const [type, kind] = [packet.readUInt16BE(at), packet.readUInt16BE(at + 2)];
  if ((flags & 0x7800) !== 0 || kind !== classInternet) return { type: "other" };
  return {
    type: "question",
    question: {
      id: packet.readUInt16BE(0),
      name: labels.join("."),
      type,
      raw: packet.subarray(headerBytes, at + 4),
      recursionDesired: (flags & 0x0100) !== 0,
    },
  };
}

/** `4.3.2.1.in-addr.arpa` → `1.2.3.4`; undefined for what is no address backwards. */
export function addressAsked(name: string): string | undefined {
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/i.exec(name);
  if (v4) return v4.slice(1).reverse().join(".");
  const v6 = /^((?:[\da-f]\.){32})ip6\.arpa$/i.exec(name)?.[1];
  const digits = v6?.replaceAll(".", "").split("").reverse().join("");
  return digits && formatAddress({ family: 6, value: BigInt(`0x${digits}`) });
}

export interface Reply {
  readonly code?: number;
  readonly addresses?: readonly string[];
  readonly pointer?: string;
}

/** As much of the answer as fits; the rest is promised to whoever asks again over TCP. */
export function encodeReply(
  question: Question,
  { code = 0, addresses = [], pointer }: Reply,
  maxBytes: number,
): Buffer {
  const records = [
    ...addresses.flatMap((address) => addressRecord(question.type, address) ?? []),
    ...(pointer === undefined ? [] : [record(recordTypes.PTR, encodeName(pointer))]),
  ];
  const fitting: Buffer[] = [];
  let size = headerBytes + question.raw.length;
  for (const entry of records) {
    if (size + entry.length > maxBytes) break;
    fitting.push(entry);
    size += entry.length;
  }
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(question.id, 0);
  // Response, authoritative, recursion available.
  const truncated = fitting.length < records.length ? 0x0200 : 0;
  header.writeUInt16BE(0x8480 | truncated | (question.recursionDesired ? 0x0100 : 0) | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(fitting.length, 6);
  return Buffer.concat([header, question.raw, ...fitting]);
}

/** For a packet that could not be read: its number, and that it is no use. */
export function encodeFailure(packet: Buffer, code: number): Buffer {
  const header = Buffer.alloc(headerBytes);
  packet.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8080 | code, 2);
  return header;
}

/** Whether this is the answer to what was asked: same number, same question. Anybody may send packets to an open port. */
export function answers(packet: Buffer, query: Buffer): boolean {
  if (packet.length < headerBytes || (packet.readUInt16BE(2) & 0x8000) === 0) return false;
  if (packet.readUInt16BE(0) !== query.readUInt16BE(0)) return false;
  const parsed = parseQuery(query);
  if (parsed.type !== "question" || packet.readUInt16BE(4) === 0) return true;
  const { raw } = parsed.question;
  const repeated = packet.toString("latin1", headerBytes, headerBytes + raw.length).toLowerCase();
  return repeated === raw.toString("latin1").toLowerCase();
}

function addressRecord(type: number, text: string): Buffer | undefined {
  const address = parseAddress(text);
  if (!address || type !== (address.family === 4 ? recordTypes.A : recordTypes.AAAA)) return undefined;
  return record(type, Buffer.from(bytesOf(address.value, address.family === 4 ? 4 : 16)));
}

function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  // The name is the question's, which begins behind the header.
  head.writeUInt16BE(0xc000 | headerBytes, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(classInternet, 4);
  head.writeUInt32BE(ttlSeconds, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function encodeName(name: string): Buffer {
  const labels = name.split(".").filter((label) => label !== "" && label.length <= 63);
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.of(label.length), Buffer.from(label, "latin1")]),
    Buffer.of(0),
  ]);
}
