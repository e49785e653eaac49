import assert from "node:assert/strict";
import { pbkdf2 } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Digest, digestOf, hexOf } from "../../../engine/base/digest.ts";
import { LayerFolders } from "../../../engine/snapshot/layer-folders.ts";
import { scratchFolder } from "../../support/scratch.ts";

describe("folders of unpacked layers", () => {
  const scratch = scratchFolder();

  it("are shown once when two steps made the same layer at the same time", async () => {
    const dir = path.join(scratch(), "layers");
    const folders = await LayerFolders.open(dir, undefined);
    const layer = digestOf("layer");
    const made = ["one", "other"].map((name) => {
      const upper = path.join(scratch(), name);
      mkdirSync(upper);
      writeFileSync(path.join(upper, "file"), "same");
      return upper;
    });
    const target = path.join(dir, hexOf(layer));
    // While Node's threads have other work both look, and then both move.
    for (let thread = 0; thread < 8; thread += 1) pbkdf2("", "", 200_000, 64, "sha512", () => undefined);
    assert.deepEqual(await Promise.all(made.map((upper) => folders.adopt(layer, upper))), [target, target]);
    assert.equal(folders.find(layer), target);
    assert.deepEqual(readdirSync(target), ["file"]);
    assert.equal(readFileSync(path.join(target, "file"), "utf8"), "same");
  });

  it("are out of sight before they are removed: what begins meanwhile mounts none of them", async () => {
    const folders = await LayerFolders.open(path.join(scratch(), "layers"), undefined);
    const layers = ["one", "two", "kept"].map(digestOf);
    for (const layer of layers) {
      await folders.add(layer, async (folder) => writeFileSync(path.join(folder, "file"), layer));
    }
    const [one, two, kept] = layers as [Digest, Digest, Digest];
    const collecting = folders.collect(new Set([kept]));
    assert.deepEqual(
      [one, two].map((layer) => folders.find(layer)),
      [undefined, undefined],
    );
    const again = await folders.add(two, async (folder) => writeFileSync(path.join(folder, "file"), "again"));
    await collecting;
    assert.equal(readFileSync(path.join(again, "file"), "utf8"), "again");
    assert.ok(folders.find(kept));
    assert.equal(folders.find(one), undefined);
    assert.deepEqual(readdirSync(path.join(scratch(), "layers", "aside")), []);
  });
});
