import type { LogLine } from "./types.ts";

type Stream = LogLine["stream"];

/** Docker cuts longer lines into records of this size; only the last of them ends with a newline. */
const maxRecordBytes = 16 * 1024;

/** One record of Docker's json-file format, with its newline. */
export function encodeRecord(stream: Stream, data: Buffer, timeNs: bigint): string {
  return `{"log":${JSON.stringify(data.toString("utf8"))},"stream":"${stream}","time":"${formatTimeNs(timeNs)}"}\n`;
}

const recordHead = Buffer.from('{"log":"');
/** What follows the text in our own records (Docker's have the same order), up to the 30 characters of the time. */
const recordTails = [
  { stream: "stdout", bytes: Buffer.from('","stream":"stdout","time":"') },
  { stream: "stderr", bytes: Buffer.from('","stream":"stderr","time":"') },
] as const;
const tailLength = recordTails[0].bytes.length;
const timeLength = 30;
const [quote, backslash, newline, letterN, closingBrace, point, letterZ] = Buffer.from('"\\\nn}.Z');

/** `undefined` for what is not a record, such as a line torn by a power cut. */
export function decodeRecord(line: string): LogLine | undefined {
  const data = Buffer.from(line);
  return decodeRecordAt(data, 0, line.endsWith("\n") ? data.length - 1 : data.length);
}

/** The same of bytes, without the newline. The bytes belong to the answer from now on: they are changed. */
export function decodeRecordAt(data: Buffer, start: number, end: number): LogLine | undefined {
  return decodePlain(data, start, end) ?? decodeAny(data.toString("utf8", start, end));
}

/** A record as `encodeRecord` writes it, with nothing to unescape but its newline: nearly all are, and this is far faster. */
function decodePlain(data: Buffer, start: number, end: number): LogLine | undefined {
  const timeAt = end - timeLength - 2;
  const textEnd = timeAt - tailLength;
  const textAt = start + recordHead.length;
  if (textEnd < textAt || data[end - 1] !== closingBrace || data[end - 2] !== quote) return undefined;
  if (recordHead.compare(data, start, textAt) !== 0) return undefined;
  const tail = recordTails.find(({ bytes }) => bytes.compare(data, textEnd, timeAt) === 0);
  if (!tail) return undefined;
  for (let at = textAt; at < textEnd; at += 1) {
    if (data[at] === quote) return undefined;
    if (data[at] === backslash && (at !== textEnd - 2 || data[at + 1] !== letterN)) return undefined;
  }
  const timeNs = decodeTime(data, timeAt);
  if (timeNs === undefined) return undefined;
  const ends = textEnd - textAt >= 2 && data[textEnd - 2] === backslash;
  if (ends) data[textEnd - 2] = newline ?? 10;
  return { stream: tail.stream, timeNs, data: data.subarray(textAt, ends ? textEnd - 1 : textEnd) };
}

let lastDecoded = { bytes: Buffer.alloc(0), startNs: 0n };

/** `2023-11-14T22:13:20.000000001Z` */
function decodeTime(data: Buffer, at: number): bigint | undefined {
  const pointAt = at + 19;
  if (data[pointAt] !== point || data[at + timeLength - 1] !== letterZ) return undefined;
  if (lastDecoded.bytes.compare(data, at, pointAt) !== 0) {
    const bytes = Buffer.from(data.subarray(at, pointAt));
    const startNs = parseTimeNs(`${bytes.toString("latin1")}Z`);
    if (startNs === undefined) return undefined;
    lastDecoded = { bytes, startNs };
  }
  let ns = 0;
  for (let digit = pointAt + 1; digit < at + timeLength - 1; digit += 1) {
    const value = (data[digit] ?? 0) - 48;
    if (value < 0 || value > 9) return undefined;
    ns = ns * 10 + value;
  }
  return lastDecoded.startNs + BigInt(ns);
}

function decodeAny(line: string): LogLine | undefined {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof record !== "object" || record === null) return undefined;
  const { log, stream, time } = record as Readonly<Record<string, unknown>>;
  if (typeof log !== "string" || typeof time !== "string") return undefined;
  const timeNs = parseTimeNs(time);
  if (timeNs === undefined) return undefined;
  return { stream: stream === "stderr" ? "stderr" : "stdout", timeNs, data: Buffer.from(log) };
}

/** A log has many records a second: the part of their times that stays the same is kept. */
let lastSecond = { startNs: 0n, text: "1970-01-01T00:00:00" };

/** RFC 3339 in UTC with nine digits. */
export function formatTimeNs(timeNs: bigint): string {
  let ns = Number(timeNs - lastSecond.startNs);
  if (ns < 0 || ns >= 1e9) {
    const seconds = Number(timeNs / 1_000_000_000n);
    lastSecond = {
      startNs: BigInt(seconds) * 1_000_000_000n,
      text: new Date(seconds * 1000).toISOString().slice(0, 19),
    };
    ns = Number(timeNs - lastSecond.startNs);
  }
  return `${lastSecond.text}.${String(ns).padStart(9, "0")}Z`;
}

/** RFC 3339 with any number of digits behind the point. */
export function parseTimeNs(text: string): bigint | undefined {
  const found = /^(.{19})(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (!found) return undefined;
  const ms = Date.parse(`${found[1]}${found[3]}`);
  if (Number.isNaN(ms)) return undefined;
  return BigInt(ms) * 1_000_000n + BigInt((found[2] ?? "").padEnd(9, "0"));
}

/** Cuts one output stream into records: at newlines, and inside lines that are too long. */
export class RecordSplitter {
  #parts: Buffer[] = [];
  #bytes = 0;

  push(chunk: Buffer): Buffer[] {
    const records: Buffer[] = [];
    let at = 0;
    while (at < chunk.length) {
      const newline = chunk.indexOf(10, at);
      const end = newline < 0 ? chunk.length : newline + 1;
      const room = maxRecordBytes - this.#bytes;
      if (end - at > room) {
        const cut = at + characterBoundary(chunk.subarray(at), room);
        this.#parts.push(chunk.subarray(at, cut));
        records.push(this.#take());
        at = cut;
        continue;
      }
      this.#parts.push(chunk.subarray(at, end));
      this.#bytes += end - at;
      at = end;
      if (newline >= 0) records.push(this.#take());
    }
    return records;
  }

  /** What is left without a newline when the stream ends. */
  end(): Buffer | undefined {
    return this.#parts.length === 0 ? undefined : this.#take();
  }

  #take(): Buffer {
    const record = this.#parts.length === 1 && this.#parts[0] ? this.#parts[0] : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    return record;
  }
}

/** At most `limit`, moved back so that no UTF-8 character is cut (unless it is not UTF-8 at all). */
function characterBoundary(data: Buffer, limit: number): number {
  for (let at = limit; at > Math.max(limit - 4, 0); at -= 1) {
    if (((data[at] ?? 0) & 0xc0) !== 0x80) return at;
  }
  return limit;
}

/** Wall-clock time in ns that never goes back or repeats. `count` times are taken at once; the first of them is returned. */
export function increasingClock(): (count?: number) => bigint {
  let base = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
  let last = 0n;
  return (count = 1) => {
    const wall = BigInt(Date.now()) * 1_000_000n;
    let time = base + process.hrtime.bigint();
    // The monotonic clock stands still while the machine sleeps, and the wall clock may be set.
    if (time - wall > 5_000_000n || wall - time > 5_000_000n) {
      base += wall - time;
      time = wall;
    }
    const first = time > last ? time : last + 1n;
    last = first + BigInt(count - 1);
    return first;
  };
}
