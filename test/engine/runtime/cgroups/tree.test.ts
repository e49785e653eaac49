import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { findCgroupTree } from "../../../../engine/runtime/cgroups/tree.ts";

/** Ordinary folders in place of the kernel's: which ones are taken, and what is written where. */
describe("where control groups can be made", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "drydock-cgroups-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const group = (name: string, files: Readonly<Record<string, string>> = {}) => {
    const folder = path.join(root, name);
    mkdirSync(folder, { recursive: true });
    const all = { "cgroup.procs": "", "cgroup.subtree_control": "", "cgroup.controllers": "cpu memory pids", ...files };
    for (const [file, text] of Object.entries(all)) writeFileSync(path.join(folder, file), text);
    return folder;
  };
  const v2 = () => `30 20 0:26 / ${root} rw,nosuid - cgroup2 cgroup2 rw\n`;
  const read = (...names: string[]) => readFileSync(path.join(root, ...names), "utf8");

  it("is nowhere without such a mount, or when it is read-only", () => {
    assert.equal(findCgroupTree("0::/\n", ""), undefined);
    group(".");
    assert.equal(findCgroupTree("0::/\n", v2().replace("rw,nosuid", "ro,nosuid")), undefined);
  });

  it("is at the top of v2 for root, and passes on what there is", () => {
    group(".", { "cgroup.procs": "1\n2\n" });
    group("drydock");
    group("user.slice");
    const tree = findCgroupTree("0::/user.slice\n", v2());
    assert.deepEqual(tree, { version: 2, folders: { unified: path.join(root, "drydock") }, controllers: [] });
    // The last of the writes: ordinary files do not add up.
    assert.equal(read("cgroup.subtree_control"), "+pids");
    assert.equal(read("drydock", "cgroup.subtree_control"), "+pids");
    assert.equal(read("cgroup.procs"), "1\n2\n");
  });

  it("makes room where processes are in the way, as at the root that a container sees", () => {
    group(".", { "cgroup.procs": "41\n42\n", "cgroup.type": "domain" });
    group("drydock-engine");
    group("drydock");
    assert.equal(findCgroupTree("0::/\n", v2())?.version, 2);
    assert.equal(read("drydock-engine", "cgroup.procs"), "42");
  });

  it("is in the highest group that may be written to", () => {
    group("user.slice/user@7.service/app.slice/code.scope");
    group("user.slice/user@7.service/app.slice");
    group("user.slice/user@7.service");
    const tree = findCgroupTree("0::/user.slice/user@7.service/app.slice/code.scope\n", v2());
    assert.deepEqual(tree?.folders, { unified: path.join(root, "user.slice/user@7.service/drydock") });
  });

  it("is one folder a controller of v1, with the processors of the parent", () => {
    mkdirSync(path.join(root, "cpuset"), { recursive: true });
    mkdirSync(path.join(root, "cpuset/drydock"));
    for (const [name, value] of [
      ["cpuset.cpus", "0-1\n"],
      ["cpuset.mems", "0\n"],
    ] as const) {
      writeFileSync(path.join(root, "cpuset", name), value);
      writeFileSync(path.join(root, "cpuset/drydock", name), "\n");
    }
    mkdirSync(path.join(root, "cpu,cpuacct"));
    const mounts = [
      `31 20 0:27 / ${root}/cpuset rw - cgroup cgroup rw,cpuset`,
      `32 20 0:28 / ${root}/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct`,
      `33 20 0:29 / ${root}/gone rw - cgroup cgroup rw,name=systemd`,
    ].join("\n");
    const tree = findCgroupTree("0::/\n", mounts);
    const folder = (name: string) => path.join(root, name, "drydock");
    assert.deepEqual(tree, {
      version: 1,
      folders: { cpuset: folder("cpuset"), cpu: folder("cpu,cpuacct"), cpuacct: folder("cpu,cpuacct") },
      controllers: ["cpuset", "cpu"],
    });
    assert.equal(read("cpuset/drydock/cpuset.cpus"), "0-1");
  });
});
