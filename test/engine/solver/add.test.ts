import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statfsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";
import { layerListing, layersOf, makeEngine, type TestEngine } from "../../support/build-engine.ts";
import { makeFolder } from "../../support/files.ts";

type Member = readonly [Partial<Header> & { name: string }, string?];

async function tarOf(...members: readonly Member[]): Promise<Buffer> {
  const tar = pack();
  for (const [header, content] of members) tar.entry({ mtime: new Date(86_400_000), ...header }, content ?? "");
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe("ADD of archives", () => {
  let engine: TestEngine;
  let context: ReturnType<typeof makeFolder>;
  beforeEach(async () => {
    engine = await makeEngine();
    await engine.addImage("base", {
      "etc/passwd": "app:x:100:101::/:/bin/sh\n",
      "usr/bin/old": "old",
      bin: "-> usr/bin",
      "opt/there/kept": "kept",
    });
    context = makeFolder();
  });
  afterEach(() => {
    context.dispose();
    return engine.dispose();
  });

  const put = (name: string, data: string | Uint8Array) => {
    mkdirSync(path.dirname(path.join(context.path, name)), { recursive: true });
    writeFileSync(path.join(context.path, name), data);
  };
  const build = (instructions: string, from = "base") => {
    put("Dockerfile", `FROM ${from}\n${instructions}\n`);
    return engine.build(context.path);
  };
  const added = async (instructions: string, from = "base"): Promise<string[]> => {
    const built = await build(instructions, from);
    assert.equal(built.failure, undefined, built.failure?.error.message);
    const layer = (await layersOf(engine, built.id)).at(-1);
    return layerListing(engine.content, layer ?? ("" as never));
  };

  const ordinary: readonly Member[] = [
    [{ name: "./", type: "directory", mode: 0o700 }],
    [{ name: "./d/", type: "directory", mode: 0o750, uid: 5, gid: 6 }],
    [{ name: "d/file", mode: 0o4755, uid: 7, gid: 8 }, "content"],
    [{ name: "d/link", type: "symlink", linkname: "/etc/passwd" }],
    [{ name: "no/parents", mode: 0o600 }, "x"],
  ];
  const unpacked = [
    "x/ 755 0:0",
    "x/d/ 750 5:6",
    'x/d/file 4755 7:8 "content"',
    "x/d/link 777 0:0 -> /etc/passwd",
    "x/no/ 755 0:0",
    'x/no/parents 600 0:0 "x"',
  ];

  it("unpacks by content, whatever the name is, with modes and owners; the destination is a folder", async () => {
    put("plain", await tarOf(...ordinary));
    put("zipped.txt", gzipSync(await tarOf(...ordinary)));
    assert.deepEqual(await added("ADD plain /x"), unpacked);
    assert.deepEqual(await added("ADD zipped.txt /x/", "scratch"), unpacked);
  });

  for (const program of ["bzip2", "xz", "zstd"]) {
    it(`unpacks what ${program} compressed`, async () => {
      const packed = spawnSync(program, ["-c"], { input: await tarOf(...ordinary) });
      if (packed.error) return;
      put("a", packed.stdout);
      assert.deepEqual(await added("ADD a /x"), unpacked);
      put("a", packed.stdout.subarray(0, packed.stdout.length - 20));
      assert.match((await build("ADD a /x")).failure?.error.message ?? "", /damaged/);
    }).timeout(60_000);
  }

  it("copies what is no archive, what is in a folder, and everything with --unpack=false", async () => {
    const tar = await tarOf(...ordinary);
    put("text.tar", "not a tar");
    put("zipped.gz", gzipSync("not a tar either"));
    put("empty.tar", "");
    put("folder/in.tar", tar.subarray(0, 512));
    assert.deepEqual(
      (await added("ADD text.tar zipped.gz empty.tar folder /x/")).map((line) => line.split(" ")[0]),
      ["x/", "x/empty.tar", "x/in.tar", "x/text.tar", "x/zipped.gz"],
    );
    put("a.tar", tar);
    assert.equal((await added("ADD --unpack=false a.tar /x")).length, 1);
    assert.equal((await added("COPY a.tar /x")).length, 1);
  });

  it("--chown is for all of it, --chmod for none", async () => {
    put("a.tar", await tarOf([{ name: "d/f", mode: 0o640, uid: 7, gid: 8 }, "x"]));
    assert.deepEqual(await added("ADD --chown=app --chmod=777 a.tar /x/"), [
      "x/ 755 100:101",
      "x/d/ 755 0:0",
      'x/d/f 640 100:101 "x"',
    ]);
  });

  it("hard links share their bytes, and the attributes of the last link's header", async () => {
    put(
      "a.tar",
      await tarOf(
        [{ name: "one", mode: 0o644 }, "same"],
        [{ name: "two", type: "link", linkname: "one", mode: 0o600, uid: 3 }],
        [{ name: "three", type: "link", linkname: "two", mode: 0o711, uid: 4 }],
      ),
    );
    assert.deepEqual(await added("ADD a.tar /x/"), [
      "x/ 755 0:0",
      'x/one 711 4:0 "same"',
      "x/three 711 4:0 = x/one",
      "x/two 711 4:0 = x/one",
    ]);
  });

  it("whiteouts stay whiteouts of the layer", async () => {
    put("a.tar", await tarOf([{ name: "there/.wh.kept" }, ""]));
    assert.deepEqual(await added("ADD a.tar /opt/"), [
      "opt/ 755 0:0",
      "opt/there/ 755 0:0",
      'opt/there/.wh.kept 644 0:0 ""',
    ]);
  });

  it("follows links on the way as if the destination were the root, and replaces what it meets", async () => {
    put("a.tar", await tarOf([{ name: "bin/tool" }, "t"], [{ name: "usr/bin/old/", type: "directory" }]));
    assert.deepEqual(await added("ADD a.tar /"), [
      "usr/ 755 0:0",
      "usr/bin/ 755 0:0",
      "usr/bin/old/ 755 0:0",
      'usr/bin/tool 644 0:0 "t"',
    ]);
    put(
      "a.tar",
      await tarOf(
        [{ name: "out", type: "symlink", linkname: "../../../etc" }],
        [{ name: "out/passwd" }, "inside"],
        [{ name: "d/deep/f" }, "gone"],
        [{ name: "d" }, "a file now"],
      ),
    );
    assert.deepEqual(await added("ADD a.tar /x/y/"), [
      "x/ 755 0:0",
      "x/y/ 755 0:0",
      'x/y/d 644 0:0 "a file now"',
      "x/y/etc/ 755 0:0",
      'x/y/etc/passwd 644 0:0 "inside"',
      "x/y/out 777 0:0 -> ../../../etc",
    ]);
  });

  it("refuses hostile and damaged archives, and says why", async () => {
    const truncated = (await tarOf([{ name: "a" }, "x".repeat(3000)])).subarray(0, 1500);
    const cases: readonly (readonly [Buffer, RegExp])[] = [
      [await tarOf([{ name: "../up" }, "x"]), /leads out of it: "\.\.\/up"/],
      [await tarOf([{ name: "a/../../up" }, "x"]), /leads out of it/],
      [await tarOf([{ name: "h", type: "link", linkname: "../../etc/passwd" }]), /leads out of it/],
      [await tarOf([{ name: "h", type: "link", linkname: "missing" }]), /leads nowhere/],
      [truncated, /ends too early/],
    ];
    for (const [data, message] of cases) {
      put("a.tar", data);
      const { failure } = await build("ADD a.tar /x/");
      assert.match(failure?.error.message ?? "", message);
      assert.equal(failure?.error.drydock?.code, "invalid-argument");
    }
    assert.deepEqual(await engine.images.list().then((images) => images.length), 1);
  });

  it("has absolute names begin at the destination", async () => {
    const tar = await tarOf([{ name: "abs/f" }, "x"]);
    // tar-stream does not write leading slashes.
    tar.write("/bs/f", 0, "latin1");
    let sum = 8 * 0x20;
    for (let index = 0; index < 512; index += 1) if (index < 148 || index >= 156) sum += tar[index] ?? 0;
    tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    put("a.tar", tar);
    assert.deepEqual(await added("ADD a.tar /x/"), ["x/ 755 0:0", "x/bs/ 755 0:0", 'x/bs/f 644 0:0 "x"']);
  });

  it("stops at what the disk can take, not when the memory is full", async () => {
    const { bavail, bsize } = statfsSync(context.path);
    // One header that claims more than the disk has, compressed to nothing: the member never comes.
    const header = (await tarOf([{ name: "huge", size: 0 }])).subarray(0, 512);
    header.write(`${(8 ** 11 - 1).toString(8)} `, 124, "latin1");
    let sum = 8 * 0x20;
    for (let index = 0; index < 512; index += 1) if (index < 148 || index >= 156) sum += header[index] ?? 0;
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    put("bomb", gzipSync(Buffer.concat([header, Buffer.alloc(5_000_000)])));
    assert.ok(bavail * bsize > 0);
    assert.match((await build("ADD bomb /x/")).failure?.error.message ?? "", /ends too early/);
  });

  it("is cached by the archive's content, and leaves nothing unpacked behind", async () => {
    put("a.tar.gz", gzipSync(await tarOf(...ordinary)));
    const first = await build("ADD a.tar.gz /x");
    const second = await build("ADD a.tar.gz /x");
    assert.equal(second.id, first.id);
    assert.ok(second.steps.every((step) => step.endsWith("cached")));
    assert.equal((await build("ADD --unpack=false a.tar.gz /x")).steps.at(-1)?.endsWith("done"), true);
    assert.equal(readFileSync(path.join(context.path, "a.tar.gz")).length > 0, true);
  });
});
