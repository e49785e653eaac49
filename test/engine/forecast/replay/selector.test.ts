import assert from "node:assert/strict";
import { compileIgnore } from "../../../../engine/context/ignore.ts";
import { selectorOf } from "../../../../engine/forecast/replay/selector.ts";

describe("engine/forecast/replay/selector", () => {
  const takes = (sources: readonly string[], path: string, ignored: readonly string[] = [], excludes: string[] = []) =>
    selectorOf(sources, excludes, compileIgnore(ignored))(path);

  it("takes files, folders and everything", () => {
    assert.ok(takes(["."], "a/b"));
    assert.ok(takes(["/"], "a"));
    assert.ok(takes(["./src/"], "src/x/y.ts"));
    assert.ok(takes(["src"], "src"));
    assert.ok(!takes(["src"], "srcs/x"));
    assert.ok(!takes(["package.json"], "lib/package.json"));
  });

  it("takes by wildcards, of which none goes over a folder", () => {
    assert.ok(takes(["package*.json"], "package-lock.json"));
    assert.ok(!takes(["package*.json"], "a/package.json"));
    assert.ok(takes(["a/*"], "a/b/c"));
    assert.ok(takes(["*/x"], "a/x/deep"));
  });

  it("takes nothing that is ignored or excluded", () => {
    assert.ok(!takes(["."], "node_modules/a", ["node_modules"]));
    assert.ok(takes(["."], "docs/keep.md", ["docs/*", "!docs/keep.md"]));
    assert.ok(!takes(["."], "a.md", [], ["*.md"]));
  });
});
