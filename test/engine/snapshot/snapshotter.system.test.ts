import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { digestOf, hexOf } from "../../../engine/base/digest.ts";
import type { EngineError } from "../../../engine/base/errors.ts";
import { probeHost } from "../../../engine/runtime/facts.ts";
import { readMounts } from "../../../engine/runtime/mountinfo.ts";
import type { HostFacts } from "../../../engine/runtime/types.ts";
import { openSnapshotter } from "../../../engine/snapshot/snapshotter.ts";
import type { Layer, Snapshotter } from "../../../engine/snapshot/types.ts";
import { insideVariable, ordinaryUser, runAgain, userNamespaces } from "../../support/as-user.ts";
import { type Entry, layerOf, layerOfTar, tarOf } from "../../support/layer-tar.ts";
import { memoryContent } from "../../support/memory-content.ts";

const inside = process.env[insideVariable];
const isRoot = process.getuid?.() === 0;

describe("snapshotter", () => {
  if (inside !== undefined) {
    describe(inside, () => suite("user-namespace"));
    return;
  }
  if (isRoot) describe("as root", () => suite("root"));
  it("does the same for an ordinary user", async () => {
    await runAgain({
      bundle: __filename,
      inside: "as an ordinary user",
      prefix: userNamespaces,
      ...(isRoot && { user: ordinaryUser() }),
    });
  }).timeout(120_000);
});

function suite(isolation: HostFacts["isolation"]): void {
  let facts: HostFacts;
  let home: string;
  let content: ReturnType<typeof memoryContent>;
  let snapshots: Snapshotter;

  before(async () => {
    facts = await probeHost();
    assert.equal(facts.isolation, isolation);
  });
  beforeEach(async () => {
    home = mkdtempSync(path.join(tmpdir(), "drydock snap,shot:"));
    content = memoryContent();
    snapshots = await openSnapshotter({ home, content, facts });
  });
  afterEach(() => {
    assert.deepEqual(mounts(), []);
    rmSync(home, { recursive: true });
  });
  const mounts = () => readMounts().filter(({ mountPoint }) => mountPoint.startsWith(home));
  const layer = (entries: readonly Entry[]) => layerOf(content, entries);
  const base = () =>
    layer([
      { name: "etc/" },
      { name: "etc/old", content: "old" },
      { name: "etc/both", content: "below" },
      { name: "dir/" },
      { name: "dir/a", content: "a" },
      { name: "bin/", mode: 0o750, uid: 7, gid: 8 },
      { name: "bin/tool", content: "t", mode: 0o4755, uid: 33, gid: 34 },
    ]);

  it("unpacks with owners, modes, times and links", async () => {
    const one = await layer([
      { name: "d/", mode: 0o2770, uid: 5, gid: 6 },
      { name: "d/f", content: "hello", mode: 0o6755, uid: 1000, gid: 1001 },
      { name: "d/hard", type: "link", linkname: "d/f" },
      { name: "abs", type: "symlink", linkname: "/etc/passwd" },
      { name: "dev", type: "character-device", devmajor: 1, devminor: 3 },
      { name: "pipe", type: "fifo" },
    ]);
    const folder = await snapshots.unpack(one);
    const file = statSync(path.join(folder, "d/f"));
    assert.deepEqual(
      [file.mode & 0o7777, file.uid, file.gid, file.nlink, file.mtimeMs],
      [0o6755, 1000, 1001, 2, 1_700_000_000_000],
    );
    const dir = statSync(path.join(folder, "d"));
    assert.deepEqual([dir.mode & 0o7777, dir.uid, dir.gid, dir.mtimeMs], [0o2770, 5, 6, 1_700_000_000_000]);
    assert.equal(existsSync(path.join(folder, "dev")), isolation === "root");
    assert.equal(statSync(folder).mode & 0o777, 0o755);
  });

  it("unpacks Zstandard on every version of Node, and says when such a layer is damaged", async () => {
    const tar = await tarOf([{ name: "f", content: "hello".repeat(10_000) }]);
    const zstd = (data: Buffer) => execFileSync("zstd", ["-q", "-c"], { input: data });
    const whole = await layerOfTar(content, tar, zstd);
    assert.equal(readFileSync(path.join(await snapshots.unpack(whole), "f"), "utf8").length, 50_000);
    const other = await tarOf([{ name: "g", content: "hello".repeat(10_000) }]);
    const cut = await layerOfTar(content, other, (data) => zstd(data).subarray(0, -20));
    await assert.rejects(snapshots.unpack(cut), (error: EngineError) =>
      /Remove the image/.test(JSON.stringify(error.toBody())),
    );
  });

  it("unpacks a layer once, however many ask, and survives that some give up", async () => {
    const one = await base();
    const giveUp = new AbortController();
    const all = [snapshots.unpack(one), snapshots.unpack(one, giveUp.signal), snapshots.unpack(one)];
    giveUp.abort();
    await assert.rejects(all[1] ?? Promise.resolve(), { code: "cancelled" });
    assert.equal(await all[0], await all[2]);
    await snapshots.unpack(one);
    assert.equal(content.opened.length, 1);
  });

  it("leaves nothing when all give up", async () => {
    const one = await base();
    const giveUp = new AbortController();
    const unpacking = snapshots.unpack(one, giveUp.signal);
    giveUp.abort();
    await assert.rejects(unpacking, { code: "cancelled" });
    assert.ok(await snapshots.unpack(one));
  });

  it("reads plain archives, gzip, and refuses wrong or cut ones", async () => {
    const tar = await tarOf([{ name: "f", content: "x".repeat(100_000) }]);
    assert.ok(await snapshots.unpack(await layerOfTar(content, tar, (data) => data)));
    const corrupt = { code: "content-corrupt" };
    const good = await base();
    await assert.rejects(snapshots.unpack({ ...good, diffId: digestOf("other") }), corrupt);
    for (const blob of [
      content.blobs.get(good.descriptor.digest)?.subarray(0, 150),
      Buffer.from("nonsense"),
      Buffer.alloc(0),
    ]) {
      const digest = await content.put(blob ?? "");
      await assert.rejects(
        snapshots.unpack({ descriptor: { ...good.descriptor, digest }, diffId: digestOf("other") }),
        corrupt,
      );
    }
    assert.deepEqual(readdirSync(path.join(home, "layers/aside")), []);
  });

  it("mounts layers over each other, with deletions", async () => {
    const top = await layer([
      { name: "etc/" },
      { name: "etc/.wh.old" },
      { name: "etc/both", content: "above" },
      { name: "dir/" },
      { name: "dir/.wh..wh..opq" },
      { name: "dir/b", content: "b" },
    ]);
    const view = await snapshots.mountView([await base(), top]);
    assert.deepEqual(readdirSync(path.join(view.path, "etc")), ["both"]);
    assert.equal(readFileSync(path.join(view.path, "etc/both"), "utf8"), "above");
    assert.deepEqual(readdirSync(path.join(view.path, "dir")), ["b"]);
    assert.throws(() => writeFileSync(path.join(view.path, "x"), ""), { code: "EROFS" });
    await view.release();
    for (const layers of [[], [await base()]]) {
      const small = await snapshots.mountView(layers);
      assert.equal(readdirSync(small.path).length, layers.length * 3);
      await small.release();
    }
  });

  it("commits what changed, the same bytes each time, and needs no unpacking afterwards", async () => {
    const lower = [await base()];
    const build = async (id: string) => {
      const root = await snapshots.mount(id, lower, { volatile: true });
      rmSync(path.join(root.path, "etc/old"));
      rmSync(path.join(root.path, "dir"), { recursive: true });
      mkdirSync(path.join(root.path, "dir"));
      writeFileSync(path.join(root.path, "dir/new"), "new");
      writeFileSync(path.join(root.path, "etc/both"), "changed");
      chownSync(path.join(root.path, "bin/tool"), 44, 45);
      chmodSync(path.join(root.path, "bin/tool"), 0o4755);
      for (const name of ["dir", "dir/new", "etc", "etc/both", "bin", "bin/tool"]) {
        utimesSync(path.join(root.path, name), 1_700_000_000, 1_700_000_000);
      }
      return root.commit();
    };
    const first = await build("one");
    assert.equal(first.descriptor.digest, first.diffId);
    const opened = content.opened.length;
    assert.equal((await build("two")).diffId, first.diffId);
    assert.equal(content.opened.length, opened);
    const check = async (layers: readonly Layer[]) => {
      const view = await snapshots.mountView(layers);
      assert.deepEqual(readdirSync(path.join(view.path, "etc")), ["both"]);
      assert.deepEqual(readdirSync(path.join(view.path, "dir")), ["new"]);
      const tool = statSync(path.join(view.path, "bin/tool"));
      assert.deepEqual([tool.uid, tool.gid, tool.mode & 0o7777], [44, 45, 0o4755]);
      assert.deepEqual(
        [statSync(path.join(view.path, "bin")).mode & 0o777, statSync(view.path).mode & 0o777],
        [0o750, 0o755],
      );
      await view.release();
    };
    await check([...lower, first]);
    // The blob says the same as the adopted folder.
    await snapshots.collect(new Set());
    assert.deepEqual(
      readdirSync(path.join(home, "layers")).filter((name) => name.length === 64),
      [],
    );
    await check([...lower, first]);
  });

  it("takes a writable layer up again, and forgets it when it is removed", async () => {
    const layers = [await base()];
    const first = await snapshots.mount("box", layers, { volatile: false });
    writeFileSync(path.join(first.path, "mine"), "1");
    // The next engine finds it mounted.
    snapshots = await openSnapshotter({ home, content, facts });
    const again = await snapshots.mount("box", layers, { volatile: false });
    assert.equal(readFileSync(path.join(again.path, "mine"), "utf8"), "1");
    await again.release();
    const second = await snapshots.mount("box", layers, { volatile: false });
    assert.equal(readFileSync(path.join(second.path, "mine"), "utf8"), "1");
    await snapshots.remove("box");
    assert.deepEqual(readdirSync(path.join(home, "mounts")), []);
    await snapshots.remove("box");
  });

  it("is not kept mounted by a container that started meanwhile", async () => {
    const root = await snapshots.mount("short", [await base()], { volatile: false });
    const other = spawn("unshare", ["--mount", "--propagation", "slave", "sh", "-c", "echo up; exec sleep 1000"]);
    await once(other.stdout, "data");
    const points = () => readFileSync(`/proc/${other.pid}/mountinfo`, "utf8");
    assert.match(points(), /mounts\/short\/merged/);
    await root.release();
    assert.doesNotMatch(points(), /mounts\/short\/merged/);
    other.kill("SIGKILL");
  });

  it("mounts a volatile layer a second time", async () => {
    for (let turn = 0; turn < 2; turn++)
      await (await snapshots.mount("step", [await base()], { volatile: true })).release();
    await snapshots.remove("step");
  });

  it("sweeps steps, views and halves of an engine that was killed", async () => {
    const root = await snapshots.mount("step", [await base()], { volatile: true });
    await snapshots.mountView([await base()]);
    mkdirSync(path.join(home, "layers/aside/half/root"), { recursive: true });
    const left = spawn("chroot", [root.path, "/bin/tool"], { stdio: "ignore" });
    await new Promise((resolve) => left.once("exit", resolve));
    await openSnapshotter({ home, content, facts });
    assert.deepEqual(mounts(), []);
    assert.deepEqual(
      ["steps", "views", "layers/aside"].flatMap((name) => readdirSync(path.join(home, name))),
      [],
    );
  });

  it("opens while the tar of an engine that was killed this moment still unpacks", async () => {
    const half = path.join(home, "layers/aside/half");
    mkdirSync(half, { recursive: true });
    const script = `i=0; while [ $i -lt 300 ]; do i=$((i+1)); mkdir -p "$1/root/$i"; : > "$1/root/$i/file"; done 2>/dev/null`;
    const tar = spawn("sh", ["-c", script, "sh", half], { stdio: "ignore" });
    const ended = new Promise((resolve) => tar.once("exit", resolve));
    await openSnapshotter({ home, content, facts });
    await ended;
    await openSnapshotter({ home, content, facts });
    assert.deepEqual(readdirSync(path.join(home, "layers/aside")), []);
  });

  it("does not trust folders that were not yet on the disk when the machine went down", async () => {
    const one = await base();
    const folder = await snapshots.unpack(one);
    const mark = path.join(home, "layers/unsettled", hexOf(one.diffId));
    await openSnapshotter({ home, content, facts });
    assert.equal(existsSync(folder), true);
    writeFileSync(mark, "another boot");
    await openSnapshotter({ home, content, facts });
    assert.deepEqual([existsSync(folder), existsSync(mark)], [false, false]);
  });

  it("mounts 300 layers, the same one twice, and refuses 501", async () => {
    const many = await Promise.all(
      Array.from({ length: 300 }, (_, index) => layer([{ name: `f${index}`, content: "" }])),
    );
    const view = await snapshots.mountView([...many, many[3] as Layer]);
    assert.equal(readdirSync(view.path).length, 300);
    await view.release();
    const fake = Array.from({ length: 501 }, (_, index) => ({
      ...(many[0] as Layer),
      diffId: digestOf(String(index)),
    }));
    await assert.rejects(snapshots.mountView(fake), { code: "unsupported" });
  }).timeout(60_000);

  it("keeps file capabilities through unpacking and committing", async () => {
    const capability = Buffer.from("0100000200200000000000000000000000000000", "hex");
    // tar-stream makes text of attributes, and this one is text too: every byte is below 128.
    const lower = await layer([
      {
        name: "ping",
        content: "p",
        mode: 0o755,
        pax: { "SCHILY.xattr.security.capability": capability.toString("latin1") },
      },
    ]);
    const root = await snapshots.mount("caps", [lower], { volatile: true });
    chmodSync(path.join(root.path, "ping"), 0o711);
    const { digest } = (await root.commit()).descriptor;
    assert.ok(
      content.blobs
        .get(digest)
        ?.includes(Buffer.concat([Buffer.from("SCHILY.xattr.security.capability="), capability])),
    );
  });

  it("says what to do when it cannot mount", async () => {
    const none = await openSnapshotter({ home, content, facts: { ...facts, isolation: "none" } });
    await assert.rejects(none.mountView([]), { code: "runtime-unavailable" });
  });
}
