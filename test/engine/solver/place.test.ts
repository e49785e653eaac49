import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, linkSync, writeFileSync } from "node:fs";
import { loadContext } from "../../../engine/context/load.ts";
import { openStatCache } from "../../../engine/context/stat-cache.ts";
import type { CopyOp } from "../../../engine/graph/graph.ts";
import { layerTar } from "../../../engine/solver/layer-writer.ts";
import { makeDirectory } from "../../../engine/solver/make-directory.ts";
import { resolveOwner } from "../../../engine/solver/owner.ts";
import { place } from "../../../engine/solver/place.ts";
import { type LayerEntry, TargetTree } from "../../../engine/solver/target-tree.ts";
import { type Files, makeFolder } from "../../support/files.ts";

describe("what a COPY puts where", () => {
  const folders: { dispose(): void }[] = [];
  const folder = (files: Files) => {
    const made = makeFolder(files);
    folders.push(made);
    return made.path;
  };
  after(() => {
    for (const made of folders) made.dispose();
  });

  let root: string;
  let context: string;
  before(() => {
    root = folder({
      "etc/passwd": "mail:x:8:12::/:\n",
      "etc/group": "mail:x:12:\ngames:x:20:\n",
      "real/sub/old.txt": "old",
      lnk: "-> /real",
      climbing: "-> ../../../real/sub",
      "file-link": "-> real/target.txt",
      dangling: "-> /made/by/copy",
      "app/conf": "is a file",
      "app/d/x": "",
      "app/link-to-dir": "-> d",
    });
    chmodSync(`${root}/real/sub`, 0o700);
    context = folder({
      Dockerfile: "",
      "a.txt": "a",
      "b.txt": "b",
      "src/one.txt": "1",
      "src/deep/two.txt": "2",
      "src/link": "-> one.txt",
      "src/empty": null,
      "bad/conf/x": "",
      "bad2/d": "a file",
      "bad3/link-to-dir/x": "",
      "replaces/link-to-dir": "a file",
      "twins/x": "same",
    });
    chmodSync(`${context}/src/deep`, 0o750);
    chmodSync(`${context}/src`, 0o700);
    chmodSync(`${context}/a.txt`, 0o755);
    linkSync(`${context}/twins/x`, `${context}/twins/y`);
  });

  async function placed(op: Partial<CopyOp>, parent: string | undefined = root): Promise<LayerEntry[]> {
    const complete: CopyOp = {
      kind: "copy",
      parent: 0,
      from: { kind: "context" },
      sources: [],
      inline: [],
      destination: "/",
      link: false,
      parents: false,
      excludes: [],
      ...op,
    };
    const loaded = await loadContext({ contextPath: context, statCache: openStatCache(`${context}/../none.json`) });
    const selected = await loaded.selectAll(complete);
    const tree = new TargetTree(parent);
    const owner = op.chown === undefined ? undefined : resolveOwner(op.chown, parent, () => undefined);
    await place(tree, { op: complete, selected, owner, now: 0 });
    return tree.entries();
  }
  async function copied(
    sources: readonly string[],
    destination: string,
    more: Partial<CopyOp> = {},
  ): Promise<string[]> {
    return (await placed({ sources, destination, ...more })).map(
      ({ path, mode, uid, gid, linkTarget }) =>
        `${path} ${mode.toString(8)} ${uid}:${gid}${linkTarget === undefined ? "" : ` -> ${linkTarget}`}`,
    );
  }

  it("a file gets the name, or goes into the folder", async () => {
    assert.deepEqual(await copied(["a.txt"], "/x"), ["/x 755 0:0"]);
    assert.deepEqual(await copied(["a.txt"], "/x/"), ["/x 755 0:0", "/x/a.txt 755 0:0"]);
    assert.deepEqual(await copied(["a.txt"], "/x/y/z"), ["/x 755 0:0", "/x/y 755 0:0", "/x/y/z 755 0:0"]);
    assert.deepEqual((await copied(["a.txt"], "/etc")).slice(-1), ["/etc/a.txt 755 0:0"]);
  });

  it("several files without a trailing slash overwrite one another", async () => {
    assert.deepEqual(await copied(["a.txt", "b.txt"], "/x"), ["/x 644 0:0"]);
    assert.deepEqual(await copied(["?.txt"], "/x/"), ["/x 755 0:0", "/x/a.txt 755 0:0", "/x/b.txt 644 0:0"]);
    assert.deepEqual(await copied(["no*"], "/x/"), []);
  });

  it("of a folder only the contents are copied, and its own mode does not count", async () => {
    const contents = [
      "deep 750 0:0",
      "deep/two.txt 644 0:0",
      "empty 755 0:0",
      "link 777 0:0 -> one.txt",
      "one.txt 644 0:0",
    ];
    assert.deepEqual(await copied(["src"], "/x"), ["/x 755 0:0", ...contents.map((line) => `/x/${line}`)]);
    assert.deepEqual(
      await copied(["src"], "/"),
      contents.map((line) => `/${line}`),
    );
  });

  it("follows links in the destination, also the last, inside the image", async () => {
    assert.deepEqual((await copied(["a.txt"], "/lnk/")).slice(-1), ["/real/a.txt 755 0:0"]);
    assert.deepEqual((await copied(["a.txt"], "/climbing/")).slice(-1), ["/real/sub/a.txt 755 0:0"]);
    assert.deepEqual((await copied(["a.txt"], "/file-link")).slice(-1), ["/real/target.txt 755 0:0"]);
    assert.deepEqual(await copied(["a.txt"], "/dangling"), [
      "/made 755 0:0",
      "/made/by 755 0:0",
      "/made/by/copy 755 0:0",
    ]);
    assert.deepEqual((await copied(["src"], "/lnk")).slice(-1), ["/real/one.txt 644 0:0"]);
  });

  it("has the folders above with the attributes that they have in the image", async () => {
    assert.deepEqual(await copied(["a.txt"], "/real/sub/"), [
      `/real 755 ${process.getuid?.()}:${process.getgid?.()}`,
      `/real/sub 700 ${process.getuid?.()}:${process.getgid?.()}`,
      "/real/sub/a.txt 755 0:0",
    ]);
  });

  it("refuses to mix files and folders", async () => {
    await assert.rejects(copied(["bad"], "/app"), /cannot copy to non-directory: \/app\/conf/);
    await assert.rejects(copied(["bad2"], "/app"), /cannot replace to directory \/app\/d with file/);
    await assert.rejects(copied(["bad3"], "/app"), /cannot copy to non-directory: \/app\/link-to-dir/);
    await assert.rejects(copied(["src"], "/app/conf"), /cannot copy to non-directory: \/app\/conf/);
    await assert.rejects(copied(["a.txt"], "/app/conf/x"), /cannot copy to non-directory: \/app\/conf/);
    assert.deepEqual((await copied(["replaces"], "/app")).slice(-1), ["/app/link-to-dir 644 0:0"]);
  });

  it("--chown names are looked up in the image; what is made on the way belongs to the same", async () => {
    assert.deepEqual(await copied(["a.txt"], "/n/", { chown: "mail" }), ["/n 755 8:12", "/n/a.txt 755 8:12"]);
    for (const [chown, owner] of [
      ["mail:games", "8:20"],
      ["12", "12:12"],
      ["12:mail", "12:12"],
      ["mail:99", "8:99"],
      ["nosuch", "0:0"],
      ["mail:nosuch", "8:12"],
    ] as const) {
      assert.deepEqual(await copied(["a.txt"], "/a", { chown }), [`/a 755 ${owner}`]);
    }
  });

  it("--chmod: octal also for what is made on the way, symbolic for each from its own mode", async () => {
    assert.deepEqual(await copied(["a.txt"], "/n/d/", { chmod: "640" }), [
      "/n 640 0:0",
      "/n/d 640 0:0",
      "/n/d/a.txt 640 0:0",
    ]);
    assert.deepEqual(await copied(["src"], "/n", { chmod: "u=rwX,go=" }), [
      "/n 755 0:0",
      "/n/deep 700 0:0",
      "/n/deep/two.txt 600 0:0",
      "/n/empty 700 0:0",
      "/n/link 777 0:0 -> one.txt",
      "/n/one.txt 600 0:0",
    ]);
    await assert.rejects(copied(["a.txt"], "/n", { chmod: "99" }), /invalid chmod parameter/);
  });

  it("writes files from the Dockerfile", async () => {
    const inline = [{ name: "EOF", content: "hello\n" }];
    const [made, file] = await placed({ inline, destination: "/d/" });
    assert.equal(made?.path, "/d");
    assert.deepEqual([file?.path, file?.mode, file?.content], ["/d/EOF", 0o644, { kind: "text", text: "hello\n" }]);
  });

  it("--parents keeps the folders", async () => {
    assert.deepEqual(await copied(["/src/deep/two.txt"], "/x/", { parents: true }), [
      "/x 755 0:0",
      "/x/src 700 0:0",
      "/x/src/deep 750 0:0",
      "/x/src/deep/two.txt 644 0:0",
    ]);
  });

  it("WORKDIR makes what is missing for its user, through links", () => {
    const tree = new TargetTree(root);
    makeDirectory(tree, "/lnk/new/deep", { uid: 7, gid: 8 });
    assert.deepEqual(
      tree
        .entries()
        .slice(-2)
        .map(({ path, uid, gid }) => [path, uid, gid]),
      [
        ["/real/new", 7, 8],
        ["/real/new/deep", 7, 8],
      ],
    );
    const same = new TargetTree(root);
    makeDirectory(same, "/real/sub/", { uid: 7, gid: 8 });
    assert.deepEqual(same.entries(), []);
    assert.throws(() => makeDirectory(new TargetTree(root), "/app/conf", { uid: 0, gid: 0 }), /is not a folder/);
    assert.throws(() => makeDirectory(new TargetTree(root), "/app/conf/x", { uid: 0, gid: 0 }), /non-directory/);
  });

  describe("as a tar", () => {
    const signal = new AbortController().signal;
    async function tarOf(entries: readonly LayerEntry[]): Promise<Buffer> {
      const chunks: Uint8Array[] = [];
      for await (const chunk of layerTar(entries, signal)) chunks.push(chunk);
      return Buffer.concat(chunks);
    }

    it("is the same for the same files and readable by tar", async () => {
      const name = "long/".repeat(30);
      const entries = await placed({ sources: ["."], destination: `/${name}ünïcode/` });
      const tar = await tarOf(entries);
      assert.deepEqual(await tarOf(await placed({ sources: ["."], destination: `/${name}ünïcode/` })), tar);
      const listed = spawnSync("tar", ["-tvf", "-"], { input: tar, encoding: "utf8" });
      assert.equal(listed.status, 0, listed.stderr);
      assert.match(listed.stdout, /ünïcode\/src\/link -> one\.txt/);
      assert.match(listed.stdout, /twins\/y link to .*twins\/x/);
      assert.match(listed.stdout, /2024-05-06 .*a\.txt/);
      assert.equal(listed.stdout.trim().split("\n").length, entries.length);
    });

    it("takes files of any size", async () => {
      const big = folder({ Dockerfile: "" });
      writeFileSync(`${big}/big`, Buffer.alloc(20_000_003, 7));
      const entry: LayerEntry = {
        path: "/big",
        type: "file",
        mode: 0o644,
        uid: 0,
        gid: 0,
        mtimeMs: 0,
        content: { kind: "file", file: `${big}/big`, sizeBytes: 20_000_003 },
      };
      const listed = spawnSync("tar", ["-xOf", "-", "big"], { input: await tarOf([entry]), maxBuffer: 1 << 26 });
      assert.ok(listed.stdout.equals(Buffer.alloc(20_000_003, 7)));
    });

    it("fails when a file is not what was selected", async () => {
      const place = folder({ f: "12345" });
      for (const sizeBytes of [4, 6, 20_000_000]) {
        const content = { kind: "file", file: `${place}/f`, sizeBytes, stamp: sizeBytes === 4 ? "other" : "" } as const;
        const entry: LayerEntry = { path: "/f", type: "file", mode: 0o644, uid: 0, gid: 0, mtimeMs: 0, content };
        await assert.rejects(tarOf([entry]), { code: "conflict" });
      }
      const { stamp: _, ...unstamped } = {
        stamp: "",
        kind: "file",
        file: `${place}/f`,
        sizeBytes: 20_000_000,
      } as const;
      await assert.rejects(
        tarOf([{ path: "/f", type: "file", mode: 0o644, uid: 0, gid: 0, mtimeMs: 0, content: unstamped }]),
        { code: "conflict" },
      );
    });

    it("stops writing when nobody reads", async () => {
      const source = folder({ f: "x".repeat(600_000) });
      const entries = Array.from(
        { length: 100 },
        (_, index): LayerEntry => ({
          path: `/f${index}`,
          type: "file",
          mode: 0o644,
          uid: 0,
          gid: 0,
          mtimeMs: 0,
          content: { kind: "file", file: `${source}/f`, sizeBytes: 600_000 },
        }),
      );
      for await (const chunk of layerTar(entries, signal)) {
        assert.ok(chunk.length > 0);
        break;
      }
    });
  });
});
