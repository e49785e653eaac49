import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { MonitorState } from "../../../engine/containers/folder.ts";
import { healthCommand, healthTimes, mergeHealthcheck } from "../../../engine/containers/healthcheck.ts";
import { judge } from "../../../engine/containers/monitor/health.ts";
import type { Health, Healthcheck } from "../../../engine/containers/types.ts";
import { type Lab, openLab } from "../../support/containers-lab.ts";

const second = 1_000_000_000;

describe("containers: health by Docker's rules", () => {
  const image = { Test: ["CMD-SHELL", "curl localhost"], Interval: 7 * second, Retries: 5 };

  it("takes the image's check, less what the caller says otherwise", () => {
    assert.deepEqual(mergeHealthcheck(undefined, image), {
      test: ["CMD-SHELL", "curl localhost"],
      intervalMs: 7000,
      timeoutMs: 0,
      startPeriodMs: 0,
      startIntervalMs: 0,
      retries: 5,
    });
    const own = mergeHealthcheck({ test: [], intervalMs: 100, startPeriodMs: 4 }, image);
    assert.deepEqual([own?.test, own?.intervalMs, own?.startPeriodMs, own?.retries], [image.Test, 100, 4, 5]);
    assert.deepEqual(mergeHealthcheck({ test: ["CMD", "true"] }, image)?.test, ["CMD", "true"]);
    assert.equal(mergeHealthcheck({ test: ["NONE"] }, image), undefined);
    assert.equal(mergeHealthcheck(undefined, { Test: ["NONE"] }), undefined);
    assert.equal(mergeHealthcheck(undefined, undefined), undefined);
  });

  it("runs a command as it is, and a text by the image's shell", () => {
    assert.deepEqual(healthCommand(["CMD", "a", "b"], ["/bin/sh", "-c"]), ["a", "b"]);
    assert.deepEqual(healthCommand(["CMD-SHELL", "a b"], ["/bin/bash", "-lc"]), ["/bin/bash", "-lc", "a b"]);
    assert.equal(healthCommand(["WHAT"], []), undefined);
  });

  it("is healthy after one good answer, and unhealthy after as many bad ones as it is given", () => {
    const plan = { process: {} as never, ...healthTimes({ test: [], startPeriodMs: 1000 }) };
    const answered = (...answers: readonly (readonly [number, number])[]) =>
      answers.reduce<Health>(
        (health, [startedAt, exitCode]) =>
          judge(health, { startedAt, endedAt: startedAt, exitCode, output: "" }, { plan, startedAt: 0 }),
        { status: "starting", failingStreak: 0, log: [] },
      );
    const short = ({ status, failingStreak, log }: Health) => [status, failingStreak, log.length];
    assert.deepEqual(short(answered([1, 1], [2, 1], [3, 1], [4, 1])), ["starting", 0, 4]);
    assert.deepEqual(short(answered([1, 1], [1001, 1], [1002, 1])), ["starting", 2, 3]);
    assert.deepEqual(short(answered([1001, 1], [1002, -1], [1003, 1])), ["unhealthy", 3, 3]);
    assert.deepEqual(short(answered([1, 0], [2, 1], [3, 1])), ["healthy", 2, 3]);
    assert.deepEqual(short(answered([1, 0], [2, 1], [3, 1], [4, 1])), ["unhealthy", 3, 4]);
    assert.deepEqual(short(answered([1, 1], [2, 1], [3, 1], [4, 1], [5, 1], [6, 0])), ["healthy", 0, 5]);
  });
});

describe("containers: health checks (plain processes)", () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab();
  });
  after(() => lab.close());

  const check = (script: string, more: Partial<Healthcheck> = {}): { readonly healthcheck: Healthcheck } => ({
    healthcheck: { test: ["CMD-SHELL", script], intervalMs: 30, retries: 2, ...more },
  });
  const healthOf = (id: string) => lab.containers.get(id).health;
  const event = (status: string) => lab.nextEvent(`health_status: ${status}`);
  /** What was known when the event came: more than one answer may be heard at once. */
  const healthAt = async (id: string, action: string) => {
    let health: Health | undefined;
    await lab.nextEvent(action, () => {
      health = healthOf(id);
    });
    return health;
  };

  it("tells when it becomes healthy and unhealthy, with the last five answers", async () => {
    const file = path.join(lab.home, "fine");
    const id = await lab.run("exec sleep 1000", check(`echo asked; test -e ${file}`, { retries: 6 }));
    assert.equal(healthOf(id)?.status, "starting");
    const bad = await healthAt(id, "health_status: unhealthy");
    assert.deepEqual([bad?.failingStreak, bad?.log.length], [6, 5]);
    assert.deepEqual([bad?.log[0]?.output, bad?.log[0]?.exitCode], ["asked\n", 1]);
    writeFileSync(file, "");
    assert.equal((await healthAt(id, "health_status: healthy"))?.failingStreak, 0);
    rmSync(file);
    await event("unhealthy");
    await lab.containers.stop(id);
    assert.equal(healthOf(id)?.status, "unhealthy");
    await lab.containers.start(id);
    assert.equal(healthOf(id)?.status, "starting");
    await lab.containers.remove(id, { force: true });
  });

  it("asks without an engine, and the next engine knows", async () => {
    const asked = path.join(lab.home, "asked");
    const id = await lab.run("exec sleep 1000", check(`echo >> ${asked}`));
    await event("healthy");
    lab.containers.close();
    const last = healthOf(id)?.log.at(-1)?.endedAt ?? 0;
    const file = path.join(lab.home, "containers", id, "monitor.json");
    const lastWritten = () => (JSON.parse(readFileSync(file, "utf8")) as MonitorState).health?.log.at(-1)?.endedAt ?? 0;
    while (lastWritten() <= last) await new Promise((resolve) => setTimeout(resolve, 10));
    await lab.reopen();
    assert.equal(healthOf(id)?.status, "healthy");
    assert.ok((healthOf(id)?.log.at(-1)?.endedAt ?? 0) > last);
    await lab.containers.remove(id, { force: true });
  });

  it("gives up on a check that takes too long, keeps 4096 bytes of its words, and asks nothing while paused", async () => {
    const slow = await lab.run("exec sleep 1000", check("exec sleep 100", { timeoutMs: 40, retries: 1 }));
    await event("unhealthy");
    assert.deepEqual(
      [healthOf(slow)?.log[0]?.exitCode, healthOf(slow)?.log[0]?.output],
      [-1, "Health check exceeded timeout (0.04s)"],
    );
    await lab.containers.remove(slow, { force: true });

    const loud = await lab.run("exec sleep 1000", check("head -c 100000 /dev/zero | tr '\\0' x"));
    await event("healthy");
    assert.equal(healthOf(loud)?.log[0]?.output, "x".repeat(4096));
    await lab.containers.pause(loud);
    const { log } = healthOf(loud) ?? { log: [] };
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.ok((healthOf(loud)?.log.at(-1)?.startedAt ?? 0) <= (log.at(-1)?.startedAt ?? 0) + 40);
    await lab.containers.unpause(loud);
    await lab.containers.remove(loud, { force: true });
  });

  it("asks anew after each restart", async () => {
    const id = await lab.run("exec sleep 1000", {
      ...check("true"),
      restartPolicy: { name: "always", maximumRetryCount: 0 },
    });
    await event("healthy");
    const again = event("healthy");
    process.kill(lab.containers.get(id).pid ?? 0, "SIGKILL");
    assert.equal((await healthAt(id, "start"))?.status, "starting");
    await again;
    await lab.containers.remove(id, { force: true });
  });
});
