import assert from "node:assert/strict";
import { encodeChunks, encodeFrame, FrameReader, kinds, maxPayloadBytes } from "../../../engine/containers/frames.ts";

describe("containers: frames", () => {
  it("come out as they went in, however the bytes are cut", () => {
    const sent = [
      encodeFrame(kinds.stdin, Buffer.from("hello")),
      encodeFrame(kinds.exit),
      encodeFrame(kinds.stdout, Buffer.alloc(3000, 7)),
    ];
    const all = Buffer.concat(sent);
    for (const size of [1, 3, 7, 1000, all.length]) {
      const reader = new FrameReader();
      const frames = [];
      for (let at = 0; at < all.length; at += size) frames.push(...reader.push(all.subarray(at, at + size)));
      assert.deepEqual(
        frames.map(({ kind, payload }) => [kind, payload.length]),
        [
          [kinds.stdin, 5],
          [kinds.exit, 0],
          [kinds.stdout, 3000],
        ],
      );
      assert.equal(frames[0]?.payload.toString(), "hello");
    }
  });

  it("cuts large data", () => {
    const frames = encodeChunks(kinds.stdin, Buffer.alloc(maxPayloadBytes * 2 + 1));
    assert.equal(frames.length, 3);
    assert.equal(new FrameReader().push(Buffer.concat(frames)).length, 3);
    assert.deepEqual(encodeChunks(kinds.stdin, Buffer.alloc(0)), []);
  });

  it("refuses what is not ours", () => {
    assert.throws(() => new FrameReader().push(Buffer.from("GET / HTTP/1.1\r\n\r\n")));
  });
});
