import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { EngineError } from "../../../engine/base/errors.ts";
import type { MonitorState } from "../../../engine/containers/folder.ts";
import { MonitorAttachment } from "../../../engine/containers/monitor-client.ts";
import { isAlive, processStat } from "../../../engine/runtime/proc.ts";
import { type Lab, logText, logUntil, monitorsOf, openLab, outputOf } from "../../support/containers-lab.ts";

const failsWith = (code: string) => (error: EngineError) => error.code === code;

describe("containers (plain processes)", () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab({
      Cmd: ["/bin/sh", "-c", "echo from the image"],
      Env: ["GREETING=hello"],
      Labels: { team: "blue" },
    });
  });
  after(() => lab.close());

  it("runs a command, keeps its exit code, its times and its log in order", async () => {
    const id = await lab.run("echo out; echo err >&2; exit 7");
    assert.equal(await lab.containers.wait(id, "not-running"), 7);
    const container = lab.containers.get(id);
    assert.equal(container.status, "exited");
    assert.ok((container.finishedAt ?? 0) >= (container.startedAt ?? Number.POSITIVE_INFINITY));
    assert.equal(container.pid, undefined);
    assert.equal(await logText(lab.containers, id, { stderr: false }), "out\n");
    assert.equal(await logText(lab.containers, id, { stdout: false }), "err\n");
  });

  it("tells what happens as Docker's events do", async () => {
    const from = lab.events.length;
    const id = await lab.run("exit 3");
    await lab.containers.wait(id, "not-running");
    await lab.containers.remove(id, { force: false });
    const seen = lab.events.slice(from).filter((event) => event.id === id);
    assert.deepEqual(
      seen.map(({ action }) => action),
      ["create", "start", "die", "destroy"],
    );
    assert.equal(seen[2]?.attributes.exitCode, "3");
    assert.equal(seen[0]?.attributes.team, "blue");
    assert.ok(seen.every(({ timeNs }, index) => index === 0 || timeNs > (seen[index - 1]?.timeNs ?? 0n)));
  });

  it("gives the process the environment of image and options, and nothing of the engine's", async () => {
    process.env.ENGINE_SECRET = "x";
    const id = await lab.run("env", { env: ["NAME=a b"], tty: false });
    await lab.containers.wait(id, "not-running");
    const names = (await logText(lab.containers, id)).split("\n").filter((line) => !/^(PWD|SHLVL|_)=/.test(line));
    assert.ok(names.includes("GREETING=hello") && names.includes("NAME=a b") && names.includes("HOME=/"));
    assert.ok(!names.some((line) => line.startsWith("ENGINE_SECRET")));
  });

  it("says that a command does not exist, keeps the reason and removes an --rm container", async () => {
    const created = await lab.containers.create({ image: "test", cmd: ["/no/such"], networkMode: "host" });
    await assert.rejects(lab.containers.start(created.id), failsWith("command-not-found"));
    assert.equal(lab.containers.get(created.id).status, "created");
    assert.match(lab.containers.get(created.id).error ?? "", /no such command/);
    assert.equal(lab.mounted.size, 0);

    const gone = await lab.containers.create({
      image: "test",
      cmd: ["/no/such"],
      networkMode: "host",
      autoRemove: true,
    });
    await assert.rejects(lab.containers.start(gone.id), failsWith("command-not-found"));
    assert.throws(() => lab.containers.get(gone.id), failsWith("not-found"));
  });

  it("is found by name, id and unique beginning; names are unique", async () => {
    const { id } = await lab.containers.create({ image: "test", name: "finder" });
    for (const name of ["finder", "/finder", id, id.slice(0, 12)]) assert.equal(lab.containers.get(name).id, id);
    await assert.rejects(lab.containers.create({ image: "test", name: "finder" }), failsWith("conflict"));
    await assert.rejects(lab.containers.create({ image: "test", name: "not/good" }), failsWith("invalid-argument"));
    const hostname = "x".repeat(64);
    assert.equal((await lab.containers.create({ image: "test", hostname })).hostname, hostname);
    await assert.rejects(lab.containers.create({ image: "test", hostname: `${hostname}x` }), /more than 64 characters/);
    await assert.rejects(lab.containers.create({ image: "missing" }), failsWith("image-not-found"));
    await lab.containers.rename("finder", "seeker");
    assert.throws(() => lab.containers.get("finder"), failsWith("not-found"));
    assert.equal((await lab.containers.create({ image: "test", name: "finder" })).name, "finder");
  });

  it("attaches before the start and misses nothing; stdin ends with its client", async () => {
    const { id } = await lab.containers.create({
      image: "test",
      cmd: ["/bin/sh", "-c", "echo first; cat; echo last >&2"],
      networkMode: "host",
      openStdin: true,
      stdinOnce: true,
    });
    const attachment = await lab.containers.attach(id);
    attachment.write(Buffer.from("typed\n"));
    attachment.closeStdin();
    const output = outputOf(attachment);
    await lab.containers.start(id);
    assert.deepEqual(await output, { stdout: "first\ntyped\n", stderr: "last\n" });
    assert.equal(await lab.containers.wait(id, "not-running"), 0);
  });

  it("serves several attachments at once, and one that leaves does not hurt the others", async () => {
    const id = await lab.run("read line; echo got $line; read line; echo got $line", { openStdin: true });
    const writer = await lab.containers.attach(id);
    const reader = await lab.containers.attach(id, { stdin: false });
    const leaver = await lab.containers.attach(id);
    leaver.detach();
    const seen = [outputOf(writer), outputOf(reader)];
    writer.write(Buffer.from("one\n"));
    reader.write(Buffer.from("ignored\n"));
    writer.write(Buffer.from("two\n"));
    for (const text of await Promise.all(seen)) assert.equal(text.stdout, "got one\ngot two\n");
  });

  it("moves a lot through stdin and stdout without losing a byte", async () => {
    const { id } = await lab.containers.create({
      image: "test",
      cmd: ["/bin/sh", "-c", "md5sum; head -c 20000000 /dev/zero | tr '\\0' x"],
      networkMode: "host",
      openStdin: true,
      stdinOnce: true,
    });
    const attachment = await lab.containers.attach(id);
    await lab.containers.start(id);
    const done = outputOf(attachment);
    for (let i = 0; i < 50; i += 1) {
      attachment.write(Buffer.alloc(200_000, "y"));
      await attachment.drain?.();
    }
    attachment.closeStdin();
    const { stdout } = await done;
    assert.equal(stdout.length, 20_000_000 + "b3b6f3bd4ab5b28d6a4a3f5e1ed4ff6d  -\n".length);
    await lab.containers.wait(id, "not-running");
    assert.equal((await logText(lab.containers, id)).length, stdout.length);
  });

  it("waits for a slow attachment, and goes on when it leaves", async () => {
    const { id } = await lab.containers.create({
      image: "test",
      cmd: ["/bin/sh", "-c", "echo go; head -c 20000000 /dev/zero | tr '\\0' x"],
      networkMode: "host",
    });
    const sleeper = await lab.containers.attach(id);
    await lab.containers.start(id);
    const exit = lab.containers.wait(id, "next-exit");
    await logUntil(lab.containers, id, "go");
    assert.equal(lab.containers.get(id).status, "running");
    sleeper.detach();
    assert.equal(await exit, 0);
    assert.equal((await logText(lab.containers, id)).length, 20_000_003);
  });

  it("has one monitor for containers one after another, and one for each of those at the same time", async () => {
    const own = await openLab();
    try {
      const pidOf = (id: string) => stateOf(own, id).monitor.pid;
      const used: number[] = [];
      for (let round = 0; round < 4; round += 1) {
        const id = await own.run(`echo ${round}; read x`, { openStdin: true });
        used.push(pidOf(id));
        await logUntil(own.containers, id, `${round}`);
        await own.containers.stop(id, { signal: "KILL" });
        await own.containers.remove(id, { force: false });
        await untilFree(used.at(-1) ?? 0);
      }
      assert.deepEqual(new Set(used.slice(1)).size, 1, used.join());
      const together = [await own.run("exec sleep 1000"), await own.run("exec sleep 1000")];
      assert.equal(new Set(together.map(pidOf)).size, 2);
      own.containers.close();
      // Without an engine it ends with the container that it has.
      const [first = "", second = ""] = together;
      const { monitor, process: inside } = stateOf(own, first);
      process.kill(inside?.pid ?? 0, "SIGKILL");
      for (let tries = 0; tries < 250 && isAlive(monitor); tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.ok(!isAlive(monitor));
      assert.ok(isAlive(stateOf(own, second).monitor));
      await own.reopen();
      assert.equal(own.containers.get(first).exitCode, 137);
      assert.equal(own.containers.get(second).status, "running");
    } finally {
      await own.close();
    }
  });

  it("says why a monitor did not come up", async () => {
    const script = path.join(lab.home, "monitor.js");
    // Without the spare one that it has.
    await lab.reopen();
    renameSync(script, `${script}.away`);
    const { id } = await lab.containers.create({ image: "test", networkMode: "host" });
    await assert.rejects(lab.containers.start(id), (error: EngineError) => {
      assert.equal(error.code, "runtime-failed");
      return /Cannot find module/.test(error.message);
    });
    renameSync(`${script}.away`, script);
    assert.equal(await lab.containers.start(id), true);
  });

  it("follows a log until the container ends, and reads only the last lines when asked", async () => {
    const id = await lab.run("echo 1; echo 2; read x; echo 3; printf part", { openStdin: true });
    const followed = logText(lab.containers, id, { follow: true });
    await logUntil(lab.containers, id, "2\n");
    const attachment = await lab.containers.attach(id);
    attachment.write(Buffer.from("\n"));
    assert.equal(await followed, "1\n2\n3\npart");
    await lab.containers.wait(id, "not-running");
    assert.equal(await logText(lab.containers, id, { tail: 2, follow: true }), "3\npart");
    assert.equal(await logText(lab.containers, id, { tail: 0 }), "");
  });

  it("stops with the stop signal, and kills what does not listen", async () => {
    const polite = await lab.run("trap 'exit 5' USR1; echo ready; while :; do sleep 0.05; done", {
      stopSignal: "SIGUSR1",
    });
    await logUntil(lab.containers, polite, "ready");
    assert.equal(await lab.containers.stop(polite), true);
    assert.equal(lab.containers.get(polite).exitCode, 5);
    assert.equal(await lab.containers.stop(polite), false);

    const deaf = await lab.run("trap '' TERM; echo ready; while :; do sleep 0.05; done");
    await logUntil(lab.containers, deaf, "ready");
    await lab.containers.stop(deaf, { timeoutSeconds: 0 });
    assert.equal(lab.containers.get(deaf).exitCode, 137);
    assert.deepEqual(
      lab.events.filter((event) => event.id === deaf).map(({ action }) => action),
      ["create", "start", "kill", "kill", "die", "stop"],
    );
  });

  it("kills with any signal, starts again, and appends to the same log", async () => {
    const id = await lab.run("echo up; exec sleep 100");
    await logUntil(lab.containers, id, "up");
    assert.equal(await lab.containers.start(id), false);
    await lab.containers.kill(id, "INT");
    assert.equal(await lab.containers.wait(id, "not-running"), 130);
    await assert.rejects(lab.containers.kill(id), failsWith("conflict"));
    await assert.rejects(lab.containers.resize(id, { rows: 1, columns: 1 }), failsWith("conflict"));
    await lab.containers.restart(id);
    await assert.rejects(lab.containers.kill(id, "NOPE"), failsWith("invalid-argument"));
    assert.equal(await lab.containers.start(id), false);
    await logUntil(lab.containers, id, "up\nup\n");
    await lab.containers.kill(id);
    assert.equal(await logText(lab.containers, id), "up\nup\n");
  });

  it("refuses to remove what runs unless forced; --rm goes by itself", async () => {
    const id = await lab.run("exec sleep 100");
    await assert.rejects(lab.containers.remove(id, { force: false }), failsWith("conflict"));
    const removed = lab.containers.wait(id, "removed");
    await lab.containers.remove(id, { force: true });
    assert.equal(await removed, 137);
    assert.ok(!existsSync(path.join(lab.home, "containers", id)));

    const short = await lab.containers.create({
      image: "test",
      cmd: ["/bin/sh", "-c", "exit 4"],
      networkMode: "host",
      autoRemove: true,
    });
    const gone = lab.containers.wait(short.id, "removed");
    await lab.containers.start(short.id);
    assert.equal(await gone, 4);
    assert.throws(() => lab.containers.get(short.id), failsWith("not-found"));
  });

  it("stops waiting when told to", async () => {
    const id = await lab.run("exec sleep 100");
    const abort = new AbortController();
    const waiting = lab.containers.wait(id, "next-exit", abort.signal);
    abort.abort();
    await assert.rejects(waiting, failsWith("cancelled"));
    await lab.containers.remove(id, { force: true });
  });

  it("execs beside the container, with its environment, streams and exit code", async () => {
    const id = await lab.run("exec sleep 100", { env: ["A=1"] });
    const exec = await lab.containers.createExec(id, {
      args: ["/bin/sh", "-c", "cat; echo $A$B; echo bad >&2; exit 9"],
      env: ["B=2"],
      openStdin: true,
    });
    const died = lab.nextEvent("exec_die");
    const attachment = await lab.containers.startExec(exec.id);
    assert.equal(lab.containers.getExec(exec.id).running, true);
    attachment.write(Buffer.from("in "));
    attachment.closeStdin();
    assert.deepEqual(await outputOf(attachment), { stdout: "in 12\n", stderr: "bad\n" });
    assert.equal(lab.containers.getExec(exec.id).exitCode, 9);
    assert.equal((await died).attributes.exitCode, "9");
    await assert.rejects(lab.containers.startExec(exec.id), failsWith("conflict"));
    await lab.containers.kill(id);
    await assert.rejects(lab.containers.createExec(id, { args: ["true"] }), failsWith("conflict"));
  });

  it("an exec that is left goes on, its output is read away", async () => {
    const id = await lab.run("exec sleep 100");
    const exec = await lab.containers.createExec(id, { args: ["/bin/sh", "-c", "head -c 5000000 /dev/zero; exit 6"] });
    const died = lab.nextEvent("exec_die");
    const attachment = await lab.containers.startExec(exec.id);
    attachment.detach();
    assert.equal((await died).attributes.exitCode, "6");
    await lab.containers.remove(id, { force: true });
  });

  it("goes on while the engine is away: the log has every line, and stop works afterwards", async () => {
    const id = await lab.run("i=0; while :; do i=$((i+1)); echo $i; sleep 0.005; done");
    await logUntil(lab.containers, id, "20\n");
    await lab.reopen();
    assert.equal(lab.containers.get(id).status, "running");
    const { pid } = lab.containers.get(id);
    assert.ok(pid);
    const next = Number((await logText(lab.containers, id, { tail: 1 })).trim()) + 20;
    const lines = (await logUntil(lab.containers, id, `\n${next}\n`)).trim().split("\n").map(Number);
    assert.deepEqual(
      lines,
      [...lines.keys()].map((index) => index + 1),
    );
    await lab.containers.stop(id, { timeoutSeconds: 5 });
    assert.equal(lab.containers.get(id).exitCode, 143);
    // The end is told before it is cleaned up behind it.
    while (lab.mounted.has(id)) await new Promise((resolve) => setImmediate(resolve));
  });

  it("learns after its return how a container ended meanwhile", async () => {
    const id = await lab.run("read x; exit $x", { openStdin: true });
    lab.containers.close();
    const client = new MonitorAttachment({ stdin: true });
    await client.connect(path.join(lab.home, "containers", id));
    client.write(Buffer.from("11\n"));
    await outputOf(client);
    await lab.reopen();
    const container = lab.containers.get(id);
    assert.deepEqual([container.status, container.exitCode, container.error], ["exited", 11, undefined]);
    assert.ok(!lab.mounted.has(id));
  });

  it("says that nobody knows how a container ended whose monitor was killed", async () => {
    const id = await lab.run("echo up; exec sleep 100");
    await logUntil(lab.containers, id, "up");
    const { monitor, process: inside } = stateOf(lab, id);
    const died = lab.nextEvent("die");
    process.kill(monitor.pid, "SIGKILL");
    await died;
    assert.equal(lab.containers.get(id).exitCode, 137);
    assert.match(lab.containers.get(id).error ?? "", /monitor/);
    await lab.containers.start(id);
    assert.notEqual(lab.containers.get(id).pid, inside?.pid);
    assert.equal(existsSync(`/proc/${inside?.pid}/root/etc`), false);
    assert.equal(lab.containers.get(id).error, undefined);
    await lab.containers.remove(id, { force: true });
  });

  it("sweeps what an engine that was killed left half made", async () => {
    const half = "a".repeat(64);
    mkdirSync(path.join(lab.home, "containers", half));
    writeFileSync(path.join(lab.home, "containers", half, "container.json.1.tmp"), "{");
    const { id } = await lab.containers.create({ image: "test" });
    await lab.reopen();
    assert.ok(!existsSync(path.join(lab.home, "containers", half)));
    assert.equal(lab.containers.get(id).status, "created");
  });

  it("leaves neither processes nor descriptors behind after many quick starts", async function () {
    this.timeout(120_000);
    const own = await openLab();
    try {
      const descriptors = () => readdirSync("/proc/self/fd").length;
      const one = async () => {
        const { id } = await own.containers.create({
          image: "test",
          cmd: ["/bin/true"],
          networkMode: "host",
          autoRemove: true,
        });
        const gone = own.containers.wait(id, "removed");
        await own.containers.start(id);
        assert.equal(await gone, 0);
      };
      await one();
      const first = descriptors();
      for (let i = 0; i < 30; i += 1) await one();
      // The monitor of the last one is let go, and its connections are closed, a moment after the end was told.
      const isSettled = () => descriptors() <= first + 2 && monitorsOf(own.home).length <= 2;
      for (let tries = 0; tries < 500 && !isSettled(); tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.ok(descriptors() <= first + 2, `${descriptors()} descriptors, ${first} before`);
      const [monitor, ...others] = monitorsOf(own.home);
      assert.ok(monitor, "one waits for the next container");
      assert.ok(others.length <= 1, others.join());
      own.containers.close();
      // It ends by itself a moment after it was let go.
      for (let tries = 0; tries < 100 && monitorsOf(own.home).length > 0; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.deepEqual(monitorsOf(own.home), []);
    } finally {
      await own.close();
    }
  });
});

/** Until a monitor has said that it waits for the next container: it has left the folder of the last one, and sleeps. */
async function untilFree(pid: number): Promise<void> {
  const waits = () => readlinkSync(`/proc/${pid}/cwd`) === "/" && processStat(pid)?.state === "S";
  do await new Promise((resolve) => setTimeout(resolve, 5));
  while (!waits());
  // What it said is heard in the next turn.
  await new Promise((resolve) => setTimeout(resolve, 5));
}

function stateOf(lab: Lab, id: string): MonitorState {
  return JSON.parse(readFileSync(path.join(lab.home, "containers", id, "monitor.json"), "utf8")) as MonitorState;
}
