import assert from "node:assert/strict";
import type { CacheItem } from "../../../engine/store/cache-prune.ts";
import { type FakeEngine, fakeEngine } from "../../support/fake-engine.ts";

const item: CacheItem = {
  id: "ab".repeat(32),
  kind: "regular",
  description: "RUN make",
  storage: "x",
  sizeBytes: 1000,
  createdAt: Date.UTC(2026, 0, 1),
  usedAt: Date.UTC(2026, 0, 2),
  inUse: false,
  shared: false,
};

describe("the build cache over the API", () => {
  let engine: FakeEngine;
  beforeEach(async () => {
    engine = await fakeEngine();
    engine.cacheItems = [item];
  });
  afterEach(() => engine.close());

  it("is part of the disk usage", async () => {
    const { BuildCache } = (await engine.request("GET", "/system/df")).json<{ BuildCache: unknown[] }>();
    assert.deepEqual(BuildCache, [
      {
        ID: item.id,
        Parent: "",
        Type: "regular",
        Description: "RUN make",
        InUse: false,
        Shared: false,
        Size: 1000,
        CreatedAt: "2026-01-01T00:00:00.000Z",
        LastUsedAt: "2026-01-02T00:00:00.000Z",
        UsageCount: 1,
      },
    ]);
    const images = (await engine.request("GET", "/system/df?type=image")).json<{ BuildCache: unknown[] }>();
    assert.deepEqual(images.BuildCache, []);
  });

  it("is pruned, and says what went and what is free now", async () => {
    const answer = (await engine.request("POST", "/build/prune?all=1")).json();
    assert.deepEqual(answer, { CachesDeleted: [item.id], SpaceReclaimed: 1000 });
    assert.deepEqual(engine.prunes, [{ all: true }]);
  });

  it("is pruned by age, id, kind and what is to stay", async () => {
    const filters = { until: ["2026-01-01T00:00:00Z"], id: ["sha256:ab"], type: { regular: true } };
    const query = `filters=${encodeURIComponent(JSON.stringify(filters))}&keep-storage=500&max-used-space=0`;
    await engine.request("POST", `/build/prune?${query}`);
    assert.deepEqual(engine.prunes, [
      { all: false, unusedSince: Date.UTC(2026, 0, 1), ids: ["ab"], kinds: ["regular"], keepBytes: 500 },
    ]);
  });

  it("is not pruned by a filter that is not known, or a size that is none", async () => {
    assert.equal((await engine.request("POST", "/build/prune?filters=%7B%22x%22:%5B%221%22%5D%7D")).status, 400);
    assert.equal((await engine.request("POST", "/build/prune?keep-storage=lots")).status, 400);
    assert.deepEqual(engine.prunes, []);
  });
});
