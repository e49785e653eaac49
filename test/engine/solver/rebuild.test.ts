import assert from "node:assert/strict";
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { MissCause } from "../../../engine/base/build-events.ts";
import { type Digest, digestOf } from "../../../engine/base/digest.ts";
import { openLayerIndexes } from "../../../engine/solver/layer-index.ts";
import { layerTar } from "../../../engine/solver/layer-writer.ts";
import type { LayerEntry } from "../../../engine/solver/target-tree.ts";
import type { BuildRecord } from "../../../engine/solver/types.ts";
import { layersOf, makeEngine, type TestBuild, type TestEngine } from "../../support/build-engine.ts";
import { type Files, makeFolder } from "../../support/files.ts";

const dockerfile = "FROM base\nWORKDIR /app\nCOPY src src\nRUN echo made > made\n";

function manyFiles(): Files {
  const files = Array.from({ length: 120 }, (_, at) => [`src/d${at % 7}/f${at}`, `${at} `.repeat(50 + at)]);
  return { Dockerfile: dockerfile, ...Object.fromEntries(files) };
}

describe("a build that is made again", function () {
  this.timeout(60_000);
  let engine: TestEngine;
  let context: ReturnType<typeof makeFolder>;
  beforeEach(async () => {
    engine = await makeEngine();
    await engine.addImage("base", { "etc/passwd": "" });
    context = makeFolder(manyFiles());
  });
  afterEach(() => {
    engine.dispose();
    context.dispose();
  });
  const write = (name: string, text: string) => writeFileSync(path.join(context.path, name), text);
  const causesOf = ({ events }: TestBuild) =>
    events.flatMap((event) => (event.type === "step-done" ? [event.cause?.kind ?? "-"] : []));
  const causeOf = ({ events }: TestBuild, step: number): MissCause | undefined =>
    events.flatMap((event) => (event.type === "step-done" && event.step === step ? [event.cause] : []))[0];

  it("leaves no record when it is a part that somebody looks at, and uses what the others left", async () => {
    const records = () => readdirSync(path.join(engine.home, "builds")).length;
    await engine.build(context.path);
    const before = records();
    const part = await engine.build(context.path, {
      dockerfileText: dockerfile.split("\n", 3).join("\n"),
      isPart: true,
    });
    assert.deepEqual(part.steps, ["FROM base: cached", "WORKDIR /app: cached", "COPY src src: cached"]);
    assert.equal(records(), before);
  });

  it("says of each step why it is done, and nothing of those that are not", async () => {
    assert.deepEqual(causesOf(await engine.build(context.path)), ["-", "never-built", "never-built", "never-built"]);
    assert.deepEqual(causesOf(await engine.build(context.path)), ["-", "-", "-", "-"]);

    write("src/d1/f1", "changed");
    write("src/new", "");
    rmSync(path.join(context.path, "src/d2/f2"));
    chmodSync(path.join(context.path, "src/d3/f3"), 0o755);
    const changed = await engine.build(context.path);
    assert.deepEqual(causesOf(changed), ["-", "-", "files-changed", "parent-rebuilt"]);
    assert.deepEqual(causeOf(changed, 2), {
      kind: "files-changed",
      files: [
        { path: "src/d1/f1", change: "content" },
        { path: "src/d2/f2", change: "removed" },
        { path: "src/d3/f3", change: "mode" },
        { path: "src/new", change: "added" },
      ],
      more: 0,
    });
    assert.deepEqual(causeOf(changed, 3), { kind: "parent-rebuilt", step: 2 });

    write("Dockerfile", dockerfile.replace("made >", "other >"));
    const edited = await engine.build(context.path);
    const changes = [{ part: "words", from: "made", to: "other" }];
    assert.deepEqual(causeOf(edited, 3), { kind: "instruction-changed", was: "RUN echo made > made", changes });

    write("Dockerfile", dockerfile.replace("RUN", "ENV A=1\nRUN"));
    await engine.build(context.path);
    write("Dockerfile", dockerfile.replace("RUN", "ENV A=2\nRUN"));
    const another = await engine.build(context.path);
    assert.deepEqual(causesOf(another), ["-", "-", "-", "environment-changed"]);
    assert.deepEqual(causeOf(another, 3), {
      kind: "environment-changed",
      changes: [{ part: "ENV", name: "A", from: "1", to: "2" }],
    });

    await engine.cache.clear();
    assert.deepEqual(causesOf(await engine.build(context.path)), ["-", "pruned", "pruned", "pruned"]);
    const anew = await engine.build(context.path, { noCache: true });
    assert.deepEqual(causesOf(anew), ["-", "no-cache", "no-cache", "no-cache"]);

    await engine.addImage("base", { "etc/passwd": "another" });
    const moved = await engine.build(context.path);
    assert.deepEqual(causesOf(moved), ["-", "base-moved", "parent-rebuilt", "parent-rebuilt"]);
  });

  it("keeps in its record what a later build needs to explain itself", async () => {
    await engine.build(context.path);
    const folder = path.join(engine.home, "builds");
    const [name = ""] = readdirSync(folder);
    const { steps } = JSON.parse(readFileSync(path.join(folder, name), "utf8")) as BuildRecord;
    const [from, workdir, copy, run] = steps;
    assert.equal(workdir?.parentKey, from?.key);
    assert.equal(run?.parentKey, copy?.key);
    assert.ok(copy?.content && copy.layer && copy.sizeBytes);
    assert.deepEqual([copy.stage, copy.place, copy.cause?.kind], ["stage-0", 2, "never-built"]);
  });

  it("keeps the last records of one Dockerfile only", async () => {
    for (let round = 0; round < 23; round++) await engine.build({ Dockerfile: "FROM base\n" });
    for (let round = 0; round < 23; round++) await engine.build(context.path);
    assert.equal(readdirSync(path.join(engine.home, "builds")).length, 23 + 20);
  });

  it("has the same layer as one that never knew the files", async () => {
    // Alone, for the folders that the tests' mounts make have the time of now.
    write("Dockerfile", "FROM scratch\nCOPY src /src\n");
    await engine.build(context.path);
    write("src/d1/f1", "another length, so that all behind it moves");
    write("src/d0/f7", readFileSync(path.join(context.path, "src/d5/f5"), "utf8"));
    const again = await engine.build(context.path);
    const other = await makeEngine();
    try {
      const fresh = await other.build(context.path);
      assert.deepEqual(await layersOf(engine, again.id), await layersOf(other, fresh.id));
    } finally {
      other.dispose();
    }
  });

  it("does not take files from a layer that is gone", async () => {
    const first = await engine.build(context.path);
    const [, , layer] = await layersOf(engine, first.id);
    assert.ok(layer);
    rmSync(engine.content.pathOf(layer));
    write("src/d1/f1", "changed");
    assert.ok((await engine.build(context.path)).id);
  });
});

describe("the files of a layer", () => {
  const signal = new AbortController().signal;
  const entry = (name: string, file: string, sizeBytes: number): LayerEntry => ({
    path: `/${name}`,
    type: "file",
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtimeMs: 0,
    content: { kind: "file", file, sizeBytes },
  });
  const bytes = async (tar: AsyncIterable<Uint8Array>) => {
    const chunks: Buffer[] = [];
    for await (const chunk of tar) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  };

  it("come from an earlier layer that has them, whatever they were called there", async () => {
    const large = "0123456789abcdef".repeat(200_000);
    const folder = makeFolder({ a: "first", b: large });
    try {
      const [a, b] = [`${folder.path}/a`, `${folder.path}/b`];
      const known = new Map<string, Digest>([
        [a, digestOf("first")],
        [b, digestOf(large)],
      ]);
      const options = { known: ({ file }: { readonly file: string }) => known.get(file), index: new Map() };
      const before = await bytes(layerTar([entry("a", a, 5), entry("b", b, large.length)], signal, options));
      writeFileSync(`${folder.path}/blob`, before);
      for (const file of [a, b]) rmSync(file);

      const from = { file: `${folder.path}/blob`, index: options.index };
      const moved = [entry("x/b", b, large.length), entry("x/a", a, 5)];
      const after = await bytes(layerTar(moved, signal, { ...options, index: new Map(), from }));
      assert.ok(after.includes(large));
      assert.equal(
        after
          .subarray(-1536 - 0)
          .subarray(0, 5)
          .toString(),
        "first",
      );
    } finally {
      folder.dispose();
    }
  });

  it("are known by their places, unless the list of places is damaged", async () => {
    const folder = makeFolder();
    try {
      const layer = digestOf("layer");
      const index = new Map([
        [digestOf("a"), 512],
        [digestOf("b"), 2 ** 40],
      ]);
      await openLayerIndexes(folder.path).write(layer, index);
      assert.deepEqual(await openLayerIndexes(folder.path).read(layer), index);
      const [name = ""] = readdirSync(`${folder.path}/layer-indexes`);
      const file = `${folder.path}/layer-indexes/${name}`;
      const data = readFileSync(file);
      data[data.length - 1] = 1;
      writeFileSync(file, data);
      assert.equal(await openLayerIndexes(folder.path).read(layer), undefined);
      writeFileSync(file, "");
      assert.equal(await openLayerIndexes(folder.path).read(layer), undefined);
    } finally {
      folder.dispose();
    }
  });
});
