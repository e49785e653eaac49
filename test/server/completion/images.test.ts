import assert from "node:assert/strict";
import { sortTags } from "../../../server/features/completion/tag-order.ts";
import { KnownImages } from "../../../server/known-images.ts";
import { complete, labels, taken } from "../../support/complete.ts";

describe("completion of images", () => {
  const images = {
    images: ["mine:dev", "node:22-slim"],
    tags: (repository: string) => (repository === "node" ? ["22", "24", "24-slim", "latest"] : undefined),
    files: () => undefined,
  };

  it("offers stages, images of the engine, then well-known ones with a tag", () => {
    const found = labels("FROM a AS one\nFROM <|>", { images });
    assert.deepEqual(found.slice(0, 4), ["one", "mine:dev", "node:22-slim", "node:24-slim"]);
    assert.ok(!labels("FROM a AS one\nFROM b AS two<|>").includes("two"));
    assert.equal(taken("FROM nod<|>", "node:24-slim"), "FROM node:24-slim");
    assert.deepEqual(labels("FROM a <|>"), ["AS"]);
  });

  it("offers tags behind a colon: those that are here, then the newest", () => {
    assert.deepEqual(labels("FROM node:<|>", { images }), ["22-slim", "24-slim", "24", "22", "latest"]);
    assert.equal(taken("FROM node:24<|> AS x", "24-slim", { images }), "FROM node:24-slim AS x");
    assert.deepEqual(labels("FROM node:<|>"), ["24-slim"]);
    assert.equal(complete("FROM localhost:<|>", { images }).wants, undefined);
    assert.deepEqual(complete("FROM localhost:5000/app:<|>", { images }).wants?.tags, "localhost:5000/app");
    assert.deepEqual(complete("FROM a\nCOPY --from=ghcr.io/me/app:<|>", { images }).wants?.tags, "ghcr.io/me/app");
  });

  it("says that a list is not the whole one", () => {
    const many = { images: [], tags: () => Array.from({ length: 1000 }, (_, at) => `1.${at}`), files: () => [] };
    const { list } = complete("FROM x:1<|>", { images: many });
    assert.deepEqual([list.isIncomplete, list.items.length, list.items[0]?.label], [true, 300, "1.999"]);
    assert.equal(complete("FROM x:<|>", { images }).list.isIncomplete, true);
    assert.equal(complete("FROM x:1.99<|>", { images: many }).list.isIncomplete, false);
  });

  it("sorts tags as versions: newest first, variants behind, then what is not released, hashes last", () => {
    const tags =
      "latest 9 10 10.2 10.2.1 10.10 10-alpine 10.2-alpine 9-slim alpine lts 11-rc1 11.0.0-beta.2 sha-1a2b3c4 v12 1a2b3c4d5e6f".split(
        " ",
      );
    assert.deepEqual(
      sortTags(tags).join(" "),
      "v12 10 10.10 10.2 10.2.1 9 lts alpine 10-alpine 10.2-alpine 9-slim 11-rc1 11.0.0-beta.2 latest sha-1a2b3c4 1a2b3c4d5e6f",
    );
  });
});

describe("what is known of images", () => {
  it("is asked once, kept for a while, and waited for no longer than a list stays open", async () => {
    const asked: string[] = [];
    let now = 0;
    const known = new KnownImages(
      async (method, params) => {
        asked.push(`${method} ${JSON.stringify(params)}`);
        return { names: ["24", "<script>", 7] };
      },
      () => now,
    );
    assert.equal(known.tags("node"), undefined);
    await known.fetch({ tags: "node", images: true }, 1000);
    await known.fetch({ tags: "node", images: true }, 1000);
    assert.deepEqual([known.tags("node"), known.images], [["24"], ["24"]]);
    assert.deepEqual(asked, ["drydock/images {}", 'drydock/tags {"repository":"node"}']);
    now += 60_000;
    assert.deepEqual([known.tags("node"), known.images], [["24"], undefined]);
    const slow = new KnownImages(() => new Promise(() => {}));
    await slow.fetch({ tags: "node" }, 1);
    assert.equal(slow.tags("node"), undefined);
  });

  it("has the files of an image, folder by folder, for a while", async () => {
    const asked: string[] = [];
    let now = 0;
    const known = new KnownImages(
      async (method, params) => {
        asked.push(`${method} ${JSON.stringify(params)}`);
        const names = ["a.conf", "a/b", "..", "line\nend", 7];
        return { entries: [{ name: "sub", isFolder: true }, ...names.map((name) => ({ name }))] };
      },
      () => now,
    );
    assert.equal(known.files("nginx:1", "/etc/"), undefined);
    const wanted = { files: { image: "nginx:1", folder: "/etc/" } };
    await known.fetch(wanted, 1000);
    await known.fetch(wanted, 1000);
    const entries = [
      { name: "sub", isFolder: true },
      { name: "a.conf", isFolder: false },
    ];
    assert.deepEqual([known.files("nginx:1", "/etc/"), known.files("nginx:1", "/")], [entries, undefined]);
    assert.deepEqual(asked, ['drydock/imageFiles {"image":"nginx:1","path":"/etc/"}']);
    now += 31_000;
    assert.equal(known.files("nginx:1", "/etc/"), undefined);
  });

  it("no longer wants the folder before, and takes no answer for none", async () => {
    let cancelled = 0;
    const known = new KnownImages((_, params, token) => {
      if ("path" in params && params.path === "/b/") return Promise.resolve(null);
      return new Promise(() => token.onCancellationRequested(() => (cancelled += 1)));
    });
    await known.fetch({ files: { image: "a", folder: "/a/" } }, 1);
    await known.fetch({ files: { image: "a", folder: "/b/" } }, 1000);
    assert.deepEqual([cancelled, known.files("a", "/b/")], [1, []]);
  });

  it("takes a question back when another name is typed, and forgets a failure soon", async () => {
    let now = 0;
    let cancelled = 0;
    const known = new KnownImages(
      (_, params, token) => {
        if ("repository" in params && params.repository === "bad") return Promise.reject(new Error("no"));
        return new Promise(() => token.onCancellationRequested(() => (cancelled += 1)));
      },
      () => now,
    );
    await known.fetch({ tags: "slow" }, 1);
    await known.fetch({ tags: "bad" }, 1000);
    assert.deepEqual([cancelled, known.tags("bad")], [1, []]);
    now += 60_000;
    assert.equal(known.tags("bad"), undefined);
  });
});
