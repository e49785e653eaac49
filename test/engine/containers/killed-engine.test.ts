import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { bundleProgram, type Lab, logText, logUntil, monitorsOf, openLab } from "../../support/containers-lab.ts";

describe("containers: an engine that is killed", () => {
  let lab: Lab;
  let program: string;
  before(async () => {
    lab = await openLab();
    program = await bundleProgram("test/support/engine-child.ts", path.join(lab.home, "engine-child.js"));
  });
  after(() => lab.close());

  const startEngine = (mode: string) =>
    spawn(process.execPath, [program, lab.home, mode], { stdio: ["ignore", "pipe", "inherit"] });
  const kill = async (engine: ChildProcess) => {
    const ended = once(engine, "exit");
    engine.kill("SIGKILL");
    await ended;
  };

  it("leaves its containers running, with a log without gaps, to the next one", async () => {
    const engine = startEngine("once");
    const [id] = (await once(createInterface({ input: engine.stdout }), "line")) as [string];
    await kill(engine);
    await lab.reopen();
    assert.equal(lab.containers.get(id).status, "running");
    const next = Number((await logText(lab.containers, id, { tail: 1 })).trim() || 0) + 30;
    const lines = (await logUntil(lab.containers, id, `\n${next}\n`)).trim().split("\n").map(Number);
    assert.deepEqual(
      lines,
      [...lines.keys()].map((index) => index + 1),
    );
    await lab.containers.stop(id);
    assert.equal(lab.containers.get(id).exitCode, 143);
  });

  it("leaves nothing half done, whenever it was killed", async function () {
    this.timeout(180_000);
    for (let round = 0; round < 12; round += 1) {
      const engine = startEngine("forever");
      const seen: string[] = [];
      createInterface({ input: engine.stdout }).on("line", (id) => seen.push(id));
      await once(engine.stdout, "data");
      await delay(round * 7);
      await kill(engine);
      await lab.reopen();
      for (const id of seen) assert.equal(lab.containers.get(id).status, "running");
      for (const { id, status } of lab.containers.list()) {
        assert.ok(["created", "running", "exited"].includes(status), status);
        await lab.containers.remove(id, { force: true });
      }
      assert.deepEqual(readdirSync(path.join(lab.home, "containers")), []);
    }
    // A monitor that was just being started ends by itself, a moment later.
    for (let tries = 0; tries < 200 && monitorsOf(lab.home).length > 0; tries += 1) await delay(20);
    assert.deepEqual(monitorsOf(lab.home), []);
  });
});
