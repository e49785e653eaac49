import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { Readable } from "node:stream";
import { pack } from "tar-stream";
import { listFiles, readFileAt, removeAt, writeFileAt } from "../../../../engine/containers/files/browse.ts";
import { compareFolders } from "../../../../engine/containers/files/changes.ts";
import { committedConfig } from "../../../../engine/containers/files/committed-config.ts";
import { FileTree } from "../../../../engine/containers/files/file-tree.ts";
import { writeArchive } from "../../../../engine/containers/files/write-archive.ts";
import type { Container } from "../../../../engine/containers/types.ts";
import { tarHeader } from "../../../../engine/solver/tar-header.ts";
import { scratchFolder } from "../../../support/scratch.ts";

const openFiles = () => readdirSync("/proc/self/fd").length;
const anywhere = () => false;

describe("a tree of files", () => {
  const folder = scratchFolder();
  let tree: FileTree;
  let before: number;
  beforeEach(() => {
    before = openFiles();
    mkdirSync(`${folder()}/root/a/b`, { recursive: true });
    mkdirSync(`${folder()}/volume/sub`, { recursive: true });
    writeFileSync(`${folder()}/root/a/file`, "inside");
    writeFileSync(`${folder()}/secret`, "outside");
    symlinkSync("/a", `${folder()}/root/absolute`);
    symlinkSync("../../../../../../a/file", `${folder()}/root/a/up`);
    symlinkSync(`${folder()}/secret`, `${folder()}/root/out`);
    symlinkSync("circle", `${folder()}/root/circle`);
    tree = FileTree.open(`${folder()}/root`, [{ target: "/m/v", source: `${folder()}/volume`, readOnly: true }]);
  });
  afterEach(() => {
    tree.close();
    assert.equal(openFiles(), before);
  });

  const found = (path: string, follow = true) => tree.at(path, follow, (spot) => [spot.path, spot.stats !== undefined]);

  it("leads links to where they lead inside of it", async () => {
    assert.deepEqual(await found("absolute/file"), ["/a/file", true]);
    assert.deepEqual(await found("/a/up"), ["/a/file", true]);
    assert.deepEqual(await found("/a/up", false), ["/a/up", true]);
    assert.deepEqual(await found("/absolute", false), ["/absolute", true]);
    assert.deepEqual(await found("/absolute/", false), ["/a", true]);
    assert.deepEqual(await found("/a/b/../../../.."), ["/", true]);
    assert.deepEqual(await found("/a/nothing"), ["/a/nothing", false]);
    await assert.rejects(found("/out"), { code: "not-found" });
    await assert.rejects(found("/circle"), { code: "invalid-argument" });
    for (const path of ["/a/file/x", "/a/file/", "/a/file/.", "/a/up/"])
      await assert.rejects(found(path, false), { code: "invalid-argument", message: `${path}: not a directory` });
    await assert.rejects(found("/x/y"), { code: "not-found" });
    await assert.rejects(found("/a\0b"), { code: "invalid-argument" });
  });

  it("shows what would be mounted, also where there is nothing to mount on", async () => {
    assert.deepEqual(await found("/m/v/sub"), ["/m/v/sub", true]);
    const names = async (path: string) =>
      (await listFiles({ tree, isReadOnly: anywhere }, path)).entries?.map(({ name }) => name);
    assert.ok((await names("/"))?.includes("m"));
    assert.deepEqual(await names("/m"), ["v"]);
    assert.deepEqual(await names("/m/v"), ["sub"]);
    assert.equal((await listFiles({ tree, isReadOnly: anywhere }, "/m/v")).writable, false);
    const options = { create: true, signal: new AbortController().signal };
    const writing = writeFileAt({ tree, isReadOnly: anywhere }, "/m/v/x", Readable.from([Buffer.from("x")]), options);
    await assert.rejects(writing, { code: "forbidden" });
    await assert.rejects(removeAt({ tree, isReadOnly: anywhere }, "/m/v", true), { code: "forbidden" });
  });

  it("keeps the old file when a new one is cut off", async () => {
    const cut = new AbortController();
    const content = (async function* () {
      yield Buffer.from("half");
      cut.abort();
      yield Buffer.from("more");
    })();
    const writing = writeFileAt({ tree, isReadOnly: anywhere }, "/a/file", content, {
      create: true,
      signal: cut.signal,
    });
    await assert.rejects(writing, { code: "cancelled" });
    assert.equal(readFileSync(`${folder()}/root/a/file`, "utf8"), "inside");
    assert.deepEqual(readdirSync(`${folder()}/root/a`), ["b", "file", "up"]);
  });

  it("reads no pipe and no folder", async () => {
    const read = (path: string) =>
      readFileAt(
        { tree, isReadOnly: anywhere },
        path,
        () => undefined,
        async ({ content }) => {
          const parts: Uint8Array[] = [];
          for await (const part of content) parts.push(part);
          return Buffer.concat(parts).toString();
        },
      );
    assert.equal(await read("/a/up"), "inside");
    await assert.rejects(read("/a"), { code: "invalid-argument" });
    await assert.rejects(read("/none"), { code: "not-found" });
  });

  const unpack = (add: (tar: ReturnType<typeof pack>) => void, more = {}) => {
    const tar = pack();
    add(tar);
    tar.finalize();
    return writeArchive(tree, "/a", tar as unknown as AsyncIterable<Uint8Array>, {
      keepKinds: false,
      oneOwner: process.getuid?.() !== 0,
      devices: false,
      isReadOnly: anywhere,
      tools: {},
      signal: new AbortController().signal,
      ...more,
    });
  };

  it("unpacks an archive, and nothing of it outside", async () => {
    await unpack((tar) => {
      tar.entry({ name: "new/deep/f", mode: 0o640 }, "f");
      tar.entry({ name: "/slash" }, "s");
      tar.entry({ name: "hard", type: "link", linkname: "slash" });
      tar.entry({ name: "soft", type: "symlink", linkname: "/etc/passwd" });
      tar.entry({ name: "b", type: "directory", mode: 0o700, mtime: new Date(1000) });
    });
    assert.deepEqual(readdirSync(`${folder()}/root/a`), ["b", "file", "hard", "new", "slash", "soft", "up"]);
    await assert.rejects(
      unpack((tar) => void tar.entry({ name: "../x" }, "x")),
      { code: "invalid-argument" },
    );
    await assert.rejects(
      unpack((tar) => void tar.entry({ name: "l", type: "symlink", linkname: "../../x" })),
      { code: "invalid-argument" },
    );
    await assert.rejects(
      unpack((tar) => void tar.entry({ name: "h", type: "link", linkname: "../out" })),
      { code: "invalid-argument" },
    );
    await assert.rejects(
      unpack((tar) => void tar.entry({ name: "d", type: "character-device", devmajor: 1, devminor: 3 })),
      { code: "forbidden" },
    );
    await unpack((tar) => {
      tar.entry({ name: "way", type: "symlink", linkname: "/out" });
      tar.entry({ name: "soft" }, "replaced");
    });
    assert.equal(readFileSync(`${folder()}/root/a/soft`, "utf8"), "replaced");
    assert.equal(readFileSync(`${folder()}/secret`, "utf8"), "outside");
  });

  it("leaves no half of a file when an archive is cut off, and reads no further", async () => {
    const head = tarHeader({ name: "big", type: "file", sizeBytes: 1 << 20, mode: 0o644, uid: 0, gid: 0, mtimeMs: 0 });
    const cut = new AbortController();
    let read = 0;
    const source = (async function* () {
      yield head;
      for (; read < 1000; read++) {
        if (read === 3) cut.abort();
        yield Buffer.alloc(1024);
      }
    })();
    const options = {
      keepKinds: false,
      oneOwner: true,
      devices: false,
      isReadOnly: anywhere,
      tools: {},
      signal: cut.signal,
    };
    await assert.rejects(writeArchive(tree, "/a", source, options), { code: "cancelled" });
    assert.deepEqual(readdirSync(`${folder()}/root/a`), ["b", "file", "up"]);
    assert.ok(read < 20, `${read}`);
  });

  it("keeps kinds when it is told to", async () => {
    await assert.rejects(
      unpack((tar) => void tar.entry({ name: "b" }, "x"), { keepKinds: true }),
      { code: "invalid-argument" },
    );
    await assert.rejects(
      unpack((tar) => void tar.entry({ name: "file", type: "directory" }), { keepKinds: true }),
      { code: "invalid-argument" },
    );
    await unpack((tar) => void tar.entry({ name: "b" }, "x"));
    assert.equal(readFileSync(`${folder()}/root/a/b`, "utf8"), "x");
  });
});

describe("what changed in a folder", () => {
  const folder = scratchFolder();
  it("is what was added, changed and deleted, without what a run needs", async () => {
    const make = (name: string, files: Readonly<Record<string, string>>) => {
      for (const [file, text] of Object.entries(files)) {
        const at = `${folder()}/${name}/${file}`;
        mkdirSync(at.slice(0, at.lastIndexOf("/")), { recursive: true });
        if (!file.endsWith("/")) writeFileSync(at, text);
      }
    };
    make("lower", { "etc/passwd": "root", "etc/old": "", "same/x": "" });
    make("upper", { "etc/passwd": "root2", "etc/hosts": "", "new/f": "", "same/": "", "vol/data/": "", "etc/old": "" });
    make("merged", { "etc/passwd": "root2", "etc/hosts": "", "new/f": "", "same/x": "", "vol/data/": "" });
    const [lower, upper, merged] = ["lower", "upper", "merged"].map((name) => `${folder()}/${name}`) as [
      string,
      string,
      string,
    ];
    const { changes, stubs } = await compareFolders({ lower, upper, merged, targets: ["/vol/data"] });
    assert.deepEqual(
      changes.map(({ path, kind }) => `${kind} ${path}`),
      ["0 /etc", "2 /etc/old", "0 /etc/passwd", "1 /new", "1 /new/f"],
    );
    assert.deepEqual([...stubs].sort(), ["/etc/hosts", "/vol", "/vol/data"]);
  });
});

describe("the configuration of a committed container", () => {
  const image = {
    os: "linux",
    architecture: "amd64",
    config: { Entrypoint: ["/entry"], Cmd: ["image"], OnBuild: ["RUN x"] },
    rootfs: { type: "layers", diff_ids: [] },
  } as const;
  const container = (options: object) =>
    ({
      options,
      mounts: [],
      user: "",
      exposedPorts: [],
      env: ["PATH=/bin", "A=1"],
      labels: {},
      workingDir: "/",
    }) as unknown as Container;

  it("is how it ran, then what is given, then the instructions", () => {
    const config = committedConfig(container({ cmd: ["mine"] }), image, { Env: ["A=2"] }, [
      "ENV B=$A",
      "LABEL x=y",
      "USER 5",
    ]);
    assert.deepEqual(config, {
      User: "5",
      Env: ["PATH=/bin", "A=2", "B=2"],
      Entrypoint: ["/entry"],
      Cmd: ["mine"],
      Labels: { x: "y" },
    });
  });

  it("drops the command with the entrypoint", () => {
    assert.deepEqual(committedConfig(container({ entrypoint: ["/e"] }), image, {}, []), {
      Env: ["PATH=/bin", "A=1"],
      Entrypoint: ["/e"],
    });
    const changed = committedConfig(container({}), image, {}, ['ENTRYPOINT ["/n"]']);
    assert.deepEqual([changed.Entrypoint, changed.Cmd], [["/n"], undefined]);
    assert.throws(() => committedConfig(container({}), image, {}, ["RUN x"]), { code: "invalid-argument" });
  });
});
