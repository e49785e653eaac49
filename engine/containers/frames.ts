import type { RestartPolicy } from "./types.ts";

/**
 * What travels on a container's attach.sock: one byte kind, four bytes length (big endian), payload.
 * Kinds below 16 go to the monitor, the others come from it.
 */
export const kinds = {
  /** Payload `1` when this attachment owns stdin, else `0`. Answered by `attached`; from then on all output is sent. */
  attach: 1,
  stdin: 2,
  closeStdin: 3,
  /** Two 16-bit numbers: rows, columns. Answered by `done` or `failed`. */
  resize: 4,
  /** Signal number in one byte, then 1 when it is meant as the container's end. Answered by `done` or `failed`. */
  signal: 5,
  /** Payload: `Order` as JSON. Answered by `done` or `failed`. */
  order: 6,
  /** From now on `state` is sent, first the one of this moment. */
  watch: 7,
  attached: 16,
  stdout: 17,
  stderr: 18,
  /** The process has ended. Nothing follows. */
  exit: 19,
  done: 20,
  /** Payload: ErrorBody as JSON. */
  failed: 21,
  /** Payload: `MonitorState` as JSON. */
  state: 22,
} as const;

/** What the engine asks of a monitor beside signals. */
export type Order =
  | { readonly type: "pause" }
  | { readonly type: "unpause" }
  /** It is in a network with names now: answer for them. */
  | { readonly type: "serve-names" }
  | { readonly type: "restart-policy"; readonly policy: RestartPolicy };

export interface Frame {
  readonly kind: number;
  readonly payload: Buffer;
}

const headerBytes = 5;
/** Larger chunks are cut by `encodeChunks`; whatever claims more is not one of us. */
export const maxPayloadBytes = 1024 * 1024;

export function encodeFrame(kind: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes + payload.length);
  frame.writeUInt8(kind, 0);
  frame.writeUInt32BE(payload.length, 1);
  frame.set(payload, headerBytes);
  return frame;
}

/** Data of any length as frames of one kind. */
export function encodeChunks(kind: number, data: Uint8Array): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < data.length; at += maxPayloadBytes) {
    frames.push(encodeFrame(kind, data.subarray(at, at + maxPayloadBytes)));
  }
  return frames;
}

/** Cuts a byte stream into frames. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that are complete now. @throws Error when the other side does not speak this format. */
  push(chunk: Uint8Array): Frame[] {
    const data = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    let at = 0;
    while (data.length - at >= headerBytes) {
      const length = data.readUInt32BE(at + 1);
      if (length > maxPayloadBytes) throw new Error(`frame of ${length} bytes`);
      if (data.length - at - headerBytes < length) break;
      const start = at + headerBytes;
      frames.push({ kind: data.readUInt8(at), payload: data.subarray(start, start + length) });
      at = start + length;
    }
    this.#rest = data.subarray(at);
    return frames;
  }
}
