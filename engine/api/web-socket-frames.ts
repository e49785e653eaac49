/** RFC 6455, section 5: what a client sends, as events; what we send, as bytes. */
export type SocketEvent =
  | { readonly type: "data"; readonly data: Uint8Array }
  | { readonly type: "ping"; readonly data: Uint8Array }
  | { readonly type: "close"; readonly code: number };

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Close codes of section 7.4.1. */
export const closeCodes = { normal: 1000, protocolError: 1002, tooBig: 1009 } as const;

/** What a client types comes in small pieces. */
const largestFrameBytes = 4 * 1024 * 1024;

/** Feeds on bytes as they come. After a `close` event it is deaf. */
export class FrameReader {
  #buffer: Buffer = Buffer.alloc(0);
  #closed = false;
  /** A message of several frames is being received; its pieces are passed on as they come. */
  #inMessage = false;

  push(chunk: Uint8Array): SocketEvent[] {
    if (this.#closed) return [];
    this.#buffer = this.#buffer.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#buffer, chunk]);
    const events: SocketEvent[] = [];
    for (let event = this.#next(); event !== undefined; event = this.#next()) {
      if (event !== "skipped") events.push(event);
      if (event !== "skipped" && event.type === "close") {
        this.#closed = true;
        break;
      }
    }
    return events;
  }

  #next(): SocketEvent | "skipped" | undefined {
    const buffer = this.#buffer;
    const [first, second] = buffer;
    if (first === undefined || second === undefined) return undefined;
    const opcode = first & 0x0f;
    const isFinal = (first & 0x80) !== 0;
    const isControl = opcode >= 8;
    // Extensions were not agreed upon; a client masks (sections 5.1 and 5.2).
    if ((first & 0x70) !== 0 || (second & 0x80) === 0) return { type: "close", code: closeCodes.protocolError };
    if (isControl && (!isFinal || (second & 0x7f) > 125)) return { type: "close", code: closeCodes.protocolError };
    const length = lengthOf(buffer, second & 0x7f);
    if (length === undefined) return undefined;
    if (length.bytes > largestFrameBytes) return { type: "close", code: closeCodes.tooBig };
    const start = length.end + 4;
    if (buffer.length < start + length.bytes) return undefined;
    const data = unmasked(buffer.subarray(start, start + length.bytes), buffer.subarray(length.end, start));
    this.#buffer = buffer.subarray(start + length.bytes);
    return this.#event(opcode, isFinal, data);
  }

  #event(opcode: number, isFinal: boolean, data: Buffer): SocketEvent | "skipped" {
    switch (opcode) {
      case opcodes.text:
      case opcodes.binary:
      case opcodes.continuation:
        if ((opcode === opcodes.continuation) !== this.#inMessage) break;
        this.#inMessage = !isFinal;
        return { type: "data", data };
      case opcodes.ping:
        return { type: "ping", data };
      case opcodes.pong:
        return "skipped";
      case opcodes.close:
        return { type: "close", code: data.length >= 2 ? data.readUInt16BE(0) : closeCodes.normal };
    }
    return { type: "close", code: closeCodes.protocolError };
  }
}

function lengthOf(buffer: Buffer, short: number): { readonly bytes: number; readonly end: number } | undefined {
  if (short < 126) return { bytes: short, end: 2 };
  if (short === 126) return buffer.length < 4 ? undefined : { bytes: buffer.readUInt16BE(2), end: 4 };
  return buffer.length < 10 ? undefined : { bytes: Number(buffer.readBigUInt64BE(2)), end: 10 };
}

function unmasked(data: Buffer, mask: Buffer): Buffer {
  return Buffer.from(data.map((byte, at) => byte ^ (mask[at % 4] ?? 0)));
}

/** One whole frame; servers do not mask. */
export function socketFrame(opcode: number, data: Uint8Array): Buffer {
  const long = data.length > 65535 ? 10 : data.length > 125 ? 4 : 2;
  const head = Buffer.alloc(long);
  head[0] = 0x80 | opcode;
  head[1] = long === 2 ? data.length : long === 4 ? 126 : 127;
  if (long === 4) head.writeUInt16BE(data.length, 2);
  if (long === 10) head.writeBigUInt64BE(BigInt(data.length), 2);
  return Buffer.concat([head, data]);
}

export function closeFrame(code: number): Buffer {
  const data = Buffer.alloc(2);
  data.writeUInt16BE(code >= 1000 && code <= 4999 && ![1004, 1005, 1006].includes(code) ? code : closeCodes.normal);
  return socketFrame(opcodes.close, data);
}
