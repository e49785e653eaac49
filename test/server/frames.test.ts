import assert from "node:assert/strict";
import { Frames } from "../../server/frames.ts";

const frame = (body: string) => `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** What is read from pieces of so many bytes. */
function read(text: string, size = text.length * 4): { readonly bodies: string[]; readonly problems: string[] } {
  const bytes = Buffer.from(text);
  const frames = new Frames();
  const problems: string[] = [];
  const bodies: string[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const found = frames.take(bytes.subarray(at, at + size), (problem) => problems.push(problem));
    bodies.push(...found.map(String));
  }
  return { bodies, problems };
}

describe("frames of messages", () => {
  it("are the same however the stream is cut", () => {
    const bodies = ["{}", '{"text":"한글 ü"}', "", "x".repeat(300)];
    const text = bodies.map(frame).join("");
    for (let size = 1; size < 80; size += 1) assert.deepEqual(read(text, size), { bodies, problems: [] });
  });

  it("may say of which type they are, in any case and order", () => {
    const text = "content-type: application/vscode-jsonrpc; charset=utf-8\r\nCONTENT-LENGTH:2\r\n\r\n{}";
    assert.deepEqual(read(text + frame("1")).bodies, ["{}", "1"]);
  });

  it("that say no length are left out and told of", () => {
    const { bodies, problems } = read(`Content-Length: many\r\n\r\n${frame("{}")}`);
    assert.deepEqual(bodies, ["{}"]);
    assert.match(problems.join(), /Content-Length: many/);
  });

  it("are not looked for in a stream that has none for ever", () => {
    const { bodies, problems } = read("no message at all. ".repeat(1000), 100);
    assert.deepEqual(bodies, []);
    assert.ok(problems.length > 1 && problems.length < 10);
  });

  it("of a long message are put together once", () => {
    const body = "x".repeat(2_000_000);
    const concat = Buffer.concat;
    let copied = 0;
    Buffer.concat = (list, ...rest) => {
      for (const one of list) copied += one.length;
      return concat.call(Buffer, list, ...rest);
    };
    try {
      assert.deepEqual(
        read(frame(body) + frame("{}"), 65_536).bodies.map(({ length }) => length),
        [2_000_000, 2],
      );
    } finally {
      Buffer.concat = concat;
    }
    assert.ok(copied < 2 * body.length, String(copied));
  });
});
