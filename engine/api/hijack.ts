import { once } from "node:events";
import type { Duplex, Readable, Writable } from "node:stream";
import type { Call } from "./call.ts";
import { responseHeaders } from "./headers.ts";

/** How long a client may keep its half open after the output has ended. */
const lingerMs = 2000;

/** Nothing more is read from the client until the promise it returns resolves. */
type InputSink = (chunk: Uint8Array) => Promise<void> | undefined;

/** The connection once HTTP is over: bytes in both directions. */
export interface ClientStream {
  /** What the client sends. `end` is called once when it closes its half (or goes away): output goes on. */
  onInput(data: InputSink, end: () => void): void;
  /** Resolves when more may be written. Does nothing when the client has gone. */
  write(data: Uint8Array): Promise<void>;
  end(): void;
  /** Aborted when the client has gone. */
  readonly gone: AbortSignal;
}

/**
 * Leaves HTTP: `101 UPGRADED` when the client asked for it; else a plain 200 whose body is the output, and whose request
 * body, if it is still being sent, is the input (how clients without hijacking do it).
 */
export function hijack(call: Call, contentType: string): ClientStream {
  return call.upgrade ? upgraded(call, call.upgrade, contentType) : plain(call, contentType);
}

function upgraded(call: Call, socket: Duplex, contentType: string): ClientStream {
  const headers = { ...responseHeaders, "Content-Type": contentType, Connection: "Upgrade", Upgrade: "tcp" };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  call.res.detachSocket(socket as Parameters<typeof call.res.detachSocket>[0]);
  socket.write(`HTTP/1.1 101 UPGRADED\r\n${lines.join("")}\r\n`);
  // Flows from the next tick on, so a caller that calls onInput at once misses nothing; without one, input is thrown away.
  socket.resume();
  return {
    onInput(data, end) {
      feed(socket, data);
      onceEnded(socket, end);
    },
    write: (data) => writeTo(socket, data),
    end: () => {
      if (socket.destroyed) return;
      // Not destroyed at once: closing a unix socket with unread input resets it, and the client loses the end.
      const timer = setTimeout(() => socket.destroy(), lingerMs);
      socket.once("close", () => clearTimeout(timer));
      socket.end();
    },
    gone: call.signal,
  };
}

function plain(call: Call, contentType: string): ClientStream {
  call.res.writeHead(200, { "content-type": contentType });
  call.res.flushHeaders();
  return {
    onInput(data, end) {
      // A body of known length is the call's options, which some clients send to attach: not something to type.
      if (call.req.headers["transfer-encoding"] === undefined) return;
      feed(call.req, data);
      onceEnded(call.req, end);
    },
    write: (data) => writeTo(call.res, data),
    end: () => {
      call.res.end();
    },
    gone: call.signal,
  };
}

function feed(source: Readable, sink: InputSink): void {
  source.on("data", (chunk: Uint8Array) => {
    const taken = sink(chunk);
    if (!taken) return;
    source.pause();
    void taken.finally(() => source.resume());
  });
}

function onceEnded(source: NodeJS.EventEmitter, end: () => void): void {
  let ended = false;
  const settle = () => {
    if (ended) return;
    ended = true;
    end();
  };
  source.on("end", settle).on("close", settle);
}

/** Writes with back pressure; a stream that has been closed swallows the data. */
export async function writeTo(target: Writable, data: Uint8Array | string): Promise<void> {
  if (target.destroyed || target.writableEnded) return;
  if (target.write(data)) return;
  const waiting = new AbortController();
  const { signal } = waiting;
  await Promise.race([once(target, "drain", { signal }), once(target, "close", { signal })]).catch(() => {});
  waiting.abort();
}
