import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync, readlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";
import { extractContext } from "../../../engine/context/extract.ts";
import { makeFolder } from "../../support/files.ts";

type TarEntry = readonly [Partial<Header> & { name: string }, string?];

async function tarOf(...entries: readonly TarEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const [header, content] of entries) tar.entry(header, content ?? "");
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe("unpacking an uploaded context", () => {
  let place: ReturnType<typeof makeFolder>;
  let target: string;
  const signal = new AbortController().signal;
  const unpack = (data: Buffer, options: { signal?: AbortSignal; maxBytes?: number } = {}) =>
    extractContext(Readable.from([data]), target, { signal, ...options });

  beforeEach(() => {
    place = makeFolder({ "outside/kept": "kept" });
    target = path.join(place.path, "context");
  });
  afterEach(() => place.dispose());

  const mtime = new Date("2020-02-02T02:02:02Z");
  const ordinary: readonly TarEntry[] = [
    [{ name: "./", type: "directory", mode: 0o755 }],
    [{ name: ".dockerfile.0123", mode: 0o600, mtime }, "FROM scratch\n"],
    [{ name: "bin/", type: "directory", mode: 0o750, mtime }],
    [{ name: "bin/run", mode: 0o755, mtime }, "#!/bin/sh\n"],
    [{ name: "bin/same", type: "link", linkname: "bin/run" }],
    [{ name: "abs", type: "symlink", linkname: "/etc/passwd" }],
    [{ name: "deep/without/parents", mtime }, "x"],
  ];

  it("keeps content, modes, times and links, plain or gzipped", async () => {
    const tar = await tarOf(...ordinary);
    for (const data of [tar, gzipSync(tar)]) {
      await unpack(data);
      assert.equal(readFileSync(`${target}/.dockerfile.0123`, "utf8"), "FROM scratch\n");
      assert.equal(lstatSync(`${target}/bin`).mode & 0o7777, 0o750);
      assert.equal(lstatSync(`${target}/bin`).mtimeMs, mtime.getTime());
      assert.equal(lstatSync(`${target}/bin/run`).mode & 0o7777, 0o755);
      assert.equal(lstatSync(`${target}/bin/run`).mtimeMs, mtime.getTime());
      assert.equal(lstatSync(`${target}/bin/run`).nlink, 2);
      assert.equal(readlinkSync(`${target}/abs`), "/etc/passwd");
      assert.equal(readFileSync(`${target}/deep/without/parents`, "utf8"), "x");
      place.dispose();
    }
  });

  it("lets a later entry replace an earlier file", async () => {
    await unpack(
      await tarOf([{ name: "a" }, "1"], [{ name: "a", type: "symlink", linkname: "x" }], [{ name: "a" }, "2"]),
    );
    assert.equal(readFileSync(`${target}/a`, "utf8"), "2");
  });

  const hostile: readonly (readonly [string, readonly TarEntry[], RegExp])[] = [
    ["a name with ..", [[{ name: "../evil" }, "x"]], /leads out/],
    ["a name with .. inside", [[{ name: "a/../../evil" }, "x"]], /leads out/],
    ["an absolute name", [[{ name: "/tmp/evil" }, "x"]], /leads out/],
    [
      "writing through a link",
      [[{ name: "l", type: "symlink", linkname: ".." }], [{ name: "l/evil" }, "x"]],
      /leads out/,
    ],
    [
      "writing through a link to a folder inside",
      [[{ name: "d", type: "directory" }], [{ name: "l", type: "symlink", linkname: "d" }], [{ name: "l/f" }, "x"]],
      /leads out/,
    ],
    ["a hard link to outside", [[{ name: "h", type: "link", linkname: "../outside/kept" }]], /leads out/],
    [
      "a hard link through a link",
      [[{ name: "l", type: "symlink", linkname: "../outside" }], [{ name: "h", type: "link", linkname: "l/kept" }]],
      /leads out/,
    ],
    [
      "a hard link to a link",
      [[{ name: "l", type: "symlink", linkname: "/etc/passwd" }], [{ name: "h", type: "link", linkname: "l" }]],
      /leads out/,
    ],
    ["a device", [[{ name: "sda", type: "block-device", devmajor: 8, devminor: 0 }]], /device file/],
    ["a file where a folder is", [[{ name: "d", type: "directory" }], [{ name: "d" }, "x"]], /same name/],
    [
      "a file used as a folder",
      [
        [{ name: "f" }, "x"],
        [{ name: "f/g" }, "x"],
      ],
      /same name/,
    ],
  ];
  for (const [what, entries, message] of hostile) {
    it(`refuses ${what} and leaves nothing`, async () => {
      await assert.rejects(unpack(await tarOf(...entries)), { code: "invalid-argument", message });
      assert.equal(existsSync(target), false);
      assert.equal(existsSync(`${place.path}/evil`), false);
      assert.equal(readFileSync(`${place.path}/outside/kept`, "utf8"), "kept");
    });
  }

  it("takes an archive that ends with its last file, as docker build -f ../Dockerfile sends it", async () => {
    const data = await tarOf([{ name: "a" }, "first"], [{ name: ".dockerfile.0123" }, "FROM scratch\n"]);
    const end = 3 * 512 + "FROM scratch\n".length;
    await unpack(data.subarray(0, end));
    assert.equal(readFileSync(`${target}/.dockerfile.0123`, "utf8"), "FROM scratch\n");
    await rm(target, { recursive: true });
    await assert.rejects(unpack(data.subarray(0, end - 1)), { message: /not a complete tar/ });
  });

  it("refuses what is not a complete tar", async () => {
    const tar = await tarOf([{ name: "a" }, "x".repeat(5000)]);
    for (const data of [
      Buffer.from("hello, I am \0 not a tar".repeat(100)),
      tar.subarray(0, 3000),
      gzipSync(tar).subarray(0, 60),
      Buffer.alloc(0),
    ]) {
      await assert.rejects(unpack(data), { code: "invalid-argument", message: /not a complete tar|damaged/ });
      assert.equal(existsSync(target), false);
    }
  });

  it("takes the compressions that ADD takes", async () => {
    const tar = await tarOf(...ordinary);
    for (const [program, ...args] of [
      ["bzip2", "-c"],
      ["xz", "-c"],
      ["zstd", "-qc"],
    ] as const) {
      const packed = spawnSync(program, args, { input: tar });
      // A machine without the program cannot make such a file either.
      if (packed.error) continue;
      await unpack(packed.stdout);
      assert.equal(readFileSync(`${target}/deep/without/parents`, "utf8"), "x");
      await rm(target, { recursive: true });
      await assert.rejects(unpack(packed.stdout.subarray(0, 40)), { code: "invalid-argument", message: /damaged/ });
    }
  });

  it("takes a body that is nothing but a Dockerfile, as the reference does", async () => {
    await unpack(Buffer.from("FROM scratch\n"));
    assert.equal(readFileSync(`${target}/Dockerfile`, "utf8"), "FROM scratch\n");
  });

  it("stops at the limit", async () => {
    const data = gzipSync(await tarOf([{ name: "zeros" }, "\0".repeat(200_000)]));
    await assert.rejects(unpack(data, { maxBytes: 100_000 }), /larger than 100000 bytes/);
    assert.equal(existsSync(target), false);
  });

  it("can be cancelled while the sender is silent", async () => {
    const abort = new AbortController();
    const tar = await tarOf([{ name: "a" }, "x".repeat(5000)]);
    const stream = new Readable({ read() {} });
    stream.push(tar.subarray(0, 1000));
    const running = extractContext(stream, target, { signal: abort.signal });
    setImmediate(() => abort.abort());
    await assert.rejects(running, { code: "cancelled" });
    assert.equal(existsSync(target), false);
  });
});
