import assert from "node:assert/strict";
import { lstatSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { PlainLayers } from "../../../engine/snapshot/plain-view.ts";
import type { Layer } from "../../../engine/snapshot/types.ts";
import { openContentStore } from "../../../engine/store/content-store.ts";
import type { ContentStore } from "../../../engine/store/types.ts";
import { type Entry, layerOf } from "../../support/layer-tar.ts";
import { scratchFolder } from "../../support/scratch.ts";

describe("a view where nothing can be mounted", () => {
  const folder = scratchFolder();
  let content: ContentStore;
  let plain: PlainLayers;
  beforeEach(async () => {
    content = await openContentStore(path.join(folder(), "home"));
    plain = new PlainLayers(path.join(folder(), "plain"), content);
  });

  async function lay(...layers: readonly (readonly Entry[])[]) {
    const made: Layer[] = [];
    for (const entries of layers) made.push(await layerOf(content, entries));
    const target = path.join(folder(), "view");
    mkdirSync(target);
    const looks = await plain.lay(made, target);
    return { target, looks, names: readdirSync(target, { recursive: true }).map(String).sort() };
  }

  it("says whose files are, and what they are, without making them so", async () => {
    const { target, looks } = await lay([
      { name: "d/", mode: 0o2750, uid: 7, gid: 8 },
      { name: "d/f", content: "text", mode: 0o4711, uid: 200_000, gid: 9 },
      { name: "d/null", type: "character-device", devmajor: 1, devminor: 3, mode: 0o666 },
    ]);
    assert.equal(readFileSync(path.join(target, "d/f"), "utf8"), "text");
    assert.equal(lstatSync(path.join(target, "d/f")).mode & 0o7777, 0o600);
    const { type, mode, uid, gid } = looks.get("/d/f") ?? {};
    assert.deepEqual({ type, mode, uid, gid }, { type: "file", mode: 0o4711, uid: 200_000, gid: 9 });
    assert.deepEqual(looks.get("/d/null")?.device, { major: 1, minor: 3 });
    assert.ok(lstatSync(path.join(target, "d/null")).isFile());
  });

  it("hides what a later layer takes away, and not what it brings itself", async () => {
    const { names } = await lay(
      [{ name: "a/one" }, { name: "a/two" }, { name: "b/one" }, { name: "c" }],
      [{ name: "a/.wh.one" }, { name: "b/new" }, { name: "b/.wh..wh..opq" }, { name: ".wh.c" }],
    );
    assert.deepEqual(names, ["a", "a/two", "b", "b/new"]);
  });

  it("names of one file share its bytes, also across layers", async () => {
    const { target } = await lay([{ name: "one", content: "1" }], [{ name: "two", type: "link", linkname: "one" }]);
    assert.equal(lstatSync(path.join(target, "one")).ino, lstatSync(path.join(target, "two")).ino);
  });

  it("writes nothing through a link of a layer", async () => {
    const outside = path.join(folder(), "outside");
    mkdirSync(outside);
    const { names } = await lay(
      [
        { name: "way", type: "symlink", linkname: outside },
        { name: "way/file", content: "x" },
      ],
      [{ name: "way/other", content: "y" }],
    );
    assert.deepEqual(readdirSync(outside), []);
    assert.deepEqual(names, ["way", "way/file", "way/other"]);
  });

  it("refuses names that climb out, and layers that are not what they should be", async () => {
    await assert.rejects(lay([{ name: "../../out", content: "x" }]), { code: "content-corrupt" });
    const layer = await layerOf(content, [{ name: "f" }]);
    const other = await layerOf(content, [{ name: "g" }]);
    const wrong = { ...layer, diffId: other.diffId };
    await assert.rejects(plain.lay([wrong], path.join(folder(), "view")), { code: "content-corrupt" });
  });
});
