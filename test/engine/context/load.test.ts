import assert from "node:assert/strict";
import {
  chmodSync,
  linkSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { loadContext } from "../../../engine/context/load.ts";
import { openStatCache } from "../../../engine/context/stat-cache.ts";
import { type Files, makeFolder, writeFiles } from "../../support/files.ts";

describe("a build context", () => {
  const folders: { dispose(): void }[] = [];
  const farFuture = () => Date.now() + 3_600_000;
  function folder(files: Files): string {
    const made = makeFolder(files);
    folders.push(made);
    return made.path;
  }
  function load(
    contextPath: string,
    dockerfile?: string,
    statCache = openStatCache(path.join(folder({}), "stat.json")),
  ) {
    return loadContext({ contextPath, statCache, ...(dockerfile === undefined ? {} : { dockerfile }) });
  }
  async function names(root: string, source: string, excludes: readonly string[] = []): Promise<string[]> {
    const selected = await (await load(root)).select(source, excludes);
    return selected.flatMap(({ path: at, type, entries }) =>
      type === "file" ? [`=${at}`] : [`${at}/`, ...entries.map((entry) => entry.name)],
    );
  }
  after(() => {
    for (const made of folders) made.dispose();
  });

  it("says what is wrong with the place", async () => {
    const root = folder({ "a.txt": "a" });
    await assert.rejects(load(`${root}/nowhere`), /does not exist/);
    await assert.rejects(load(`${root}/a.txt`), /is not a folder/);
    await assert.rejects(load(root), { code: "not-found", message: /the Dockerfile .*\/Dockerfile does not exist/ });
    await assert.rejects(load(root, "a.txt/x"), { code: "not-found" });
    await assert.rejects(load(root, "."), /is not a Dockerfile/);
  });

  it("reads the Dockerfile, also outside the context and in lower case", async () => {
    const root = folder({ dockerfile: "FROM a\n", "other/Web.Dockerfile": "FROM b\n" });
    assert.equal((await load(root)).dockerfileText, "FROM a\n");
    const other = await load(root, "other/Web.Dockerfile");
    assert.equal(other.dockerfileText, "FROM b\n");
    assert.equal(other.dockerfile, `${root}/other/Web.Dockerfile`);
    assert.equal((await load(`${root}/other`, `${root}/dockerfile`)).dockerfileText, "FROM a\n");
  });

  it("selects files, folders and wildcards in sorted order", async () => {
    const root = folder({
      Dockerfile: "",
      "b.txt": "",
      "a.txt": "",
      "src/z/y.ts": "",
      "src/a.ts": "",
      "src/z-.ts": "",
      "src/empty": null,
      "[x].txt": "",
    });
    assert.deepEqual(await names(root, "a.txt"), ["=a.txt"]);
    assert.deepEqual(await names(root, "/../.././a.txt"), ["=a.txt"]);
    assert.deepEqual(await names(root, "src/"), ["src/", "a.ts", "empty", "z", "z/y.ts", "z-.ts"]);
    assert.deepEqual(await names(root, "[ab]*.txt"), ["=a.txt", "=b.txt"]);
    assert.deepEqual(await names(root, "*/a.ts"), ["=src/a.ts"]);
    assert.deepEqual(await names(root, "s*"), ["src/", "a.ts", "empty", "z", "z/y.ts", "z-.ts"]);
    assert.deepEqual(await names(root, "[[]x].txt"), ["=[x].txt"]);
    assert.deepEqual(await names(root, "no*"), []);
    await assert.rejects(names(root, "[x"), /syntax error in pattern/);
    await assert.rejects(names(root, "nope.txt"), {
      code: "copy-source-not-found",
      message: /"nope.txt" was not found/,
    });
    await assert.rejects(names(root, "a.txt/b"), { code: "copy-source-not-found" });
  });

  it("follows a symlink at the top, inside the context only, and keeps links below", async () => {
    const root = folder({
      Dockerfile: "",
      "real/f": "1",
      "real/in": "-> ../../../../etc/passwd",
      folder: "-> real",
      climbing: "-> ../../../../real/f",
      out: "-> /etc/passwd",
      loop: "-> loop",
      absolute: "-> /real",
    });
    assert.deepEqual(await names(root, "folder"), ["folder/", "f", "in"]);
    assert.deepEqual(await names(root, "absolute/f"), ["=absolute/f"]);
    const [climbing] = await (await load(root)).select("climbing");
    assert.equal(climbing?.entries[0]?.file, `${root}/real/f`);
    assert.equal(climbing?.entries[0]?.name, "climbing");
    await assert.rejects(names(root, "out"), { code: "copy-source-not-found" });
    await assert.rejects(names(root, "loop"), { code: "copy-source-not-found" });
    await assert.rejects(names(root, "real/in"), { code: "copy-source-not-found" });
  });

  it("hides what .dockerignore says, and tells that from a missing file", async () => {
    const root = folder({
      Dockerfile: "",
      ".dockerignore": "secret\nout\n!out/keep/*.map\n.dockerignore\n",
      "a.txt": "",
      secret: "s",
      link: "-> secret",
      "out/x.js": "",
      "out/keep/a.map": "",
      "out/keep/a.js": "",
    });
    assert.deepEqual(await names(root, "."), ["/", "Dockerfile", "a.txt", "link", "out", "out/keep", "out/keep/a.map"]);
    await assert.rejects(names(root, "secret"), { message: '"secret" is hidden from the build by .dockerignore' });
    await assert.rejects(names(root, "link"), { code: "copy-source-not-found" });
    assert.deepEqual(await names(root, "sec*"), []);
  });

  it("takes the ignore file beside the Dockerfile instead of the root's", async () => {
    const root = folder({
      ".dockerignore": "a.txt\n",
      "a.txt": "",
      "b.txt": "",
      "docker/Dockerfile": "",
      "docker/Dockerfile.dockerignore": "b.txt\ndocker\n",
    });
    const context = await load(root, "docker/Dockerfile");
    const [all] = await context.select(".");
    assert.deepEqual(
      all?.entries.map((entry) => entry.name),
      [".dockerignore", "a.txt"],
    );
  });

  it("leaves out what --exclude says, relative to each source", async () => {
    const root = folder({ Dockerfile: "", "x/y/1.md": "", "x/y/2.ts": "", "x/3.md": "", "x/x/y": "" });
    assert.deepEqual(await names(root, "x", ["x/y/1.md"]), ["x/", "3.md", "x", "x/y", "y", "y/1.md", "y/2.ts"]);
    assert.deepEqual(await names(root, "x", ["**/*.md"]), ["x/", "x", "x/y", "y", "y/2.ts"]);
    assert.deepEqual(await names(root, "x", ["y/*"]), ["x/", "3.md", "x", "x/y", "y"]);
    assert.deepEqual(await names(root, "x", ["*", "!3.md"]), ["x/", "3.md"]);
    assert.deepEqual(await names(root, "x/*.md", ["*.md"]), []);
  });

  it("keeps the folders of --parents below the pivot", async () => {
    const root = folder({ Dockerfile: "", "a/b/c/1.txt": "", "a/b/2.txt": "", "a/3.md": "", "x/y.txt": "" });
    const context = await load(root);
    const at = async (source: string, excludes: readonly string[] = []) =>
      (await context.selectAll({ sources: [source], excludes, parents: true })).flatMap(({ entries }) =>
        entries.map((entry) => entry.name),
      );
    assert.deepEqual(await at("a/b/2.txt"), ["a", "a/b", "a/b/2.txt"]);
    assert.deepEqual(await at("./a/./b/c"), ["a", "a/b", "a/b/c", "a/b/c/1.txt"]);
    assert.deepEqual(await at("a/./b/c"), ["b", "b/c", "b/c/1.txt"]);
    assert.deepEqual(await at("**/*.txt"), ["a", "a/b", "a/b/2.txt", "a/b/c", "a/b/c/1.txt", "x", "x/y.txt"]);
    assert.deepEqual(await at("a/./**/*.txt", ["b/c"]), ["b", "b/2.txt"]);
    await assert.rejects(at("a/nope"), { code: "copy-source-not-found" });
  });

  describe("its digest", () => {
    let root: string;
    const fresh = async (source: string) => {
      const context = await load(root);
      return context.digest(await context.select(source));
    };
    beforeEach(() => {
      root = folder({ Dockerfile: "", "d/a": "one", "d/b/c": "two", "d/l": "-> a", "d/e": null, f: "one" });
    });

    it("stays when only times, inodes or link counts change", async () => {
      const before = await fresh("d");
      utimesSync(`${root}/d/a`, 1, 1);
      renameSync(`${root}/d/b/c`, `${root}/d/b/c2`);
      writeFiles(root, { "d/b/c": "two" });
      renameSync(`${root}/d/b/c2`, `${root}/unrelated`);
      linkSync(`${root}/d/a`, `${root}/another-name`);
      assert.equal(await fresh("d"), before);
    });

    for (const [what, change] of [
      ["content", () => writeFiles(root, { "d/a": "two" })],
      ["a file's mode", () => chmodSync(`${root}/d/a`, 0o755)],
      ["a folder's mode", () => chmodSync(`${root}/d/b`, 0o700)],
      ["an entry's name", () => renameSync(`${root}/d/a`, `${root}/d/z`)],
      ["an empty folder", () => writeFiles(root, { "d/new": null })],
      ["a link's target", () => symlinkSync("b/c", `${root}/d/l2`)],
    ] as const) {
      it(`changes with ${what}`, async () => {
        const before = await fresh("d");
        change();
        assert.notEqual(await fresh("d"), before);
      });
    }

    it("has the matched names of a wildcard, not the folder a file is in", async () => {
      const file = await fresh("f*");
      renameSync(`${root}/f`, `${root}/f2`);
      assert.notEqual(await fresh("f*"), file);
      writeFiles(root, { "p/same": "x", "q/same": "x" });
      assert.equal(await fresh("p/same"), await fresh("q/same"));
    });
  });

  describe("its stat cache", () => {
    it("reads a file once, again after a change, and keeps that over a restart", async () => {
      const root = folder({ Dockerfile: "", "d/a": "1", "d/b": "2" });
      const file = path.join(folder({}), "sub/stat.json");
      const digest = async (cache: ReturnType<typeof openStatCache>) => {
        const context = await load(root, undefined, cache);
        return context.digest(await context.select("d"));
      };
      const first = openStatCache(file, { now: farFuture });
      const before = await digest(first);
      assert.equal(first.filesRead, 2);
      assert.equal(await digest(first), before);
      assert.equal(first.filesRead, 2);
      await first.save();

      const second = openStatCache(file, { now: farFuture });
      assert.equal(await digest(second), before);
      assert.equal(second.filesRead, 0);
      writeFileSync(`${root}/d/b`, "3");
      assert.notEqual(await digest(second), before);
      assert.equal(second.filesRead, 1);
    });

    it("does not trust a file that was written a moment before it was read", async () => {
      const root = folder({ Dockerfile: "", a: "1" });
      const aMomentLater = () => statSync(`${root}/a`).ctimeMs + 100;
      const cache = openStatCache(path.join(folder({}), "stat.json"), { now: aMomentLater });
      for (const expected of [1, 2]) {
        const context = await load(root, undefined, cache);
        await context.digest(await context.select("a"));
        assert.equal(cache.filesRead, expected);
      }
    });

    it("is on the disk for each who saved it, however many save at once", async () => {
      const root = folder({ Dockerfile: "", a: "1", b: "2" });
      const file = path.join(folder({}), "stat.json");
      const cache = openStatCache(file, { now: farFuture });
      const digest = async (source: string) => {
        const context = await load(root, undefined, cache);
        await context.digest(await context.select(source));
      };
      await digest("a");
      await cache.save();
      await digest("b");
      const other = cache.save();
      await cache.save();
      assert.match(readFileSync(file, "utf8"), /\/b"/);
      await other;
    });

    it("is empty when its file is damaged", async () => {
      const place = folder({
        "stat.json": '{"version":1,"files":{"/a":["x","nonsense"]',
        other: '{"version":1,"files":{"/a":7}}',
      });
      assert.equal(openStatCache(`${place}/stat.json`).filesRead, 0);
      assert.equal(openStatCache(`${place}/other`).filesRead, 0);
    });

    it("notices a file that changed after the context was looked at", async () => {
      const root = folder({ Dockerfile: "", a: "1" });
      const context = await load(root);
      const selected = await context.select("a");
      writeFileSync(`${root}/a`, "22");
      await assert.rejects(context.digest(selected), {
        code: "conflict",
        message: /changed while it was being copied/,
      });
    });
  });
});
