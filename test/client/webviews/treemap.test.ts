import assert from "node:assert/strict";
import { treemap } from "../../../client/webviews/layers/treemap.ts";

describe("a map of sizes", () => {
  const tiles = (sizes: readonly number[], aspect = 2) => treemap(sizes, (size) => size, aspect);

  it("gives each size its share of the whole, without holes and without leaving it", () => {
    const sizes = [60, 40, 30, 20, 20, 10, 5, 5, 5, 3, 1, 1];
    const found = tiles(sizes);
    for (const { item, x, y, width, height } of found) {
      assert.ok(Math.abs(width * height - item / 200) < 1e-9);
      assert.ok(x >= 0 && y >= 0 && x + width <= 1 + 1e-9 && y + height <= 1 + 1e-9);
    }
    assert.ok(Math.abs(found.reduce((sum, { width, height }) => sum + width * height, 0) - 1) < 1e-9);
    for (const [index, a] of found.entries()) {
      for (const b of found.slice(index + 1)) {
        const apart =
          a.x + a.width <= b.x + 1e-9 ||
          b.x + b.width <= a.x + 1e-9 ||
          a.y + a.height <= b.y + 1e-9 ||
          b.y + b.height <= a.y + 1e-9;
        assert.ok(apart, `${a.item} lies over ${b.item}`);
      }
    }
  });

  it("makes tiles about as wide as high", () => {
    const worst = Math.max(
      ...tiles([6, 6, 4, 3, 2, 2, 1]).map(({ width, height }) => Math.max((width * 2) / height, height / (width * 2))),
    );
    assert.ok(worst < 4, String(worst));
  });

  it("has no tile for what is empty", () => {
    assert.deepEqual(tiles([0, 0]), []);
    assert.equal(tiles([5, 0])[0]?.width, 1);
    assert.deepEqual(tiles([]), []);
  });
});
