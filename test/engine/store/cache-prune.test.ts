import assert from "node:assert/strict";
import { type CacheItem, type PruneWish, planPrune } from "../../../engine/store/cache-prune.ts";

/** An item of 10 bytes that was last used at this time. */
function item(id: string, usedAt: number, more: Partial<CacheItem> = {}): CacheItem {
  const about = { kind: "regular", description: id, storage: id, sizeBytes: 10, createdAt: 0, inUse: false } as const;
  return { ...about, id, usedAt, shared: false, ...more };
}

const goes = (items: readonly CacheItem[], wish: Partial<PruneWish> = {}) =>
  planPrune(items, { all: false, ...wish }).map(({ id }) => id);

describe("pruning the build cache", () => {
  it("takes all that no image holds, the longest unused first", () => {
    assert.deepEqual(goes([item("new", 2), item("held", 1, { shared: true }), item("old", 0)]), ["old", "new"]);
  });

  it("takes what images hold when all is asked for", () => {
    assert.deepEqual(goes([item("held", 1, { shared: true })], { all: true }), ["held"]);
  });

  it("never takes what is in use", () => {
    assert.deepEqual(goes([item("a", 1, { inUse: true })], { all: true }), []);
  });

  it("takes only what was unused for long enough", () => {
    assert.deepEqual(goes([item("a", 1), item("b", 5)], { unusedSince: 5 }), ["a"]);
  });

  it("takes only what is named, by the beginning of its id, or only one kind", () => {
    const items = [item("abc", 1), item("xyz", 2, { kind: "exec.cachemount" })];
    assert.deepEqual(goes(items, { ids: ["ab"] }), ["abc"]);
    assert.deepEqual(goes(items, { ids: [""] }), []);
    assert.deepEqual(goes(items, { kinds: ["exec.cachemount"] }), ["xyz"]);
  });

  it("stops when what stays is small enough", () => {
    const items = [item("a", 1), item("b", 2), item("c", 3)];
    assert.deepEqual(goes(items, { keepBytes: 20 }), ["a"]);
    assert.deepEqual(goes(items, { keepBytes: 30 }), []);
    assert.deepEqual(goes(items, { keepBytes: 0 }), ["a", "b", "c"]);
  });

  it("counts a layer of two records once, and as freed only when the second goes", () => {
    const items = [item("a", 1, { storage: "x" }), item("b", 2, { storage: "x" }), item("c", 3)];
    assert.deepEqual(goes(items, { keepBytes: 10 }), ["a", "b"]);
  });

  it("does not count what images hold: its removal frees nothing", () => {
    const items = [item("held", 0, { shared: true }), item("a", 1), item("b", 2)];
    assert.deepEqual(goes(items, { all: true, keepBytes: 10 }), ["held", "a"]);
    assert.deepEqual(goes(items, { all: true, keepBytes: 20 }), []);
  });
});
