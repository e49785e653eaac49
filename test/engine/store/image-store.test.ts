import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { digestOf, hexOf } from "../../../engine/base/digest.ts";
import { formatMessage } from "../../../engine/base/message.ts";
import { parseReference } from "../../../engine/oci/reference.ts";
import { openCacheStore } from "../../../engine/store/cache-store.ts";
import { openContentStore } from "../../../engine/store/content-store.ts";
import { type ImageEvent, openImageStore } from "../../../engine/store/image-store.ts";
import type { CacheRecord, CacheStore, ContentStore, ImageStore } from "../../../engine/store/types.ts";
import { failure } from "../../support/engine-errors.ts";
import { type ImageBlobs, imageBlobs, storeImage, tarOf } from "../../support/image-blobs.ts";
import { scratchFolder } from "../../support/scratch.ts";

describe("image store", () => {
  const home = scratchFolder();
  const indexFile = () => path.join(home(), "index.json");
  let content: ContentStore;
  let cache: CacheStore;
  let images: ImageStore;
  let events: ImageEvent[];
  let problems: string[];

  async function reopen(): Promise<void> {
    events = [];
    problems = [];
    content = await openContentStore(home());
    cache = await openCacheStore(home(), content);
    images = await openImageStore({
      home: home(),
      content,
      cache,
      onEvent: (event) => events.push(event),
      onProblem: (problem) => problems.push(formatMessage(problem)),
    });
  }
  beforeEach(reopen);

  /** An image with one layer; the same text makes the same image. */
  async function image(text: string): Promise<ImageBlobs> {
    return imageBlobs({ layers: [await tarOf({ "a.txt": text })] });
  }

  async function add(text: string, ...names: string[]): Promise<ImageBlobs> {
    const blobs = await image(text);
    await images.add(await storeImage(content, blobs), names.map(parseReference));
    return blobs;
  }

  const namesOf = async ({ id }: ImageBlobs) => (await images.find(id))?.names;
  const repoDigest = (repository: string, { manifest }: ImageBlobs) => `docker.io/${repository}@${manifest.digest}`;

  it("finds an image by familiar name, complete name, id and unique beginning of the id", async () => {
    const { id, manifest, layers } = await add("a", "app", "ghcr.io/owner/app:1");
    await add("b", "other");
    const hex = hexOf(id);
    for (const name of ["app", "app:latest", "docker.io/library/app:latest", "ghcr.io/owner/app:1", id, hex]) {
      assert.equal((await images.find(name))?.id, id, name);
    }
    assert.equal((await images.find(hex.slice(0, 12)))?.id, id);
    assert.equal((await images.find(`sha256:${hex.slice(0, 12)}`))?.id, id);
    assert.equal((await images.find(manifest.digest))?.id, id);
    assert.equal((await images.find(`app@${manifest.digest}`))?.id, id);
    for (const name of [hex.slice(0, 2), "app:2", "", "NO", `nginx@${manifest.digest}`, digestOf("?")]) {
      assert.equal(await images.find(name), undefined, name);
    }
    const record = await images.find("app");
    assert.deepEqual(record?.names, ["docker.io/library/app:latest", "ghcr.io/owner/app:1"]);
    assert.equal(record?.sizeBytes, (layers[0]?.size ?? 0) + (content.sizeOf(id) ?? 0));
    assert.equal(record?.config.os, "linux");
  });

  it("finds nothing by a beginning that two images share", async () => {
    const made = await Promise.all(Array.from({ length: 40 }, (_, at) => add(`image ${at}`)));
    const starts = made.map(({ id }) => hexOf(id).slice(0, 3));
    const shared = starts.find((start, at) => starts.indexOf(start) !== at);
    const unique = starts.find((start) => starts.filter((other) => other === start).length === 1);
    assert.ok(unique);
    assert.ok(await images.find(unique));
    if (shared) assert.equal(await images.find(shared), undefined);
  });

  it("prefers a name to the beginning of an id", async () => {
    const { id } = await add("a");
    const other = await add("b", hexOf(id).slice(0, 6));
    assert.equal((await images.find(hexOf(id).slice(0, 6)))?.id, other.id);
  });

  it("keeps names and digests over a restart, the newest image first", async () => {
    const first = await add("a", "app:1");
    const second = await image("b");
    const digest = repoDigest("library/node", second);
    await images.add(await storeImage(content, second), [parseReference("node:24")], { repoDigest: digest });
    const before = await images.list();
    await reopen();
    assert.deepEqual(await images.list(), before);
    assert.deepEqual(new Set(before.map(({ id }) => id)), new Set([first.id, second.id]));
    assert.deepEqual((await images.find(digest))?.repoDigests, [digest]);
    assert.equal((await images.find(`node@${second.manifest.digest}`))?.id, second.id);
    assert.equal((await images.find(`node:1@${second.manifest.digest}`))?.id, second.id);
  });

  it("writes names that other tools of OCI layouts understand", async () => {
    const { manifest } = await add("a", "node:24");
    const index = JSON.parse(readFileSync(indexFile(), "utf8"));
    assert.equal(index.schemaVersion, 2);
    const [entry] = index.manifests;
    assert.equal(entry.digest, manifest.digest);
    assert.equal(entry.annotations["org.opencontainers.image.ref.name"], "docker.io/library/node:24");
    assert.ok(Date.parse(entry.annotations["dev.drydock.tagged-at"]) > 0);
  });

  it("writes nothing when names are given again to the image that has them, and knows which was last", async () => {
    const first = await add("a", "app", "app:1");
    const second = await add("b", "other");
    const written = () => statSync(indexFile(), { bigint: true }).ino;
    const before = written();
    // The next image is later by the clock of the store.
    for (const now = Date.now(); Date.now() === now; );
    events = [];
    await add("a", "app", "app:1");
    await add("a");
    assert.equal(written(), before);
    assert.deepEqual(
      events.map(({ action, name }) => `${action} ${name}`),
      ["tag docker.io/library/app:latest", "tag docker.io/library/app:1"],
    );
    assert.deepEqual(
      (await images.list()).map(({ id }) => id),
      [first.id, second.id],
    );
    await add("b", "app");
    assert.notEqual(written(), before);
    await reopen();
    assert.deepEqual(await namesOf(second), ["docker.io/library/app:latest", "docker.io/library/other:latest"]);

    rmSync(indexFile());
    await add("b", "app");
    assert.deepEqual(JSON.parse(readFileSync(indexFile(), "utf8")).manifests.length, 1);
  });

  it("refuses an image that is not complete", async () => {
    const blobs = await image("a");
    await storeImage(content, blobs);
    for (const digest of blobs.blobs.keys()) {
      await content.remove(digest);
      await failure("content-corrupt", images.add(blobs.manifest, [parseReference("app")]));
      await storeImage(content, blobs);
    }
    await failure("invalid-argument", () => images.add(blobs.manifest, [parseReference(`app@${blobs.id}`)]));
    assert.deepEqual(await images.list(), []);
  });

  it("moves a name; the image that had it becomes dangling, once", async () => {
    const old = await add("a", "app");
    const fresh = await add("b", "app");
    assert.deepEqual(await namesOf(old), []);
    assert.deepEqual(await namesOf(fresh), ["docker.io/library/app:latest"]);
    await add("a", "app");
    await add("b", "app");
    assert.equal(JSON.parse(readFileSync(indexFile(), "utf8")).manifests.length, 2);
  });

  it("keeps the digest by which an image was pulled when its name moves on", async () => {
    const old = await image("a");
    await images.add(await storeImage(content, old), [parseReference("node")], {
      repoDigest: repoDigest("library/node", old),
    });
    await add("b", "node");
    const record = await images.find(`node@${old.manifest.digest}`);
    assert.equal(record?.id, old.id);
    assert.deepEqual(record?.names, []);
  });

  it("adds an image without a name", async () => {
    const { id } = await add("a");
    assert.deepEqual((await images.find(id))?.names, []);
    await images.tag(id, parseReference("app"));
    assert.deepEqual(
      (await images.list()).map(({ names }) => names),
      [["docker.io/library/app:latest"]],
    );
  });

  it("tags", async () => {
    const { id } = await add("a", "app");
    await images.tag("app", parseReference("localhost:5000/app:v1"));
    assert.equal((await images.find("localhost:5000/app:v1"))?.id, id);
    await failure("image-not-found", images.tag("nothing", parseReference("x")));
    await failure("invalid-argument", () => images.tag("app", parseReference(`x@${id}`)));
    assert.deepEqual(events, [
      { action: "tag", id, name: "docker.io/library/app:latest" },
      { action: "tag", id, name: "localhost:5000/app:v1" },
    ]);
  });

  it("makes changes at the same time one after the other", async () => {
    const { id } = await add("a", "app");
    const tags = Array.from({ length: 20 }, (_, at) => `app:${at}`);
    await Promise.all(tags.map((tag) => images.tag("app", parseReference(tag))));
    assert.equal((await images.find(id))?.names.length, 21);
    await reopen();
    assert.equal((await images.find(id))?.names.length, 21);
  });

  describe("removal", () => {
    it("untags a name while another is left, and deletes with the last", async () => {
      const { id } = await add("a", "app:1", "app:2");
      events = [];
      assert.deepEqual(await images.remove("app:1", { force: false }), [{ untagged: "app:1" }]);
      assert.deepEqual(await images.remove("app:2", { force: false }), [{ untagged: "app:2" }, { deleted: id }]);
      assert.deepEqual(await images.list(), []);
      assert.deepEqual(
        events.map(({ action }) => action),
        ["untag", "untag", "delete"],
      );
      await failure("image-not-found", images.remove("app:2", { force: true }));
    });

    it("takes the digest along with the last name of its repository", async () => {
      const node = await image("a");
      const pulled = { repoDigest: repoDigest("library/node", node) };
      await images.add(await storeImage(content, node), [parseReference("node:24")], pulled);
      await images.tag("node:24", parseReference("base"));
      assert.deepEqual(await images.remove("node:24", { force: false }), [
        { untagged: "node:24" },
        { untagged: `node@${node.manifest.digest}` },
      ]);
      assert.deepEqual(await namesOf(node), ["docker.io/library/base:latest"]);
    });

    it("takes a digest alone while a name is left", async () => {
      const node = await image("a");
      const pulled = { repoDigest: repoDigest("library/node", node) };
      await images.add(await storeImage(content, node), [parseReference("node:24")], pulled);
      const name = `node@${node.manifest.digest}`;
      assert.deepEqual(await images.remove(name, { force: false }), [{ untagged: name }]);
      assert.deepEqual((await images.find("node:24"))?.repoDigests, []);
    });

    it("deletes an image that only a digest named", async () => {
      const node = await image("a");
      await images.add(await storeImage(content, node), [], { repoDigest: repoDigest("library/node", node) });
      const name = `node@${node.manifest.digest}`;
      assert.deepEqual(await images.remove(name, { force: false }), [{ untagged: name }, { deleted: node.id }]);
    });

    it("by id takes the only name", async () => {
      const node = await image("a");
      const pulled = { repoDigest: repoDigest("library/node", node) };
      await images.add(await storeImage(content, node), [parseReference("node:24")], pulled);
      assert.deepEqual(await images.remove(hexOf(node.id).slice(0, 12), { force: false }), [
        { untagged: "node:24" },
        { untagged: `node@${node.manifest.digest}` },
        { deleted: node.id },
      ]);
    });

    it("by id wants force for several names", async () => {
      const { id } = await add("a", "app", "ghcr.io/owner/app:1");
      const error = await failure("conflict", images.remove(id, { force: false }));
      assert.match(error.message, /must be forced.*app:latest, ghcr\.io\/owner\/app:1/);
      assert.equal((await images.find(id))?.names.length, 2);
      assert.deepEqual(await images.remove(id, { force: true }), [
        { untagged: "app:latest" },
        { untagged: "ghcr.io/owner/app:1" },
        { deleted: id },
      ]);
    });

    it("deletes a dangling image by id", async () => {
      const { id } = await add("a");
      assert.deepEqual(await images.remove(id, { force: false }), [{ deleted: id }]);
    });
  });

  describe("index.json in somebody else's hands", () => {
    it("skips entries that are no images and keeps them in the file", async () => {
      await add("a", "app");
      const index = JSON.parse(readFileSync(indexFile(), "utf8"));
      const foreign = [
        { hello: "world" },
        7,
        null,
        { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: "sha256:../../etc/passwd", size: 2 },
      ];
      const gone = { ...index.manifests[0], digest: digestOf("gone"), annotations: {} };
      index.manifests.push(...foreign, gone);
      writeFileSync(indexFile(), JSON.stringify(index));
      assert.equal((await images.list()).length, 1, "seen without a restart");
      await images.tag("app", parseReference("app:2"));
      const written = JSON.parse(readFileSync(indexFile(), "utf8")).manifests;
      for (const item of foreign)
        assert.ok(written.some((other: unknown) => JSON.stringify(other) === JSON.stringify(item)));
      assert.ok(written.some((other: { digest?: string } | null) => other?.digest === gone.digest));
      await images.collect();
      assert.ok(await images.find("app:2"));
    });

    it("of two entries with one name believes the first, and understands short names", async () => {
      const first = await add("a", "app");
      const second = await add("b", "other");
      const index = JSON.parse(readFileSync(indexFile(), "utf8"));
      for (const entry of index.manifests) entry.annotations = { "org.opencontainers.image.ref.name": "node:24" };
      index.manifests.reverse();
      writeFileSync(indexFile(), JSON.stringify(index));
      assert.equal((await images.find("node:24"))?.id, first.id);
      assert.deepEqual(await namesOf(second), []);
    });

    for (const [what, text] of [
      ["cut off", '{"schemaVersion":2,"manifests":[{"mediaTy'],
      ["empty", ""],
      ["another document", "[]"],
    ] as const) {
      it(`keeps a file aside that is ${what}, says so, and goes on`, async () => {
        const { id, manifest } = await add("a", "app");
        writeFileSync(indexFile(), `${text}${text.includes("manifests") ? manifest.digest : ""}`);
        assert.deepEqual(await images.list(), []);
        const kept = readdirSync(home()).filter((name) => name.startsWith("index.json.broken-"));
        assert.equal(kept.length, 1);
        assert.match(problems.join(), /list of images could not be read.*index\.json\.broken-/);
        await images.collect();
        assert.equal(content.has(id), text.includes("manifests"), "what a broken file names can be rescued");
        await add("b", "app");
        assert.equal((await images.list()).length, 1);
      });
    }

    it("starts without a file", async () => {
      rmSync(indexFile());
      await reopen();
      assert.deepEqual(await images.list(), []);
      assert.deepEqual(problems, []);
    });
  });

  describe("collection", () => {
    const record = (blobs: ImageBlobs): CacheRecord => ({
      key: digestOf("key"),
      layer: { descriptor: blobs.layers[0] ?? blobs.manifest, diffId: digestOf("diff") },
      createdAt: 1,
      durationMs: 2,
      text: "RUN true",
    });

    it("frees exactly what nobody needs", async () => {
      const kept = await add("a", "app");
      const gone = await add("b", "old");
      await images.remove("old", { force: false });
      const sizes = [...gone.blobs.values()].reduce((sum, data) => sum + data.byteLength, 0);
      assert.equal(await images.collect(), sizes);
      assert.deepEqual(new Set(await content.list()), new Set(kept.blobs.keys()));
      assert.equal(await images.collect(), 0);
    });

    it("keeps layers of cache records", async () => {
      const gone = await add("b", "old");
      await cache.put(record(gone));
      await images.remove("old", { force: false });
      await images.collect();
      assert.deepEqual(await content.list(), [gone.layers[0]?.digest]);
      assert.equal((await cache.get(digestOf("key")))?.text, "RUN true");
      await cache.clear();
      await images.collect();
      assert.deepEqual(await content.list(), []);
    });

    it("keeps the whole of an image of which only the id is in use", async () => {
      const used = await add("a", "app");
      await images.remove("app", { force: false });
      await images.collect(new Set([used.id]));
      assert.deepEqual(new Set(await content.list()), new Set(used.blobs.keys()));
      await images.collect();
      assert.deepEqual(await content.list(), []);
    });

    it("leaves the blobs of a pull alone that is under way", async () => {
      const lease = content.lease();
      const blobs = await image("a");
      const [first, ...rest] = [...blobs.blobs.values()];
      if (first) await content.put(first);
      await images.collect();
      for (const data of rest) await content.put(data);
      await images.add(blobs.manifest, [parseReference("app")]);
      lease.release();
      await images.collect();
      assert.ok(await images.find("app"));
    });
  });

  describe("cache records", () => {
    it("are found while their blob is there, and damaged ones never", async () => {
      const digest = await content.put("layer");
      const key = digestOf("key");
      const layer = {
        descriptor: { mediaType: "application/vnd.oci.image.layer.v1.tar", digest, size: 5 },
        diffId: digest,
      };
      await cache.put({ key, layer, createdAt: 1, durationMs: 2, text: "COPY . ." });
      assert.deepEqual((await cache.get(key))?.layer, layer);
      assert.deepEqual([...(await cache.digests())], [digest]);
      await content.remove(digest);
      assert.equal(await cache.get(key), undefined);
      await content.put("layer");
      const file = path.join(home(), "cache", `${hexOf(key)}.json`);
      writeFileSync(file, readFileSync(file, "utf8").slice(0, 20));
      assert.equal(await cache.get(key), undefined);
      assert.deepEqual([...(await cache.digests())], []);
      assert.equal(await cache.get(digestOf("other")), undefined);
    });
  });
});
