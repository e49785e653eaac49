import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { type Digest, digestOf, hexOf } from "../../../engine/base/digest.ts";
import { openContentStore } from "../../../engine/store/content-store.ts";
import { failure } from "../../support/engine-errors.ts";
import { scratchFolder } from "../../support/scratch.ts";

describe("content store", () => {
  const home = scratchFolder();
  const asideFiles = () => readdirSync(path.join(home(), "ingest"));
  const data = Buffer.from("some content");

  it("is a valid OCI image layout from the start", async () => {
    await openContentStore(home());
    assert.deepEqual(JSON.parse(readFileSync(path.join(home(), "oci-layout"), "utf8")), {
      imageLayoutVersion: "1.0.0",
    });
    assert.deepEqual(JSON.parse(readFileSync(path.join(home(), "index.json"), "utf8")), {
      schemaVersion: 2,
      manifests: [],
    });
    assert.deepEqual(readdirSync(path.join(home(), "blobs", "sha256")), []);
  });

  it("keeps a stream as a blob named by its digest, readable by its owner only", async () => {
    const store = await openContentStore(home());
    const totals: number[] = [];
    const source = Readable.from([data.subarray(0, 4), data.subarray(4)]);
    const { digest, size } = await store.ingest(source, { onBytes: (total) => totals.push(total) });
    assert.equal(digest, digestOf(data));
    assert.equal(size, data.byteLength);
    assert.deepEqual(totals, [4, data.byteLength]);
    assert.equal(statSync(store.pathOf(digest)).mode & 0o777, 0o600);
    assert.deepEqual(Buffer.concat(await store.open(digest).toArray()), data);
    assert.equal(store.sizeOf(digest), data.byteLength);
    assert.deepEqual(await store.list(), [digest]);
    await store.remove(digest);
    assert.equal(store.has(digest), false);
    assert.equal(store.sizeOf(digest), undefined);
    await failure("not-found", () => store.open(digest));
  });

  it("sweeps away what a killed engine left half-written, and keeps the blobs", async () => {
    const store = await openContentStore(home());
    const digest = await store.put(data);
    writeFileSync(path.join(home(), "ingest", "0123456789abcdef"), "half a lay");
    const reopened = await openContentStore(home());
    assert.deepEqual(asideFiles(), []);
    assert.deepEqual(await reopened.list(), [digest]);
  });

  const refused: [string, { digest?: Digest; size?: number }, RegExp][] = [
    ["another digest", { digest: digestOf("other") }, /has the digest sha256:/],
    ["fewer bytes than announced", { size: data.byteLength + 1 }, /ended after 12 of 13 bytes/],
    ["more bytes than announced", { size: data.byteLength - 1 }, /longer than the 11 bytes/],
  ];
  for (const [name, wrong, message] of refused) {
    it(`refuses ${name} and leaves nothing behind`, async () => {
      const store = await openContentStore(home());
      const expected = { digest: digestOf(data), size: data.byteLength, ...wrong };
      const error = await failure("content-corrupt", store.ingest(Readable.from([data]), { expected }));
      assert.match(error.message, message);
      assert.deepEqual(await store.list(), []);
      assert.deepEqual(asideFiles(), []);
    });
  }

  it("stops reading a source that sends more than announced", async () => {
    const store = await openContentStore(home());
    let sent = 0;
    async function* endless() {
      for (;;) {
        sent++;
        yield Buffer.alloc(1024);
      }
    }
    const expected = { digest: digestOf("x"), size: 4096 };
    await failure("content-corrupt", store.ingest(endless(), { expected }));
    assert.equal(sent, 5);
  });

  it("passes the source's own failure on", async () => {
    const store = await openContentStore(home());
    async function* failing() {
      yield data;
      throw new RangeError("source broke");
    }
    await assert.rejects(store.ingest(failing()), RangeError);
    assert.deepEqual(asideFiles(), []);
  });

  it("takes the same blob from two sources at once", async () => {
    const store = await openContentStore(home());
    const results = await Promise.all([1, 2, 3].map(() => store.ingest(Readable.from([data]))));
    assert.deepEqual(new Set(results.map(({ digest }) => digest)), new Set([digestOf(data)]));
    assert.deepEqual(await store.list(), [digestOf(data)]);
    assert.deepEqual(asideFiles(), []);
  });

  it("is cancelled even while the source has stalled", async () => {
    const store = await openContentStore(home());
    const abort = new AbortController();
    const stalled = new Readable({ read: () => undefined });
    stalled.push(data);
    const work = store.ingest(stalled, { signal: abort.signal, onBytes: () => setImmediate(() => abort.abort()) });
    await failure("cancelled", work);
    assert.equal(stalled.destroyed, true);
    assert.deepEqual(asideFiles(), []);
    await failure("cancelled", store.ingest(Readable.from([data]), { signal: abort.signal }));
  });

  it("reads small documents and tells damage", async () => {
    const store = await openContentStore(home());
    const digest = await store.put('{"a":1}');
    assert.deepEqual(await store.readJson(digest), { a: 1 });
    writeFileSync(store.pathOf(digest), '{"a":2}');
    assert.match((await failure("content-corrupt", store.readJson(digest))).message, /damaged/);
    await failure("content-corrupt", store.readJson(await store.put("{")));
    await failure("not-found", store.readJson(digestOf("nowhere")));
    const large = await store.put(Buffer.alloc(8 * 1024 * 1024 + 1, " "));
    assert.match((await failure("content-corrupt", store.readJson(large))).message, /too large/);
  });

  it("lists only what is named like a blob", async () => {
    const store = await openContentStore(home());
    writeFileSync(path.join(home(), "blobs", "sha256", "README"), "");
    assert.deepEqual(await store.list(), []);
  });

  it("reclaims what no lease protects", async () => {
    const store = await openContentStore(home());
    const old = await store.put("old");
    const found = await store.put("found again");
    const lease = store.lease();
    const fresh = await store.put("fresh");
    assert.equal(store.has(found), true);
    const later = store.lease();
    assert.equal(await store.reclaim(old), 3);
    assert.equal(await store.reclaim(fresh), 0);
    assert.equal(await store.reclaim(found), 0);
    lease.release();
    lease.release();
    assert.equal(await store.reclaim(fresh), 5, "a lease protects only what was used since it was opened");
    later.release();
    assert.equal(await store.reclaim(found), 11);
    assert.deepEqual(await store.list(), []);
    assert.equal(hexOf(found).length, 64);
  });
});
