import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { closeFrame, FrameReader, opcodes, socketFrame } from "../../../engine/api/web-socket-frames.ts";
import { type FakeEngine, fakeEngine } from "../../support/fake-engine.ts";

/** As a client sends it: masked. */
function masked(opcode: number, data: string, { final = true, mask = Buffer.from([1, 2, 3, 4]) } = {}): Buffer {
  const frame = socketFrame(opcode, Buffer.from(data));
  const start = frame.length - Buffer.byteLength(data);
  const head = Buffer.from(frame.subarray(0, start));
  head[0] = (head[0] ?? 0) & (final ? 0xff : 0x7f);
  head[1] = (head[1] ?? 0) | 0x80;
  return Buffer.concat([head, mask, frame.subarray(start).map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
}

const eventsOf = (...chunks: Uint8Array[]) => {
  const reader = new FrameReader();
  return chunks
    .flatMap((chunk) => reader.push(chunk))
    .map((event) => (event.type === "close" ? `close ${event.code}` : `${event.type} ${Buffer.from(event.data)}`));
};

describe("frames of a web socket", () => {
  it("are read however they are cut", () => {
    const bytes = Buffer.concat([
      masked(opcodes.text, "one"),
      masked(opcodes.ping, "p"),
      masked(opcodes.binary, "x".repeat(70_000)),
      masked(opcodes.pong, ""),
    ]);
    const expected = ["data one", "ping p", `data ${"x".repeat(70_000)}`];
    assert.deepEqual(eventsOf(bytes), expected);
    assert.deepEqual(
      eventsOf(...[...bytes.subarray(0, 40)].map((byte) => Uint8Array.of(byte)), bytes.subarray(40)),
      expected,
    );
  });

  it("of one message are passed on as they come, with control frames between them", () => {
    const first = masked(opcodes.text, "a", { final: false });
    const last = masked(opcodes.continuation, "b");
    assert.deepEqual(eventsOf(first, masked(opcodes.ping, ""), last), ["data a", "ping ", "data b"]);
  });

  it("that break the rules end the conversation", () => {
    const unmasked = socketFrame(opcodes.text, Buffer.from("x"));
    const reserved = Buffer.from(masked(opcodes.text, "x"));
    reserved[0] = 0xc1;
    const huge = Buffer.from([0x82, 0xff, 0, 0, 1, 0, 0, 0, 0, 0]);
    for (const bad of [
      unmasked,
      reserved,
      masked(opcodes.continuation, "x"),
      Buffer.concat([masked(opcodes.text, "a", { final: false }), masked(opcodes.text, "b")]),
      masked(opcodes.ping, "x".repeat(126)),
      masked(3, "x"),
    ]) {
      assert.equal(eventsOf(bad).at(-1), "close 1002");
    }
    assert.deepEqual(eventsOf(huge), ["close 1009"]);
    const close = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9]);
    assert.deepEqual(eventsOf(close, masked(opcodes.text, "deaf")), ["close 1001"]);
  });
});

describe("attaching by web socket", () => {
  let engine: FakeEngine;
  let socket: Socket;
  beforeEach(async () => {
    engine = await fakeEngine();
    await engine.containers.create({ image: "busybox", name: "web", openStdin: true });
    await engine.containers.start("web");
  });
  afterEach(async () => {
    socket?.destroy();
    await engine.close();
  });

  const open = async (
    query: string,
    headers = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
  ) => {
    socket = connect({ path: engine.socket });
    await once(socket, "connect");
    socket.write(
      `GET /containers/web/attach/ws?${query} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${headers}\r\n`,
    );
    const [head] = await once(socket, "data");
    return String(head);
  };

  it("answers the handshake of the standard, and passes bytes in both directions", async () => {
    const head = await open("stream=1&stdin=1&stdout=1&stderr=1");
    assert.match(head, /^HTTP\/1\.1 101 /);
    assert.match(head, /Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/);
    const attachment = engine.containers.attachmentOf("web");
    socket.write(masked(opcodes.text, "typed\n"));
    await once(attachment.changed, "input");
    assert.deepEqual(attachment.input, ["typed\n"]);
    attachment.say("stderr", "said");
    const [output] = await once(socket, "data");
    assert.deepEqual(output, socketFrame(opcodes.binary, Buffer.from("said")));
    socket.write(masked(opcodes.ping, "there?"));
    const [pong] = await once(socket, "data");
    assert.deepEqual(pong, socketFrame(opcodes.pong, Buffer.from("there?")));
    attachment.finish();
    const [close] = await once(socket, "data");
    assert.deepEqual(close, closeFrame(1000));
  });

  it("closes the process's input when the client says goodbye", async () => {
    await open("stream=1&stdin=1&stdout=1");
    const attachment = engine.containers.attachmentOf("web");
    socket.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]));
    await once(attachment.changed, "closed");
    const [close] = await once(socket, "data");
    assert.deepEqual(close, closeFrame(1000));
  });

  it("is refused without a key, and for a container that is not there", async () => {
    assert.match(await open("stream=1", ""), /^HTTP\/1\.1 400 /);
    socket.destroy();
    await engine.containers.remove("web", { force: true });
    assert.match(await open("stream=1"), /^HTTP\/1\.1 404 /);
  });
});
