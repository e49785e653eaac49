import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmdirSync } from "node:fs";
import path from "node:path";
import { createCgroups } from "../../../../engine/runtime/cgroups/cgroups.ts";
import { processesOf } from "../../../../engine/runtime/cgroups/members.ts";
import { findCgroupTree } from "../../../../engine/runtime/cgroups/tree.ts";
import { processStat } from "../../../../engine/runtime/proc.ts";
import type { CgroupMember, CgroupPlace, Cgroups, CgroupTree } from "../../../../engine/runtime/types.ts";

const tree = findCgroupTree();
const unified = readFileSync("/proc/self/mountinfo", "utf8")
  .split("\n")
  .find((line) => line.includes(" - cgroup2 "))
  ?.split(" ")[4];

/** Processes that a test started; they must not outlive it. */
const started: ChildProcess[] = [];
afterEach(() => {
  for (const { pid } of started.splice(0)) {
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // All of it is gone.
    }
  }
});

/** A shell that enters the place, says so and goes on with the script. */
async function enter(place: CgroupPlace | undefined, script: string): Promise<ChildProcess & { readonly pid: number }> {
  const folders = Object.values(place?.folders ?? {});
  const joins = folders.map((folder) => `echo 0 >${folder}/cgroup.procs || exit 125`);
  const child = spawn("sh", ["-c", [...joins, "echo in", script].join("\n")], {
    stdio: ["pipe", "pipe", "inherit"],
    // With what it starts a group of processes, which can be ended together.
    detached: true,
  });
  started.push(child);
  assert.ok(child.stdout && child.pid);
  await once(child.stdout, "data");
  return Object.assign(child, { pid: child.pid });
}

/** The machine has one tree of groups: another run of this file must not take this one's. */
const own = (name: string) => `${name}-${process.pid}`;

const state = (pid: number) => processStat(pid)?.state;

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

function everyKind(make: () => { readonly cgroups: Cgroups; readonly hasGroups: boolean }): void {
  let cgroups: Cgroups;
  let place: CgroupPlace | undefined;
  let hasGroups: boolean;
  beforeEach(async () => {
    ({ cgroups, hasGroups } = make());
    place = await cgroups.create(own("test"), {});
    assert.equal(place !== undefined, hasGroups);
  });
  afterEach(async () => {
    if (place) await cgroups.remove(place);
    for (const folder of Object.values(place?.folders ?? {})) assert.equal(existsSync(folder), false);
  });

  it("freezes all processes and lets them go on", async () => {
    const child = await enter(place, "sleep 1000 & echo $!; while :; do :; done");
    const member: CgroupMember = { place, pid: child.pid };
    await cgroups.freeze(member);
    // "T" after a signal, "D" or "S" in the freezer: but it does not get on.
    const before = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(" ")[13];
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(readFileSync(`/proc/${child.pid}/stat`, "utf8").split(" ")[13], before);
    await cgroups.thaw(member);
    await until(() => readFileSync(`/proc/${child.pid}/stat`, "utf8").split(" ")[13] !== before);
  });

  it("counts time and processes", async () => {
    const script = "sleep 1000 & read go; i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done; echo done; wait";
    const child = await enter(place, script);
    assert.ok(child.stdout);
    child.stdin?.write("\n");
    await once(child.stdout, "data");
    const usage = await cgroups.usage({ place, pid: child.pid });
    assert.ok((usage.cpuTotalNs ?? 0n) > 10_000_000n);
    assert.ok((usage.memoryBytes ?? 0) > 50_000);
    if (hasGroups && cgroups.version === 1) assert.equal(usage.pids, 2);
  });
}

function withGroups(make: () => Cgroups): void {
  it("kills what is left and takes over what an earlier engine left", async () => {
    const cgroups = make();
    const first = await cgroups.create(own("left"), {});
    assert.ok(first);
    const child = await enter(first, "exec sleep 1000");
    const ended = once(child, "exit");
    const again = await cgroups.create(own("left"), {});
    assert.deepEqual(again, first);
    assert.equal((await ended)[1], "SIGKILL");
    await cgroups.remove(first);
    await cgroups.remove(first);
  });
  it("removes a frozen group with groups inside", async () => {
    const cgroups = make();
    const place = await cgroups.create(own("nested"), {});
    assert.ok(place);
    for (const folder of Object.values(place.folders)) mkdirSync(path.join(folder, "inner"));
    const child = await enter(place, "exec sleep 1000");
    await cgroups.freeze({ place, pid: child.pid });
    await cgroups.remove(place);
    await until(() => state(child.pid) === undefined || state(child.pid) === "Z");
  });
}

describe("processes without a control group", () => {
  it("are those below the first, never whoever asks or what merely shares the namespaces", async () => {
    const child = await enter(undefined, "sleep 1000 & wait");
    const members = processesOf(child.pid);
    assert.deepEqual(
      members.map((pid) => pid === child.pid || processStat(pid)?.parent === child.pid),
      [true, true],
    );
    const parent = process.ppid;
    for (const pid of [1, process.pid, parent]) {
      const found = processesOf(pid);
      assert.ok(!found.includes(process.pid) && !found.includes(parent) && !found.includes(1));
    }
  });
});

describe("control groups", () => {
  describe("that are not there", () => everyKind(() => ({ cgroups: createCgroups({}), hasGroups: false })));

  if (tree?.version === 1) {
    describe("of v1", () => {
      everyKind(() => ({ cgroups: createCgroups({ cgroups: tree }), hasGroups: true }));
      withGroups(() => createCgroups({ cgroups: tree }));
      limited(tree);
    });
  } else if (tree) {
    describe("of v2, with controllers", () => {
      everyKind(() => ({ cgroups: createCgroups({ cgroups: tree }), hasGroups: true }));
      withGroups(() => createCgroups({ cgroups: tree }));
      limited(tree);
    });
  }

  if (process.getuid?.() === 0 && unified !== undefined && tree?.version === 1) {
    // Here the controllers are with v1; what v2 does by itself can be seen all the same.
    describe("of v2, without controllers", () => {
      const folder = path.join(unified, own("drydock-test"));
      before(() => mkdirSync(folder, { recursive: true }));
      after(() => rmdirSync(folder));
      const bare: CgroupTree = { version: 2, folders: { unified: folder }, controllers: ["freezer"] };
      everyKind(() => ({ cgroups: createCgroups({ cgroups: bare }), hasGroups: true }));
      withGroups(() => createCgroups({ cgroups: bare }));
    });
  }
});

function limited(tree: CgroupTree): void {
  const cgroups = createCgroups({ cgroups: tree });
  const inGroup = async (limits: Parameters<Cgroups["create"]>[1], body: (place: CgroupPlace) => Promise<void>) => {
    const place = await cgroups.create(own("limited"), limits);
    assert.ok(place);
    try {
      await body(place);
    } finally {
      await cgroups.remove(place);
    }
  };
  it("kill what takes too much memory, and count it", () =>
    inGroup({ memoryBytes: 16 << 20, memorySwapBytes: 16 << 20 }, async (place) => {
      // A string that doubles: the shell itself grows.
      const child = await enter(place, "read go; x=0123456789abcdef; while :; do x=$x$x; done");
      child.stdin?.write("\n");
      assert.equal((await once(child, "exit"))[1], "SIGKILL");
      const usage = await cgroups.usage({ place, pid: child.pid });
      assert.equal(usage.oomKills, 1);
      assert.equal(usage.memoryLimitBytes, 16 << 20);
    }));
  it("keep the number of processes down", () =>
    inGroup({ pidsLimit: 3 }, async (place) => {
      const script = "exec 2>/dev/null; read go; sleep 1000 & sleep 1000 & sleep 1000 & echo no; wait";
      const child = await enter(place, script);
      child.stdin?.write("\n");
      await once(child, "exit");
      assert.equal((await cgroups.usage({ place, pid: child.pid })).pidsLimit, 3);
    }));
  it("change while the processes run, in any order of the kernel's checks", () =>
    inGroup({ memoryBytes: 32 << 20, memorySwapBytes: 32 << 20 }, async (place) => {
      const child = await enter(place, "exec sleep 1000");
      const limit = async () => (await cgroups.usage({ place, pid: child.pid })).memoryLimitBytes;
      await cgroups.update(place, { memoryBytes: 64 << 20, memorySwapBytes: 64 << 20 });
      assert.equal(await limit(), 64 << 20);
      await cgroups.update(place, { memoryBytes: 24 << 20, memorySwapBytes: 24 << 20, cpuQuotaUs: 50_000 });
      assert.equal(await limit(), 24 << 20);
      await cgroups.update(place, { memoryBytes: -1, memorySwapBytes: -1, cpusetCpus: "0" });
      assert.equal(await limit(), undefined);
    }));
  it("say what the kernel does not take", () =>
    inGroup({}, async (place) => {
      await assert.rejects(cgroups.update(place, { cpusetCpus: "4000" }), {
        code: "invalid-argument",
        message: /cpuset\.cpus = 4000/,
      });
    }));
  it("may not be given a name that leads elsewhere", async () => {
    await assert.rejects(cgroups.create("../x", {}), /not a file name/);
  });
}
