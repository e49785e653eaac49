import { createHash } from "node:crypto";
import type { Call } from "./call.ts";
import { badWebSocket } from "./errors.ts";
import { responseHeaders } from "./headers.ts";
import { type ClientStream, writeTo } from "./hijack.ts";
import { closeCodes, closeFrame, FrameReader, opcodes, socketFrame } from "./web-socket-frames.ts";

/** RFC 6455, section 1.3. */
const magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const lingerMs = 2000;

/** Answers the handshake; afterwards each message is bytes in one direction. @throws EngineError `invalid-argument` */
export function acceptWebSocket(call: Call): ClientStream {
  const { upgrade: socket, req } = call;
  const key = req.headers["sec-websocket-key"];
  if (!socket || req.headers.upgrade?.toLowerCase() !== "websocket" || !key) throw badWebSocket();
  if (req.headers["sec-websocket-version"] !== "13") throw badWebSocket();
  const headers = {
    ...responseHeaders,
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Accept": createHash("sha1").update(`${key}${magic}`).digest("base64"),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  call.res.detachSocket(socket as Parameters<typeof call.res.detachSocket>[0]);
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("")}\r\n`);

  const reader = new FrameReader();
  let closed = false;
  const close = (code: number) => {
    if (closed || socket.destroyed) return;
    closed = true;
    socket.end(closeFrame(code));
    // Its own close frame is its answer; who gives none is left.
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once("close", () => clearTimeout(timer));
  };
  let take: Parameters<ClientStream["onInput"]>[0] = () => undefined;
  let ended = () => {};
  const onChunk = async (chunk: Uint8Array) => {
    for (const event of reader.push(chunk)) {
      if (event.type === "data") await take(event.data);
      else if (event.type === "ping") await writeTo(socket, socketFrame(opcodes.pong, event.data));
      else {
        ended();
        close(event.code);
      }
    }
  };
  socket.on("data", (chunk: Uint8Array) => {
    socket.pause();
    void onChunk(chunk).finally(() => socket.resume());
  });
  socket.on("end", () => ended()).on("close", () => ended());
  socket.resume();
  return {
    onInput(data, end) {
      take = data;
      let told = false;
      ended = () => {
        if (!told) end();
        told = true;
      };
    },
    write: (data) => (closed ? Promise.resolve() : writeTo(socket, socketFrame(opcodes.binary, data))),
    end: () => close(closeCodes.normal),
    gone: call.signal,
  };
}
