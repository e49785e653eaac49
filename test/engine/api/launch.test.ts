import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import type { PassThrough } from "node:stream";
import { isOwner, lockHome } from "../../../engine/home-lock.ts";
import { watchIdle } from "../../../engine/idle.ts";
import { askStatus, launchEngine, prepareFolders } from "../../../engine/launch.ts";
import { fakeEngine } from "../../support/fake-engine.ts";
import { scratchFolder } from "../../support/scratch.ts";

describe("starting the engine", () => {
  const scratch = scratchFolder();
  const uid = process.getuid?.() ?? 0;
  const paths = () => ({
    home: path.join(scratch(), "home"),
    runtimeDir: path.join(scratch(), "run"),
    socket: path.join(scratch(), "run/engine.sock"),
  });
  const noDaemon = () => Promise.reject(new Error("no daemon is to be started"));

  it("makes folders that are the owner's alone", () => {
    prepareFolders(paths(), uid);
    for (const folder of [paths().home, paths().runtimeDir]) assert.equal(statSync(folder).mode & 0o777, 0o700);
  });

  it("refuses folders that others may write to, links, and other people's", () => {
    const { home, runtimeDir } = paths();
    mkdirSync(runtimeDir);
    chmodSync(runtimeDir, 0o770);
    assert.throws(() => prepareFolders(paths(), uid), { code: "forbidden" });
    chmodSync(runtimeDir, 0o700);
    assert.throws(() => prepareFolders(paths(), uid + 1), { code: "forbidden" });
    rmdirSync(runtimeDir);
    symlinkSync(home, runtimeDir);
    assert.throws(() => prepareFolders(paths(), uid), { code: "forbidden" });
  });

  it("says so where nothing can be made, and comes back", () => {
    assert.throws(() => prepareFolders({ ...paths(), home: "/proc/drydock/home" }, uid), /cannot be made/);
  });

  it("says which of the two variables is not a full path", async () => {
    const spawnDaemon = () => assert.fail("nothing is started");
    const launch = (changed: object) => launchEngine({ paths: { ...paths(), ...changed }, uid, spawnDaemon });
    await assert.rejects(launch({ home: "data" }), { code: "invalid-argument", message: /DRYDOCK_HOME is data/ });
    await assert.rejects(launch({ socket: "tcp://x" }), { code: "invalid-argument", message: /DRYDOCK_HOST is tcp/ });
  });

  it("finds the engine that answers", async () => {
    const engine = await fakeEngine();
    const found = { ...paths(), socket: engine.socket };
    const status = await launchEngine({ paths: found, uid, spawnDaemon: noDaemon });
    assert.equal(status.socket, engine.socket);
    await engine.close();
    assert.equal(await askStatus(engine.socket), undefined);
  });

  it("tells why a daemon did not start: its own words, or the end of its log", async () => {
    const dying = (script: string) => async (logFd: number) => {
      const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", logFd, logFd, "pipe"] });
      return { child, ready: child.stdio[3] as PassThrough };
    };
    const report = JSON.stringify({
      error: { message: "no room", drydock: { code: "disk-full", message: { template: "no room" } } },
    });
    await assert.rejects(
      launchEngine({ paths: paths(), uid, spawnDaemon: dying(`fs.writeSync(3, ${JSON.stringify(`${report}\n`)})`) }),
      { code: "disk-full", message: "no room" },
    );
    await assert.rejects(
      launchEngine({ paths: paths(), uid, spawnDaemon: dying("console.error('last words'); process.exit(1)") }),
      /did not start: last words/,
    );
  });

  it("puts a long log aside", async () => {
    const { home } = paths();
    mkdirSync(home, { mode: 0o700 });
    writeFileSync(path.join(home, "engine.log"), Buffer.alloc(6 * 1024 * 1024));
    await assert.rejects(launchEngine({ paths: paths(), uid, spawnDaemon: noDaemon }));
    assert.equal(statSync(path.join(home, "engine.log")).size, 0);
    assert.ok(existsSync(path.join(home, "engine.log.1")));
  });

  describe("the lock of a home", () => {
    it("has one owner at a time", () => {
      const lock = lockHome(scratch(), "/a.sock");
      assert.ok(!isOwner(lock));
      const second = lockHome(scratch(), "/b.sock");
      assert.ok(isOwner(second));
      assert.deepEqual([second.pid, second.socket], [process.pid, "/a.sock"]);
      lock.release();
      const third = lockHome(scratch(), "/b.sock");
      assert.ok(!isOwner(third));
      third.release();
      assert.ok(!existsSync(path.join(scratch(), "engine.lock")));
    });

    it("does not count when its owner was killed, nor when it is damaged", async () => {
      const child = spawn("sleep", ["60"]);
      await once(child, "spawn");
      const stat = readFileSync(`/proc/${child.pid}/stat`, "latin1");
      const startTime = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
      const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
      const file = path.join(scratch(), "engine.lock");
      writeFileSync(file, JSON.stringify({ pid: child.pid, startTime, bootId, socket: "/a.sock" }));
      assert.ok(isOwner(lockHome(scratch(), "/b.sock")));
      child.kill("SIGKILL");
      await once(child, "exit");
      const lock = lockHome(scratch(), "/b.sock");
      assert.ok(!isOwner(lock));
      lock.release();
      writeFileSync(file, "{");
      assert.ok(!isOwner(lockHome(scratch(), "/b.sock")));
    });
  });

  it("ends when it has been idle, and not before", async () => {
    let busy = true;
    let idle = false;
    const ended = new Promise<void>((resolve) => {
      watchIdle({
        idleMs: 60,
        isBusy: () => busy,
        onIdle: () => {
          idle = true;
          resolve();
        },
      });
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(idle, false);
    busy = false;
    await ended;
  });
});
