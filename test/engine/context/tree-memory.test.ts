import assert from "node:assert/strict";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { type FolderContext, loadContext } from "../../../engine/context/load.ts";
import { openStatCache } from "../../../engine/context/stat-cache.ts";
import { SeenTree, TreeMemory } from "../../../engine/context/tree-memory.ts";
import type { SelectedSource, StatCache } from "../../../engine/context/types.ts";
import { type Files, makeFolder } from "../../support/files.ts";

describe("what builds remember of a folder", () => {
  const folders: { dispose(): void }[] = [];
  const farFuture = () => Date.now() + 3_600_000;
  function folder(files: Files): string {
    const made = makeFolder(files);
    folders.push(made);
    return made.path;
  }
  const cacheOf = (now: () => number) => openStatCache(path.join(folder({}), "stat.json"), { now });
  const load = (contextPath: string, statCache: StatCache) => loadContext({ contextPath, statCache });
  const sources = ["/", "src", "src/*", "top"];
  async function seen(context: FolderContext, source: string) {
    const selected = await context.select(source).catch((error: Error) => error.message);
    if (typeof selected === "string") return selected;
    const entries = selected.flatMap((one) =>
      one.entries.map(({ hardLink, ...entry }) => ({ ...entry, linked: !!hardLink })),
    );
    return { entries, digest: await context.digest(selected) };
  }
  after(() => {
    for (const made of folders) made.dispose();
  });

  it("is the very same selection while nothing changes", async () => {
    const root = folder({
      Dockerfile: "",
      top: "1",
      "src/a": "1",
      "src/deep/b": "2",
      ".dockerignore": "**/*.log\n",
      "src/c.log": "",
    });
    const cache = cacheOf(farFuture);
    const select = async (): Promise<readonly SelectedSource[]> => (await load(root, cache)).select("/");
    const [first] = await select();
    const [second] = await select();
    assert.ok(first?.entries.length === 7 && first.entries === second?.entries);
    writeFileSync(`${root}/src/deep/b`, "22");
    const [third] = await select();
    assert.ok(third && third.entries !== first.entries);
    const kept = third.entries.filter((entry) => first.entries.includes(entry)).map(({ name }) => name);
    assert.deepEqual(kept, [".dockerignore", "Dockerfile", "src", "top"]);
  });

  it("never differs from what is there, whatever happens between builds", async () => {
    for (const ignored of ["", "*.log\nsrc/b\n", "src\n!src/a*\n!src/deep/c\n**/x.log\n"]) {
      const root = folder({ Dockerfile: "", ".dockerignore": ignored, top: "1", "src/a": "1", "src/deep/c": "3" });
      const cache = cacheOf(farFuture);
      let seed = 7;
      const random = (below: number) => {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        return Math.floor((seed / 2147483648) * below);
      };
      const places = ["top", "x.log", "src/a", "src/ab", "src/b", "src/deep", "src/deep/c", "src/deep/x.log", "src"];
      for (let turn = 1; turn <= 120; turn += 1) {
        const place = `${root}/${places[random(places.length)]}`;
        const other = `${root}/${places[random(places.length)]}`;
        // Each file has a length of its own, so that no change hides within a tick of the clock.
        const changes = [
          () => writeFileSync(place, "x".repeat(turn)),
          () => rmSync(place, { recursive: true }),
          () => mkdirSync(place),
          () => chmodSync(place, [0o644, 0o755, 0o700][random(3)] ?? 0o644),
          () => symlinkSync(`target${random(3)}`, place),
          () => renameSync(place, other),
          () => linkSync(place, other),
          () => writeFileSync(`${place}/new${random(9)}`, "y".repeat(turn)),
        ];
        for (let count = 0; count <= random(3); count += 1) {
          try {
            changes[random(changes.length)]?.();
          } catch {
            // It is not there, or something else is.
          }
        }
        const remembering = await load(root, cache);
        const anew = await load(root, cacheOf(farFuture));
        for (const source of sources) {
          assert.deepEqual(await seen(remembering, source), await seen(anew, source), `turn ${turn}, ${source}`);
        }
      }
    }
  });

  it("sees a link that was made anew within a tick of the clock", async () => {
    const root = folder({ Dockerfile: "" });
    const cache = cacheOf(farFuture);
    for (const target of ["one", "two", "six", "ten"]) {
      rmSync(`${root}/link`, { force: true });
      symlinkSync(target, `${root}/link`);
      const [source] = await (await load(root, cache)).select("/");
      assert.equal(source?.entries.find(({ name }) => name === "link")?.linkTarget, readlinkSync(`${root}/link`));
    }
  });

  it("reads again what was written a moment before, also in a folder that looks the same", async () => {
    const root = folder({ Dockerfile: "", "d/a": "1" });
    const cache = cacheOf(() => statSync(`${root}/d/a`).ctimeMs + 100);
    for (const expected of [1, 2, 3]) {
      const context = await load(root, cache);
      await context.digest(await context.select("d"));
      assert.equal(cache.filesRead, expected);
    }
  });

  it("asks for no file's digest when nothing has changed", async () => {
    const root = folder({ Dockerfile: "", top: "1", "d/a": "1", "d/b": "2" });
    const inner = cacheOf(farFuture);
    let asked = 0;
    const cache: StatCache = {
      ...inner,
      known(entry) {
        asked += 1;
        return inner.known(entry);
      },
    };
    const digest = async () => {
      const context = await load(root, cache);
      return context.digest([...(await context.select("d")), ...(await context.select("top"))]);
    };
    const first = await digest();
    assert.equal(await digest(), first);
    asked = 0;
    assert.equal(await digest(), first);
    assert.equal(asked, 0);
    writeFileSync(`${root}/top`, "22");
    assert.notEqual(await digest(), first);
  });

  it("keeps different patterns apart, and the trees that were used last", () => {
    const memory = new TreeMemory();
    const tree = memory.of("/a", ["x"]);
    assert.ok(tree instanceof SeenTree && memory.of("/a", ["x"]) === tree);
    assert.notEqual(memory.of("/a", ["y"]), tree);
    const node = (name: string) =>
      ({ path: name, entry: { name, file: `/${name}`, type: "file", mode: 0, sizeBytes: 0, mtimeMs: 0 } }) as const;
    const fill = (name: string) =>
      memory
        .of(name, [])
        .keep("", { nodes: Array.from({ length: 60_000 }, (_, at) => node(`${at}`)), stats: new Float64Array() });
    fill("/b");
    fill("/c");
    assert.equal(memory.of("/c", []).nodes, 60_000);
    assert.equal(memory.of("/b", []).nodes, 0);
    memory.of("/c", []).keep("", { nodes: [], stats: new Float64Array() });
    assert.equal(memory.of("/c", []).nodes, 0);
  });
});
