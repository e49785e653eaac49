import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { MonitorState } from "../../../engine/containers/folder.ts";
import { findCgroupTree } from "../../../engine/runtime/cgroups/tree.ts";
import { allPids } from "../../../engine/runtime/proc.ts";
import { insideVariable, ordinaryUser, runAgain, userNamespaces } from "../../support/as-user.ts";
import type { BusyWord } from "../../support/busy-engine-child.ts";
import { bundleProgram, type Lab } from "../../support/containers-lab.ts";
import { mountsBelow, openSystemLab, systemLabOver } from "../../support/containers-system-lab.ts";

const kills = Number(process.env.DRYDOCK_KILLS ?? 6);
const soak = Number(process.env.DRYDOCK_SOAK ?? 50);

if (process.env[insideVariable]) isolated();
else
  describe("containers: kill -9 at any time (isolated)", function () {
    this.timeout(3_600_000);
    it("as root", () => runAgain({ bundle: __filename, inside: "root", prefix: ["unshare", "--mount"] }));
    it("as an ordinary user", () =>
      runAgain({ bundle: __filename, inside: "user", user: ordinaryUser(), prefix: userNamespaces }));
  });

type Known = { is: BusyWord["is"] | "unknown"; restarts: boolean };

function isolated(): void {
  describe("containers: kill -9 at any time", function () {
    this.timeout(3_600_000);
    let lab: Lab;
    before(async () => {
      lab = await openSystemLab();
    });
    after(() => lab.close());

    const folder = (id: string) => path.join(lab.home, "containers", id);
    const stateOf = (id: string): MonitorState | undefined => {
      try {
        return JSON.parse(readFileSync(path.join(folder(id), "monitor.json"), "utf8")) as MonitorState;
      } catch {
        return undefined;
      }
    };
    const hasEnded = (id: string) => existsSync(path.join(folder(id), "exit.json"));
    const kill = (pid: number | undefined) => {
      try {
        if (pid) process.kill(pid, "SIGKILL");
      } catch {
        // It was faster.
      }
    };
    const processesOf = (ids: Iterable<string>) => {
      const wanted = [...ids];
      return allPids().filter((pid) => {
        const line = commandOf(pid);
        return wanted.some((id) => line.includes(id));
      });
    };

    it(`after each of ${kills} rounds of kills the next engine knows the truth, and nothing is left over`, async () => {
      const program = await bundleProgram("test/support/busy-engine-child.ts", path.join(lab.home, "busy.js"));
      const known = new Map<string, Known>();
      for (let round = 0; round < kills; round += 1) {
        lab.containers.close();
        const engine = spawn(process.execPath, [program, lab.home], { stdio: ["ignore", "pipe", "inherit"] });
        const ended = once(engine, "exit");
        const heard = listen(engine, known);
        await Promise.race([heard.first, ended]);
        await delay(Math.random() * 1200);
        const hurt = new Set<string>();
        const victims = [...known].filter(([, { is }]) => is === "running").map(([id]) => id);
        const victim = victims[Math.floor(Math.random() * victims.length)];
        const hurtOne = () => {
          const state = victim === undefined ? undefined : stateOf(victim);
          if (!state || victim === undefined) return;
          hurt.add(victim);
          const pid = Math.random() < 0.5 ? state.monitor.pid : state.process?.pid;
          kill(pid);
          // It may have ended unheard, and its monitor have another container by now.
          for (const id of known.keys()) if (pid === stateOf(id)?.monitor.pid && !hasEnded(id)) hurt.add(id);
        };
        // Before, after, or at the same time.
        const order = round % 4;
        if (order === 0) {
          hurtOne();
          await delay(Math.random() * 200);
        }
        if (order === 1) hurtOne();
        engine.kill("SIGKILL");
        await ended;
        await heard.all;
        if (order === 2) hurtOne();
        lab = await systemLabOver(lab.home);
        await lab.containers.recover();
        await agree(known, hurt);
      }
      const ids = [...known.keys(), ...lab.containers.list().map(({ id }) => id)];
      for (const { id } of lab.containers.list()) await lab.containers.remove(id, { force: true });
      assert.deepEqual(readdirSync(path.join(lab.home, "containers")), []);
      await nothingLeft(ids);
    });

    /** What was acknowledged is so; what was hurt is up again or has ended, as its policy says. */
    async function agree(known: Map<string, Known>, hurt: ReadonlySet<string>): Promise<void> {
      for (const [id, { is, restarts }] of known) {
        const find = () => lab.containers.list().find((container) => container.id === id);
        if (is === "removed") assert.equal(find(), undefined, `${id} is removed`);
        if (is === "stopped")
          assert.ok(
            ["exited", "created"].includes(find()?.status ?? ""),
            `${id} is stopped, hurt: ${hurt.has(id)} restarts: ${restarts}: ${JSON.stringify(find())}`,
          );
        if (is !== "running") continue;
        const wanted = hurt.has(id) && !restarts ? "exited" : "running";
        // The end of a process that was killed this instant is heard of a moment later.
        const isSo = () =>
          find()?.status === wanted && (wanted === "exited" || commandOf(find()?.pid ?? 0).includes("sleep"));
        const deadline = performance.now() + 15_000;
        while (!isSo() && performance.now() < deadline) await delay(20);
        assert.ok(isSo(), `${id} hurt: ${hurt.has(id)} restarts: ${restarts}: ${JSON.stringify(find())}`);
        if (wanted === "exited") {
          assert.equal(find()?.exitCode, 137);
          known.set(id, { is: "stopped", restarts });
        }
      }
      for (const { id } of lab.containers.list()) if (!known.has(id)) known.set(id, { is: "unknown", restarts: false });
    }

    async function nothingLeft(ids: readonly string[]): Promise<void> {
      // A monitor that was just being started ends by itself, a moment later.
      for (let tries = 0; tries < 200 && processesOf(ids).length > 0; tries += 1) await delay(20);
      assert.deepEqual(processesOf(ids).map(commandOf), []);
      assert.deepEqual(
        mountsBelow(lab.home).filter((place) => ids.some((id) => place.includes(id))),
        [],
      );
      const groups = Object.values(findCgroupTree()?.folders ?? {}).flatMap((place) => readdirSync(place));
      assert.deepEqual(
        ids.filter((id) => groups.includes(id)),
        [],
      );
      const sockets = readFileSync("/proc/net/unix", "utf8");
      assert.deepEqual(
        ids.filter((id) => sockets.includes(id)),
        [],
      );
    }

    it(`${soak} runs leave no memory, descriptors, mounts or files behind`, async () => {
      const one = async () => {
        const { id } = await lab.containers.create({ image: "test", cmd: ["true"], autoRemove: true });
        const gone = lab.containers.wait(id, "removed");
        await lab.containers.start(id);
        assert.equal(await gone, 0);
      };
      const count = () => ({
        descriptors: readdirSync("/proc/self/fd").length,
        mounts: mountsBelow(lab.home).length,
        containers: readdirSync(path.join(lab.home, "containers")).length,
        files: readdirSync(lab.home, { recursive: true }).length,
      });
      for (let i = 0; i < 10; i += 1) await one();
      const before = count();
      const memory = [heapAfterCollection()];
      for (let i = 1; i <= soak; i += 1) {
        await one();
        // The lab's own memory of what it has heard.
        lab.events.length = 0;
        if (i % Math.ceil(soak / 5) === 0) memory.push(heapAfterCollection());
      }
      // The last connection is closed a moment after the end was told.
      for (let tries = 0; tries < 500 && count().descriptors > before.descriptors + 2; tries += 1) await delay(20);
      const after = count();
      console.log(`        ${JSON.stringify({ before, after, memory })}`);
      assert.ok(after.descriptors <= before.descriptors + 2, JSON.stringify({ before, after }));
      assert.deepEqual([after.mounts, after.containers], [before.mounts, before.containers]);
      // Fewer: the mark of a layer that is not on the disk yet goes once it is.
      assert.ok(after.files <= before.files, JSON.stringify({ before, after }));
      assert.ok((memory.at(-1) ?? 0) - (memory[1] ?? 0) < 1, `MB after each fifth: ${memory.join(" ")}`);
    });
  });
}

/** Hears what an engine says until it is dead; `first`: that it works. */
function listen(
  engine: ChildProcess,
  known: Map<string, Known>,
): { readonly first: Promise<void>; readonly all: Promise<void> } {
  if (!engine.stdout) throw new Error("no output");
  const lines = createInterface({ input: engine.stdout });
  let resolveFirst: () => void = () => {};
  const first = new Promise<void>((resolve) => {
    resolveFirst = resolve;
  });
  lines.on("line", (line) => {
    const word = JSON.parse(line) as BusyWord;
    const restarts = word.restarts ?? known.get(word.id)?.restarts ?? false;
    known.set(word.id, { is: word.is === "begin" ? "unknown" : word.is, restarts });
    resolveFirst();
  });
  return { first, all: once(lines, "close").then(() => {}) };
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

/** MB. */
function heapAfterCollection(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return Math.round((process.memoryUsage().heapUsed / 1e6) * 10) / 10;
}
