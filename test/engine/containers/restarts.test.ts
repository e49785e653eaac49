import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { EngineError } from "../../../engine/base/errors.ts";
import type { MonitorState } from "../../../engine/containers/folder.ts";
import { Restarts, startedByEngine } from "../../../engine/containers/restarts.ts";
import type { Container, RestartPolicy } from "../../../engine/containers/types.ts";
import { type Lab, logText, logUntil, openLab } from "../../support/containers-lab.ts";

const failsWith = (code: string) => (error: EngineError) => error.code === code;
const policy = (name: RestartPolicy["name"], maximumRetryCount = 0): RestartPolicy => ({ name, maximumRetryCount });

describe("containers: restart policy", () => {
  const short = { exitCode: 1, ranMs: 5 };

  it("waits 100 ms, then twice as long each time up to a minute, and begins anew after ten seconds of running", () => {
    const restarts = new Restarts(policy("always"));
    const waits = Array.from({ length: 12 }, () => restarts.next(short));
    assert.deepEqual(waits, [100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200, 60000, 60000]);
    assert.equal(restarts.next({ exitCode: 0, ranMs: 10_000 }), 100);
    assert.equal(restarts.count, 13);
  });

  it("on-failure starts again after failures only, as often as it says", () => {
    const restarts = new Restarts(policy("on-failure", 2));
    assert.deepEqual([restarts.next(short), restarts.next(short), restarts.next(short)], [100, 200, undefined]);
    assert.equal(new Restarts(policy("on-failure")).next({ exitCode: 0, ranMs: 5 }), undefined);
  });

  it("ends with whoever wants the end, and changes while it runs", () => {
    const restarts = new Restarts(policy("no"));
    assert.equal(restarts.next(short), undefined);
    restarts.change(policy("unless-stopped"));
    assert.equal(restarts.next(short), 100);
    restarts.end();
    assert.equal(restarts.next(short), undefined);
  });

  it("an engine starts what its monitor could not: after a crash of the monitor, after a start of the machine", () => {
    const wants = (name: RestartPolicy["name"], more: Partial<Parameters<typeof startedByEngine>[0]>) =>
      startedByEngine({
        policy: policy(name),
        exitCode: 137,
        stoppedByUser: false,
        cutOff: false,
        machineRestarted: false,
        ...more,
      });
    assert.deepEqual(
      (["no", "on-failure", "unless-stopped", "always"] as const).map((name) => [
        wants(name, { cutOff: true }),
        wants(name, { cutOff: true, machineRestarted: true }),
        wants(name, { machineRestarted: true }),
        wants(name, { machineRestarted: true, stoppedByUser: true }),
        wants(name, { stoppedByUser: true }),
      ]),
      [
        [false, false, false, false, false],
        [true, true, false, false, false],
        [true, true, true, false, false],
        [true, true, true, true, false],
      ],
    );
  });
});

describe("containers: restarts (plain processes)", () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab();
  });
  after(() => lab.close());

  const stateOf = (id: string) =>
    JSON.parse(readFileSync(path.join(lab.home, "containers", id, "monitor.json"), "utf8")) as MonitorState;
  const actionsOf = (id: string) => lab.events.filter((event) => event.id === id).map(({ action }) => action);
  const until = async (id: string, fits: (container: Container) => boolean) => {
    while (!fits(lab.containers.get(id))) await lab.nextEvent();
  };

  it("starts again what fails, as often as it was told, and keeps the last exit code", async () => {
    const id = await lab.run("echo run; exit 3", { restartPolicy: policy("on-failure", 2) });
    assert.equal(await lab.containers.wait(id, "next-exit"), 3);
    await until(id, ({ status }) => status === "exited");
    const { exitCode, restartCount, pid } = lab.containers.get(id);
    assert.deepEqual([exitCode, restartCount, pid], [3, 2, undefined]);
    assert.equal(await logText(lab.containers, id), "run\nrun\nrun\n");
    assert.deepEqual(actionsOf(id), ["create", "start", "die", "start", "die", "start", "die"]);
    await lab.containers.start(id);
    assert.equal(lab.containers.get(id).restartCount, 0);
    await lab.containers.stop(id);
  });

  it("is restarting in between: neither exec nor attach nor pause, but stop, and it stays stopped", async () => {
    const id = await lab.run("exit 1", { restartPolicy: policy("always") });
    // The pause has doubled four times: long enough for all that is asked in it.
    await until(id, ({ status, restartCount }) => status === "restarting" && restartCount >= 4);
    const { pid, exitCode } = lab.containers.get(id);
    assert.deepEqual([pid, exitCode], [undefined, 1]);
    await assert.rejects(lab.containers.createExec(id, { args: ["true"] }), failsWith("conflict"));
    await assert.rejects(lab.containers.attach(id), failsWith("conflict"));
    await assert.rejects(lab.containers.pause(id), failsWith("conflict"));
    await assert.rejects(lab.containers.stats(id), failsWith("conflict"));
    await assert.rejects(lab.containers.remove(id, { force: false }), failsWith("conflict"));
    assert.equal(lab.containers.runningCount >= 1, true);
    assert.equal(await lab.containers.start(id), false);
    assert.equal(await lab.containers.stop(id), true);
    const stopped = lab.containers.get(id);
    assert.deepEqual([stopped.status, stopped.stoppedByUser, stopped.exitCode], ["exited", true, 1]);
    assert.ok(!lab.mounted.has(id));
  });

  it("goes on while no engine runs, and the next engine sees the truth", async () => {
    const id = await lab.run("echo up; exec sleep 1000", { restartPolicy: policy("unless-stopped") });
    await logUntil(lab.containers, id, "up");
    const first = lab.containers.get(id).pid ?? 0;
    lab.containers.close();
    process.kill(first, "SIGKILL");
    while (stateOf(id).restartCount === 0 || stateOf(id).status !== "running") {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await lab.reopen();
    const { status, restartCount, pid } = lab.containers.get(id);
    assert.deepEqual([status, restartCount], ["running", 1]);
    assert.notEqual(pid, first);
    await logUntil(lab.containers, id, "up\nup\n");
    await lab.containers.kill(id);
    assert.equal(lab.containers.get(id).status, "exited");
    assert.equal(await logText(lab.containers, id), "up\nup\n");
  });

  it("a signal that is not meant to end it does not keep it from being started again", async () => {
    const id = await lab.run("trap 'exit 4' USR1; echo up; while :; do sleep 0.02; done", {
      restartPolicy: policy("on-failure"),
    });
    await logUntil(lab.containers, id, "up");
    await lab.containers.kill(id, "10");
    await until(id, ({ status, restartCount }) => status === "running" && restartCount === 1);
    await lab.containers.kill(id, "SIGTERM");
    await lab.containers.wait(id, "not-running");
    await until(id, ({ status }) => status === "exited");
    assert.equal(lab.containers.get(id).stoppedByUser, true);
  });

  it("a new policy counts at once", async () => {
    const id = await lab.run("exec sleep 1000");
    const { pid = 0 } = lab.containers.get(id);
    await lab.containers.update(id, { restartPolicy: policy("always") });
    process.kill(pid, "SIGKILL");
    await until(id, ({ status, restartCount }) => status === "running" && restartCount === 1);
    assert.equal(lab.containers.get(id).options.restartPolicy?.name, "always");
    await lab.containers.remove(id, { force: true });
    const removed = await lab.run("exec sleep 1000", { autoRemove: true });
    await assert.rejects(
      lab.containers.update(removed, { restartPolicy: policy("always") }),
      failsWith("invalid-argument"),
    );
    await lab.containers.remove(removed, { force: true });
  });

  it("is started again by the engine when its monitor was killed", async () => {
    const id = await lab.run("echo up; exec sleep 1000", { restartPolicy: policy("always") });
    await logUntil(lab.containers, id, "up");
    const { monitor } = stateOf(id);
    const started = lab.nextEvent("start");
    process.kill(monitor.pid, "SIGKILL");
    await started;
    assert.notEqual(stateOf(id).monitor.pid, monitor.pid);
    await lab.containers.remove(id, { force: true });
  });

  it("that is told to end by one engine is not started again by the next", async () => {
    const id = await lab.run("trap '' TERM; echo up; while :; do sleep 1; done", {
      restartPolicy: policy("unless-stopped"),
    });
    await logUntil(lab.containers, id, "up");
    await lab.containers.kill(id, "TERM");
    await lab.reopen();
    assert.equal(lab.containers.get(id).stoppedByUser, true);
    process.kill(stateOf(id).monitor.pid, "SIGKILL");
    await until(id, ({ status }) => status === "exited");
    await lab.reopen();
    assert.equal(lab.containers.get(id).status, "exited");
    await lab.containers.remove(id, { force: true });
  });

  it("twice at once keeps a container that goes when it ends", async () => {
    const id = await lab.run("exec sleep 1000", { autoRemove: true });
    const restart = () => lab.containers.restart(id, { timeoutSeconds: 0 });
    const stopped = lab.nextEvent("stop");
    const first = restart();
    await stopped;
    // Now it is being started.
    await new Promise(setImmediate);
    await Promise.all([first, restart()]);
    assert.equal(lab.containers.get(id).status, "running");
    const gone = lab.containers.wait(id, "removed");
    await lab.containers.kill(id);
    assert.equal(await gone, 137);
  });

  it("is started again by the engine though a signal came that is not meant to end it", async () => {
    const id = await lab.run("exec sleep 1000", { restartPolicy: policy("always") });
    const died = lab.nextEvent("die");
    process.kill(stateOf(id).monitor.pid, "SIGKILL");
    await died;
    const started = lab.nextEvent("start");
    await lab.containers.kill(id, "HUP");
    await started;
    assert.equal(lab.containers.get(id).stoppedByUser, undefined);
    await lab.containers.remove(id, { force: true });
  });

  it("is stopped while the engine is about to start it again", async () => {
    for (const [name, end] of [
      ["always", "stop"],
      ["always", "kill"],
      ["on-failure", "stop"],
    ] as const) {
      const id = await lab.run("exec sleep 1000", { restartPolicy: policy(name) });
      const died = lab.nextEvent("die");
      process.kill(stateOf(id).monitor.pid, "SIGKILL");
      await died;
      assert.equal(lab.containers.get(id).status, "restarting");
      await assert.rejects(lab.containers.remove(id, { force: false }), failsWith("conflict"));
      if (end === "stop") assert.equal(await lab.containers.stop(id), true);
      else await lab.containers.kill(id);
      assert.equal(lab.containers.get(id).status, "exited");
      assert.match(lab.containers.get(id).error ?? "", /monitor process was killed/);
      await lab.reopen();
      assert.equal(lab.containers.get(id).status, "exited");
      await lab.containers.remove(id, { force: true });
    }
  });

  it("is started by the first engine after a start of the machine: what should run, and always what is always wanted", async () => {
    for (const { id } of lab.containers.list()) await lab.containers.remove(id, { force: true });
    const ids: Record<string, string> = {};
    for (const name of ["no", "unless-stopped", "always"] as const) {
      ids[name] = await lab.run("exec sleep 1000", { restartPolicy: policy(name) });
      ids[`${name} stopped`] = await lab.run("exec sleep 1000", { restartPolicy: policy(name) });
      await lab.containers.stop(ids[`${name} stopped`] ?? "", { timeoutSeconds: 0 });
    }
    lab.containers.close();
    // As if the machine had gone down: nothing runs, and what was written down is of another boot.
    for (const id of Object.values(ids)) {
      const file = path.join(lab.home, "containers", id, "monitor.json");
      try {
        const state = stateOf(id);
        process.kill(state.monitor.pid, "SIGKILL");
        process.kill(state.process?.pid ?? 0, "SIGKILL");
        writeFileSync(file, JSON.stringify({ ...state, monitor: { ...state.monitor, bootId: "earlier" } }));
      } catch {
        // Stopped: there is none.
      }
    }
    writeFileSync(path.join(lab.home, "last-boot.json"), JSON.stringify({ bootId: "earlier" }));
    lab.events.length = 0;
    await lab.reopen();
    while (lab.events.filter(({ action }) => action === "start").length < 3) await lab.nextEvent("start");
    const running = Object.entries(ids).flatMap(([name, id]) =>
      lab.containers.get(id).status === "running" ? [name] : [],
    );
    assert.deepEqual(running, ["unless-stopped", "always", "always stopped"]);
    for (const id of Object.values(ids)) await lab.containers.remove(id, { force: true });
  });
});
