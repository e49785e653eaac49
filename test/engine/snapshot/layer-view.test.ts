import assert from "node:assert/strict";
import { itemsOf, type LayerItem } from "../../../engine/snapshot/layer-contents.ts";
import { type Spot, stackLayers } from "../../../engine/snapshot/layer-stack.ts";
import { type FolderWish, findFile, listFolder, searchLayers, summarize } from "../../../engine/snapshot/layer-view.ts";
import { type Entry, tarOf } from "../../support/layer-tar.ts";
import { ownCpuMs } from "../../support/process-cpu.ts";

async function stack(...layers: readonly (readonly Entry[])[]): Promise<Spot> {
  const items: LayerItem[][] = [];
  for (const entries of layers) {
    const tar = await tarOf(entries);
    // In small pieces: headers are cut anywhere.
    const pieces = Array.from({ length: Math.ceil(tar.length / 700) }, (_, at) =>
      tar.subarray(at * 700, (at + 1) * 700),
    );
    items.push(
      await itemsOf(
        (async function* () {
          yield* pieces;
        })(),
      ),
    );
  }
  return stackLayers(items);
}

const wish: FolderWish = { path: "/", layer: 0, view: "layer", order: "name", offset: 0, limit: 1000 };

/** `+a 5`, `~b 3 (was 9)`, `-c 4`, `d/ 10` */
function shown(root: Spot, more: Partial<FolderWish>): string[] | undefined {
  return listFolder(root, { ...wish, ...more })?.entries.map(({ name, type, size, change, before }) => {
    const sign = { added: "+", changed: "~", removed: "-", none: "" }[change ?? "none"];
    return `${sign}${name}${type === "folder" ? "/" : ""} ${size}${before ? ` (was ${before.size})` : ""}`;
  });
}

const file = (name: string, bytes: number, more: Partial<Entry> = {}): Entry => ({
  name,
  content: "x".repeat(bytes),
  ...more,
});

describe("layers, one over the other", () => {
  it("tells what a layer adds, changes and removes, and what there is up to it", async () => {
    const root = await stack(
      [{ name: "etc/" }, file("etc/a", 5), file("etc/b", 9), file("etc/c", 4)],
      [{ name: "etc/" }, file("etc/b", 3), file("etc/.wh.c", 0), file("new/deep/d", 7)],
    );
    assert.deepEqual(shown(root, {}), ["+etc/ 18"]);
    assert.deepEqual(shown(root, { layer: 1 }), ["etc/ 3", "+new/ 7"]);
    assert.deepEqual(shown(root, { layer: 1, path: "/etc" }), ["~b 3 (was 9)", "-c 4"]);
    assert.deepEqual(shown(root, { layer: 1, path: "etc", view: "image" }), ["a 5", "~b 3 (was 9)", "-c 4"]);
    assert.deepEqual(shown(root, { layer: 1, view: "image" }), ["etc/ 8", "+new/ 7"]);
    assert.deepEqual(shown(root, { layer: 0, path: "/new" }), undefined);
    const self = listFolder(root, { ...wish, layer: 1, path: "/etc/b" });
    assert.deepEqual([self?.self?.name, self?.self?.size, self?.entries], ["b", 3, []]);
    const { layers } = summarize(root, 2);
    assert.deepEqual(layers[1], { bytes: 10, added: 3, changed: 1, removed: 1, hiddenBytes: 13 });
  });

  it("takes a removed folder away with all that is in it, and lets it come back", async () => {
    const root = await stack([file("d/a", 1), file("d/sub/b", 2)], [file(".wh.d", 0)], [file("d/sub/c", 3)]);
    assert.deepEqual(shown(root, { layer: 1 }), ["-d/ 3"]);
    assert.deepEqual(shown(root, { layer: 1, view: "image" }), ["-d/ 3"]);
    assert.deepEqual(shown(root, { layer: 2, view: "image" }), ["+d/ 3"]);
    assert.deepEqual(shown(root, { layer: 2, path: "/d/sub", view: "image" }), ["+c 3"]);
  });

  it("lets a layer keep its own files where it hides those below, in whatever order they stand", async () => {
    const below = [file("d/old", 4), file("d/both", 6)];
    for (const upper of [
      [{ name: "d/" }, file("d/.wh..wh..opq", 0), file("d/both", 2)],
      [file("d/both", 2), { name: "d/" }, file("d/.wh..wh..opq", 0)],
    ]) {
      const root = await stack(below, upper);
      assert.deepEqual(shown(root, { layer: 1, path: "/d" }), ["~both 2 (was 6)", "-old 4"]);
      assert.equal(summarize(root, 2).wastedBytes, 10);
    }
  });

  it("sees a file in the place of a folder, and a folder in the place of a file", async () => {
    const root = await stack([file("a/in", 3), file("b", 2)], [file("a", 1), file("b/in", 5)]);
    assert.deepEqual(shown(root, { layer: 1 }), ["~b/ 5 (was 2)", "~a 1 (was 0)"]);
    assert.deepEqual(shown(root, { layer: 1, path: "/a" }), ["-in 3"]);
    assert.equal(summarize(root, 2).wastedBytes, 5);
  });

  it("ignores deletions of what is not there, and names that belong to nobody", async () => {
    const root = await stack([file(".wh.nothing", 0), file("a/.wh..wh.plnk", 0), file("b", 1)]);
    assert.deepEqual(shown(root, {}), ["+b 1"]);
  });

  it("counts what is wasted, and how efficient the image is", async () => {
    const root = await stack(
      [file("kept", 100), file("grown", 10), file("gone", 50)],
      [file("grown", 30), file(".wh.gone", 0)],
      [file("grown", 20)],
    );
    const summary = summarize(root, 3);
    // Stored 100 + 60 + 50; needed 100 + 10 + 0.
    assert.equal(summary.efficiency, 110 / 210);
    assert.deepEqual([summary.storedBytes, summary.fileBytes, summary.fileCount], [210, 120, 2]);
    assert.equal(summary.wastedBytes, 90);
    assert.deepEqual(summary.wasted, [
      { path: "/gone", wastedBytes: 50, layers: [0], removedIn: 1 },
      { path: "/grown", wastedBytes: 40, layers: [0, 1, 2] },
    ]);
  });

  it("is fully efficient when it is empty, or nothing is stored twice", async () => {
    assert.equal(summarize(await stack([]), 1).efficiency, 1);
    assert.equal(summarize(await stack([file("a", 1)], [file("b", 1)]), 2).efficiency, 1);
  });

  it("counts the bytes of several names of one file once", async () => {
    const root = await stack([file("a", 8), { name: "b", type: "link", linkname: "a" }]);
    const summary = summarize(root, 1);
    assert.equal(summary.fileBytes, 8);
    const [, b] = listFolder(root, wish)?.entries ?? [];
    assert.deepEqual([b?.type, b?.linkTarget, b?.size], ["hard-link", "/a", 0]);
  });

  it("finds the bytes of a file: of this layer, of one below, through links", async () => {
    const root = await stack(
      [
        file("usr/lib/real", 4),
        { name: "lib", type: "symlink", linkname: "usr/lib" },
        { name: "abs", type: "symlink", linkname: "/lib/real" },
        { name: "loop", type: "symlink", linkname: "loop" },
        { name: "up", type: "symlink", linkname: "../../usr/lib/real" },
        { name: "hard", type: "link", linkname: "usr/lib/real" },
      ],
      [file("usr/lib/real", 6), file(".wh.abs", 0)],
    );
    const at = (path: string, layer: number) => {
      const found = findFile(root, path, layer);
      return typeof found === "object" ? [found.layer, found.item.size] : found;
    };
    assert.deepEqual(at("/lib/real", 0), [0, 4]);
    assert.deepEqual(at("/lib/real", 1), [1, 6]);
    assert.deepEqual(at("/abs", 0), [0, 4]);
    assert.deepEqual(at("/up", 1), [1, 6]);
    assert.deepEqual(at("/hard", 0), [0, 4]);
    assert.equal(at("/abs", 1), undefined);
    assert.equal(at("/loop", 1), undefined);
    assert.equal(at("/usr", 1), "not-a-file");
    assert.equal(at("/", 1), "not-a-file");
  });

  it("searches by words and patterns, in one layer or by what happens", async () => {
    const root = await stack(
      [file("var/cache/apt/list.bin", 3), file("app/Main.js", 1)],
      [file("var/cache/apt/.wh.list.bin", 0), file("app/main.css", 1)],
    );
    const paths = (text: string, more = {}) =>
      searchLayers(root, { text, limit: 10, ...more }).found.map(({ path }) => path);
    assert.deepEqual(paths("main"), ["/app/Main.js", "/app/main.css"]);
    assert.deepEqual(paths("*.bin"), ["/var/cache/apt/list.bin"]);
    assert.deepEqual(paths("/app/*"), ["/app/Main.js", "/app/main.css"]);
    assert.deepEqual(paths("main", { layer: 1 }), ["/app/main.css"]);
    assert.deepEqual(paths("", { changes: ["removed"] }), ["/var/cache/apt/list.bin"]);
    assert.deepEqual(paths("a.b(", {}), []);
    const { found, more } = searchLayers(root, { text: "a", limit: 1 });
    assert.deepEqual([found.length, more], [1, true]);
    assert.deepEqual(searchLayers(root, { text: "list.bin", limit: 1 }).found[0]?.history, [
      { layer: 0, change: "added", size: 3 },
      { layer: 1, change: "removed", size: 3 },
    ]);
  });

  it("gives parts of a large folder, by name or the largest first", async () => {
    const root = await stack([file("c", 1), file("a", 3), file("b/x", 2)]);
    assert.deepEqual(shown(root, {}), ["+b/ 2", "+a 3", "+c 1"]);
    assert.deepEqual(shown(root, { order: "size" }), ["+a 3", "+b/ 2", "+c 1"]);
    const part = listFolder(root, { ...wish, offset: 1, limit: 1 });
    assert.deepEqual([part?.entries[0]?.name, part?.total], ["a", 3]);
  });

  it("does not look again at what was removed before, however often it is removed", async () => {
    const many = 20_000;
    const item = (path: string, type: LayerItem["type"]): LayerItem => {
      return { path, type, size: 1, mode: 0o644, uid: 0, gid: 0, mtimeMs: 0, offset: 0 };
    };
    const files = Array.from({ length: many }, (_, index) => item(`d/${index}`, "file"));
    const layers = [files, ...Array.from({ length: 2000 }, () => [item("d", "whiteout")])];
    const before = ownCpuMs();
    const root = await stackLayers(layers);
    assert.ok(ownCpuMs() - before < 2000);
    assert.equal(summarize(root, layers.length).wastedBytes, many);
  });

  it("refuses what leads out of the image", async () => {
    await assert.rejects(stack([file("../../etc/passwd", 1)]), /leads out of the image/);
  });
});
