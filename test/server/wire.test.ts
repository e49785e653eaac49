import assert from "node:assert/strict";
import { jsonOf, Wire } from "../../server/wire.ts";

const items = (count: number) => Array.from({ length: count }, (_, at) => ({ message: `ü ${at}`, range: { at } }));

const messages = [
  { jsonrpc: "2.0", id: 1, result: null },
  { jsonrpc: "2.0", id: 1, result: [] },
  { jsonrpc: "2.0", id: "a", result: items(3) },
  { jsonrpc: "2.0", id: 2, result: items(100) },
  { jsonrpc: "2.0", id: 3, result: { kind: "full", items: items(100), resultId: "4" } },
  { jsonrpc: "2.0", id: 4, result: { data: Array.from({ length: 100 }, (_, at) => at) } },
  { jsonrpc: "2.0", id: 5, error: { code: 1, message: "no" } },
  { jsonrpc: "2.0", method: "m", params: { uri: "a", version: undefined, diagnostics: items(30) } },
  { jsonrpc: "2.0", method: "m", params: [items(30), "x"] },
  { jsonrpc: "2.0", method: "m", params: { diagnostics: items(30) } },
];

/** Each message as its chunks; `taken` says when the stream has taken one. */
function recorded(taken: (done: () => void) => void) {
  const messages: (string | Uint8Array)[][] = [];
  const wire = new Wire({
    cork: () => messages.push([]),
    write: (chunk, done) => {
      messages.at(-1)?.push(chunk);
      taken(done);
    },
    uncork: () => {},
    end: () => {},
  });
  const texts = () => messages.map((chunks) => chunks.map((chunk) => Buffer.from(chunk).toString()).join(""));
  return { wire, messages, texts };
}

describe("the wire", () => {
  it("says what JSON.stringify says, again too", () => {
    for (const message of [...messages, ...messages]) {
      assert.deepEqual(JSON.parse(jsonOf(message)), JSON.parse(JSON.stringify(message)));
    }
  });

  it("writes an element of a long list once", () => {
    let written = 0;
    const list = Array.from({ length: 50 }, (_, at) => ({
      toJSON: () => {
        written += 1;
        return at;
      },
    }));
    for (let round = 0; round < 3; round += 1) jsonOf({ jsonrpc: "2.0", ...{ result: list } });
    assert.equal(written, 50);
  });

  it("makes one write of a message, with its length in bytes", async () => {
    const { wire, texts } = recorded((done) => done());
    await wire.write({ jsonrpc: "2.0", ...{ id: 1, result: "ü" } });
    assert.deepEqual(texts(), ['Content-Length: 38\r\n\r\n{"jsonrpc":"2.0","id":1,"result":"ü"}']);
  });

  it("does the same with long lists, also before the stream has taken the one before", async () => {
    const waiting: (() => void)[] = [];
    const { wire, texts } = recorded((done) => waiting.push(done));
    const long = { message: "ü".repeat(300_000) };
    const sent = [30, 30_000, 40, 20].map((count) => {
      const message = { jsonrpc: "2.0", ...{ id: count, result: [...items(count), long, ...items(count)] } };
      return { message, written: wire.write(message) };
    });
    for (const done of waiting) done();
    for (const [at, { message, written }] of sent.entries()) {
      await written;
      const [head = "", body = ""] = (texts()[at] ?? "").split("\r\n\r\n");
      assert.equal(head, `Content-Length: ${Buffer.byteLength(body)}`);
      assert.deepEqual(JSON.parse(body), message);
    }
  });

  it("puts long lists together in the same place, when the stream has taken the one before", async () => {
    const { wire, messages } = recorded((done) => done());
    for (let round = 0; round < 3; round += 1)
      await wire.write({ jsonrpc: "2.0", ...{ id: round, result: items(30) } });
    const places = new Set(messages.map(([, body]) => (body instanceof Uint8Array ? body.buffer : undefined)));
    assert.equal(places.size, 1);
    assert.ok(!places.has(undefined));
  });

  it("takes a list's own JSON where there is one", () => {
    const list = { writeTo: (put: (text: string) => void) => put("1,2"), toJSON: () => [1, 2] };
    const message = { jsonrpc: "2.0", ...{ result: { resultId: "a", data: list } } };
    assert.deepEqual(JSON.parse(jsonOf(message)), JSON.parse(JSON.stringify(message)));
  });

  it("tells who waits that the stream is broken", async () => {
    const wire = new Wire({
      cork: () => {},
      write: (_, done) => done(new Error("EPIPE")),
      uncork: () => {},
      end: () => {},
    });
    await assert.rejects(wire.write({ jsonrpc: "2.0" }), /EPIPE/);
  });
});
