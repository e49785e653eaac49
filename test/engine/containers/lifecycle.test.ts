import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import path from "node:path";
import type { EngineError } from "../../../engine/base/errors.ts";
import type { MonitorState } from "../../../engine/containers/folder.ts";
import { changedResources, limitsOf, resourceWarnings } from "../../../engine/containers/resources.ts";
import { networkCounters } from "../../../engine/containers/stats.ts";
import { type Lab, logText, logUntil, monitorsOf, openLab } from "../../support/containers-lab.ts";

const failsWith = (code: string) => (error: EngineError) => error.code === code;

describe("containers: limits", () => {
  it("are the kernel's numbers, with as much swap as memory", () => {
    assert.deepEqual(limitsOf({ memoryBytes: 1000, nanoCpus: 1_500_000_000, pidsLimit: 9 }), {
      memoryBytes: 1000,
      memorySwapBytes: 2000,
      cpuPeriodUs: 100_000,
      cpuQuotaUs: 150_000,
      pidsLimit: 9,
    });
    assert.deepEqual(limitsOf({ memoryBytes: 1000, memorySwapBytes: -1 }), { memoryBytes: 1000, memorySwapBytes: -1 });
    assert.deepEqual(limitsOf({ memoryBytes: -1 }), { memoryBytes: -1, memorySwapBytes: -1 });
    assert.deepEqual(limitsOf({}), {});
  });

  it("that change leave the others as they are; CPUs and CPU time replace each other", () => {
    assert.deepEqual(changedResources({ memoryBytes: 5, nanoCpus: 1 }, { cpuQuotaUs: 7 }), {
      memoryBytes: 5,
      cpuQuotaUs: 7,
    });
    assert.deepEqual(changedResources({ cpuQuotaUs: 7, cpuPeriodUs: 8 }, { nanoCpus: 2 }), { nanoCpus: 2 });
    assert.deepEqual(changedResources({ pidsLimit: 1 }, { memoryBytes: 3 }), { pidsLimit: 1, memoryBytes: 3 });
  });

  it("that cannot be set here are warned of, those that ask for nothing are not", () => {
    const resources = { memoryBytes: 9, pidsLimit: -1, cpuShares: 0, cpusetCpus: "0" };
    assert.equal(resourceWarnings({ resources }, new Set()).length, 2);
    assert.equal(resourceWarnings({ resources }, new Set(["memory", "cpuset"])).length, 0);
  });

  it("traffic is counted for each interface but loopback", () => {
    const text =
      "Inter-|   Receive\n face |bytes\n    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n  eth0:12 3 4 5 0 0 0 0 67 8 9 10 0 0 0 0\n";
    const eth0 = {
      rxBytes: 12,
      rxPackets: 3,
      rxErrors: 4,
      rxDropped: 5,
      txBytes: 67,
      txPackets: 8,
      txErrors: 9,
      txDropped: 10,
    };
    assert.deepEqual(networkCounters(text), { eth0 });
  });
});

describe("containers: life of a container (plain processes)", () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab();
  });
  after(() => lab.close());

  const actionsOf = (id: string) => lab.events.filter((event) => event.id === id).map(({ action }) => action);
  const monitorOf = (id: string) =>
    (JSON.parse(readFileSync(path.join(lab.home, "containers", id, "monitor.json"), "utf8")) as MonitorState).monitor;

  it("is paused and goes on: no exec, no attach, no start, no removal meanwhile, also for the next engine", async () => {
    const id = await lab.run("i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done");
    await logUntil(lab.containers, id, "3\n");
    await lab.containers.pause(id);
    assert.equal(lab.containers.get(id).status, "paused");
    await lab.reopen();
    assert.equal(lab.containers.get(id).status, "paused");
    for (const refused of [
      () => lab.containers.pause(id),
      () => lab.containers.createExec(id, { args: ["true"] }),
      () => lab.containers.attach(id),
      () => lab.containers.start(id),
      () => lab.containers.remove(id, { force: false }),
    ]) {
      await assert.rejects(refused, failsWith("conflict"));
    }
    const before = await logText(lab.containers, id);
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(await logText(lab.containers, id), before);
    await lab.containers.unpause(id);
    await assert.rejects(lab.containers.unpause(id), failsWith("conflict"));
    await logUntil(lab.containers, id, `\n${Number(before.trim().split("\n").at(-1)) + 5}\n`);
    await lab.containers.pause(id);
    await lab.containers.stop(id);
    assert.equal(lab.containers.get(id).exitCode, 143);
    const actions = actionsOf(id).filter((action) => /pause|stop|die/.test(action));
    assert.deepEqual(actions, ["pause", "unpause", "pause", "unpause", "die", "stop"]);
    await assert.rejects(lab.containers.pause(id), failsWith("conflict"));
  });

  it("a paused one is killed and removed by force", async () => {
    const id = await lab.run("exec sleep 1000");
    await lab.containers.pause(id);
    await lab.containers.remove(id, { force: true });
    assert.ok(!existsSync(path.join(lab.home, "containers", id)));
  });

  it("a removal that comes during a start takes what was started along, or refuses", async () => {
    const options = { image: "test", cmd: ["sleep", "1000"], networkMode: "host" };
    const { id } = await lab.containers.create(options);
    const starting = lab.containers.start(id);
    await lab.containers.remove(id, { force: true });
    assert.equal(await starting, true);
    // It says that it ends, and is gone a moment later.
    const left = () => monitorsOf(lab.home).filter((line) => line.includes(id));
    for (let tries = 0; tries < 250 && left().length > 0; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.deepEqual(left(), []);
    const polite = await lab.containers.create(options);
    const again = lab.containers.start(polite.id);
    await assert.rejects(lab.containers.remove(polite.id, { force: false }), failsWith("conflict"));
    await again;
    await lab.containers.remove(polite.id, { force: true });
  });

  it("a stop or a kill that comes during a start ends what was started", async () => {
    const options = { image: "test", cmd: ["sleep", "1000"], networkMode: "host" };
    const { id } = await lab.containers.create(options);
    for (const end of ["stop", "kill"] as const) {
      const starting = lab.containers.start(id);
      if (end === "stop") assert.equal(await lab.containers.stop(id), true);
      else await lab.containers.kill(id);
      assert.equal(await starting, true);
      assert.equal(lab.containers.get(id).status, "exited");
    }
    assert.equal(await lab.containers.stop(id), false);
    await lab.containers.remove(id, { force: false });
  });

  it("says what it uses while it runs", async () => {
    const id = await lab.run("exec sleep 1000");
    const { machineCpuNs, onlineCpus, memoryLimitBytes, networks, pids } = await lab.containers.stats(id);
    assert.ok(machineCpuNs > 0n && onlineCpus > 0 && memoryLimitBytes > 1e6 && pids === 1);
    assert.deepEqual(networks, {});
    await lab.containers.remove(id, { force: true });
  });

  it("is renamed while it runs; its next events have the new name", async () => {
    const id = await lab.run("exec sleep 1000", { name: "before" });
    await lab.containers.rename("before", "behind");
    await lab.containers.kill("behind", "2");
    assert.equal(await lab.containers.wait("behind", "not-running"), 130);
    assert.equal(lab.events.findLast((event) => event.id === id)?.attributes.name, "behind");
    await assert.rejects(lab.containers.kill("behind", "0"), failsWith("invalid-argument"));
  });

  it("keeps its name, and the other one free, when the new one cannot be written down", async () => {
    const { id } = await lab.containers.create({ image: "test", name: "first", networkMode: "host" });
    const folder = path.join(lab.home, "containers", id);
    renameSync(folder, `${folder}.away`);
    await assert.rejects(lab.containers.rename("first", "second"), failsWith("ENOENT"));
    renameSync(`${folder}.away`, folder);
    assert.equal(lab.containers.get("first").name, "first");
    assert.equal((await lab.containers.create({ image: "test", name: "second", networkMode: "host" })).name, "second");
  });

  it("keeps why it could not start, and its number", async () => {
    const { id } = await lab.containers.create({ image: "test", cmd: ["/no/such"], networkMode: "host" });
    await assert.rejects(lab.containers.start(id), failsWith("command-not-found"));
    const { status, exitCode, error } = lab.containers.get(id);
    assert.deepEqual([status, exitCode], ["created", 127]);
    assert.match(error ?? "", /no such command/);
    assert.equal(await lab.containers.wait(id, "not-running"), 127);
  });

  it("joins namespaces of containers that run only", async () => {
    const other = await lab.run("exec sleep 1000");
    const joining = { image: "test", cmd: ["true"], networkMode: "host", pidMode: `container:${other.slice(0, 12)}` };
    const first = await lab.containers.create(joining);
    assert.equal(await lab.containers.start(first.id), true);
    await lab.containers.remove(other, { force: true });
    const second = await lab.containers.create({ ...joining, pidMode: `container:${first.id}` });
    await lab.containers.wait(first.id, "not-running");
    await assert.rejects(lab.containers.start(second.id), failsWith("conflict"));
    const third = await lab.containers.create({ ...joining, ipcMode: "container:nobody" });
    await assert.rejects(lab.containers.start(third.id), failsWith("not-found"));
  });

  it("keeps no log with the driver none", async () => {
    const id = await lab.run("echo said", { log: { driver: "none", options: {} } });
    await lab.containers.wait(id, "not-running");
    assert.throws(
      () => lab.containers.logs(id, { stdout: true, stderr: true, follow: false }),
      failsWith("unsupported"),
    );
    assert.deepEqual(
      readdirSync(path.join(lab.home, "containers", id)).filter(
        (name) => name.endsWith(".log") && name !== "monitor.log",
      ),
      [],
    );
  });

  it("with --rm is restarted without being removed, and goes when it ends without an engine", async () => {
    const id = await lab.run("exec sleep 1000", { autoRemove: true });
    await lab.containers.restart(id, { timeoutSeconds: 1 });
    const { status, pid = 0 } = lab.containers.get(id);
    assert.equal(status, "running");
    const monitor = monitorOf(id);
    lab.containers.close();
    process.kill(pid, "SIGKILL");
    while (existsSync(`/proc/${monitor.pid}/stat`)) await new Promise((resolve) => setTimeout(resolve, 5));
    const removed = lab.nextEvent("destroy");
    await lab.reopen();
    assert.equal((await removed).id, id);
    assert.throws(() => lab.containers.get(id), failsWith("not-found"));
  });

  it("ends its attachments with the process, and the log that somebody follows", async () => {
    const id = await lab.run("read x; exit 1", {
      openStdin: true,
      restartPolicy: { name: "always", maximumRetryCount: 0 },
    });
    const attachment = await lab.containers.attach(id);
    const followed = logText(lab.containers, id, { follow: true });
    attachment.write(Buffer.from("\n"));
    for await (const _ of attachment.output);
    assert.equal(await followed, "");
    // The input is open again: it waits.
    const isUpAgain = () => lab.containers.get(id).status === "running" && lab.containers.get(id).restartCount === 1;
    while (!isUpAgain()) await lab.nextEvent("start");
    await lab.containers.remove(id, { force: true });
  });

  it("loses no exit code to a full disk while an engine is there", async () => {
    const id = await lab.run("read x; exit 9", { openStdin: true });
    const attachment = await lab.containers.attach(id);
    // exit.json cannot be written: a folder is in its place.
    mkdirSync(path.join(lab.home, "containers", id, "exit.json", "in the way"), { recursive: true });
    attachment.write(Buffer.from("\n"));
    assert.equal(await lab.containers.wait(id, "not-running"), 9);
    await lab.containers.remove(id, { force: true });
  });
});
