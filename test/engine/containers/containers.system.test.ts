import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { EngineError } from "../../../engine/base/errors.ts";
import type { MonitorState } from "../../../engine/containers/folder.ts";
import type { ContainerMount, CreateOptions } from "../../../engine/containers/types.ts";
import { insideVariable, ordinaryUser, runAgain, userNamespaces } from "../../support/as-user.ts";
import { type Lab, logText, logUntil, outputOf } from "../../support/containers-lab.ts";
import { mountsBelow, openSystemLab } from "../../support/containers-system-lab.ts";

const failsWith = (code: string) => (error: EngineError) => error.code === code;

if (process.env[insideVariable]) isolated();
else
  describe("containers (isolated)", function () {
    this.timeout(900_000);
    it("all of it as root", () => runAgain({ bundle: __filename, inside: "root", prefix: ["unshare", "--mount"] }));
    it("all of it as an ordinary user", () =>
      runAgain({ bundle: __filename, inside: "user", user: ordinaryUser(), prefix: userNamespaces }));
  });

function isolated(): void {
  describe("containers inside of the namespaces", () => {
    let lab: Lab;
    before(async () => {
      lab = await openSystemLab();
    });
    after(() => lab.close());

    const output = async (script: string, options: Parameters<Lab["run"]>[1] = {}) => {
      const id = await lab.run(script, options);
      await lab.containers.wait(id, "not-running");
      return logText(lab.containers, id);
    };

    it("runs in a root, process tree, host name and network of its own", async () => {
      const seen = await output(
        "echo $$; hostname; cat /etc/hostname; ls /proc | grep -c '^[0-9]'; pwd; ip -o link | wc -l",
        {
          hostname: "boat",
          workingDir: "/made/here",
        },
      );
      const [pid, hostname, file, processes, cwd, links] = seen.trim().split("\n");
      assert.deepEqual([pid, hostname, file, cwd], ["1", "boat", "boat", "/made/here"]);
      assert.ok(Number(processes) <= 4);
      assert.ok(Number(links) >= 1);
    });

    it("has the mark by which programs know that they are in a container", async () => {
      assert.match(await output("ls -l /.dockerenv"), /^-rwxr-xr-x +1 root +root +0 /);
    });

    it("runs as a user of the image, with groups, home and environment", async () => {
      const seen = await output("id -u; id -g; echo $HOME $HOSTNAME $A", { user: "app", env: ["A=b"], hostname: "h" });
      assert.equal(seen, "1000\n1000\n/home h b\n");
      await assert.rejects(lab.run("true", { user: "nobody-here" }), failsWith("invalid-argument"));
    });

    it("gives exit codes as Docker does: the program's, 126, 127, 128+n", async () => {
      const code = async (script: string) => {
        const { id } = await lab.containers.create({ image: "test", cmd: ["/bin/sh", "-c", script] });
        const exit = lab.containers.wait(id, "next-exit");
        await lab.containers.start(id);
        return exit;
      };
      const slow = (n: string) => `sleep 0.2; ${n}`;
      assert.equal(await code(slow("exit 42")), 42);
      assert.equal(await code(slow("nosuchcommand")), 127);
      assert.equal(await code(slow("sh -c 'kill -9 $$'; exit $?")), 137);
      const { id } = await lab.containers.create({ image: "test", cmd: ["nosuchcommand"] });
      await assert.rejects(lab.containers.start(id), (error: EngineError) => error.details.exitCode === 127);
      const folder = await lab.containers.create({ image: "test", cmd: ["/etc"] });
      await assert.rejects(lab.containers.start(folder.id), (error: EngineError) => error.details.exitCode === 126);
      assert.deepEqual(
        mountsBelow(lab.home).filter((place) => place.includes(id) || place.includes(folder.id)),
        [],
      );
    });

    it("keeps what was written between two starts, and forgets it with the container", async () => {
      const id = await lab.run("echo x >> /data; cat /data");
      await lab.containers.wait(id, "not-running");
      await lab.containers.start(id);
      await lab.containers.wait(id, "not-running");
      assert.equal(await logText(lab.containers, id), "x\nx\nx\n");
      await lab.containers.remove(id, { force: false });
      assert.deepEqual(
        mountsBelow(lab.home).filter((place) => place.includes(id)),
        [],
      );
    });

    it("has its names below a folder of one's own over /etc, but nothing new in one that is read only", async () => {
      const folder = (name: string) => {
        const source = path.join(lab.home, "etc", name);
        mkdirSync(source, { recursive: true });
        writeFileSync(path.join(source, "own"), "");
        return source;
      };
      const seen = (mount: ContainerMount) => output("grep -c localhost /etc/hosts; ls /etc", { mounts: [mount] });
      const bind = { type: "bind", target: "/etc", makeSource: false } as const;
      const three = "hostname\nhosts\nresolv.conf\n";
      assert.match(await seen({ type: "tmpfs", target: "/etc", options: "" }), new RegExp(`^[12]\n${three}$`));
      const written = await seen({ ...bind, source: folder("written"), readOnly: false });
      assert.match(written, /^[12]\nhostname\nhosts\nown\nresolv.conf\n$/);
      const source = folder("kept");
      assert.match(await seen({ ...bind, source, readOnly: true }), /^own$/m);
      assert.deepEqual(readdirSync(source), ["own"]);
    });

    it("mounts folders and tmpfs, and makes a missing source", async () => {
      const source = path.join(lab.home, "shared", "deep");
      const seen = await output(
        "echo hi > /in/file; touch /ro/x 2>&1; grep ' /t ' /proc/mounts | cut -d' ' -f3; touch /new 2>&1",
        {
          mounts: [
            { type: "bind", source, target: "/in", readOnly: false, makeSource: true },
            { type: "bind", source, target: "/ro", readOnly: true, makeSource: true },
            { type: "tmpfs", target: "/t", options: "size=1m" },
          ],
          readOnlyRootfs: true,
        },
      );
      assert.equal(readFileSync(path.join(source, "file"), "utf8"), "hi\n");
      assert.match(seen, /x: Read-only file system\ntmpfs\ntouch: \/new: Read-only/);
    });

    it("has a terminal when asked: echo, size, Ctrl-C", async () => {
      const { id } = await lab.containers.create({
        image: "test",
        cmd: ["/bin/sh", "-c", "trap 'stty size; exit 3' INT; echo $TERM; tty; while :; do sleep 0.05; done"],
        tty: true,
        openStdin: true,
      });
      const attachment = await lab.containers.attach(id);
      await lab.containers.start(id);
      const seen = outputOf(attachment);
      await logUntil(lab.containers, id, "/dev/");
      await lab.containers.resize(id, { rows: 33, columns: 111 });
      attachment.write(Buffer.of(3));
      assert.equal(await lab.containers.wait(id, "not-running"), 3);
      const { stdout } = await seen;
      assert.match(stdout, /^xterm\r\n\/dev\/(pts\/0|console)\r\n/);
      assert.match(stdout, /33 111\r\n/);
    });

    it("publishes ports: HTTP from the host, also on IPv6, while the container's network is its own", async () => {
      const id = await lab.run("mkdir /www; echo hello > /www/index.html; exec httpd -f -v -p 80 -h /www", {
        ports: [{ containerPort: 80, protocol: "tcp", hostIp: "127.0.0.1", hostPort: 0 }],
        exposedPorts: ["80/tcp", "81/tcp"],
        publishAll: true,
      });
      const [port, other] = lab.containers.get(id).publishedPorts;
      assert.ok(port && port.hostPort > 0 && other && other.containerPort === 81);
      assert.equal(await get(port.hostPort), "hello\n");
      assert.equal(await get(port.hostPort), "hello\n");

      const { hostPort } = port;
      const second = await lab.containers.create({
        image: "test",
        cmd: ["sleep", "100"],
        ports: [{ containerPort: 80, protocol: "tcp", hostIp: "127.0.0.1", hostPort }],
      });
      await assert.rejects(lab.containers.start(second.id), (error: EngineError) => {
        assert.equal(error.code, "port-in-use");
        assert.equal(error.details.message.args?.owner, lab.containers.get(id).name);
        assert.ok(Number(error.details.hint?.args?.port) > hostPort);
        return true;
      });

      await lab.reopen();
      assert.equal(await get(hostPort), "hello\n");
      await lab.containers.stop(id, { timeoutSeconds: 0 });
      assert.deepEqual(lab.containers.get(id).publishedPorts, []);
      assert.equal(await lab.containers.start(second.id), true);
      await lab.containers.remove(second.id, { force: true });
    });

    it("gives its ports back with its end, though a client that does not read keeps its monitor", async () => {
      const free = { containerPort: 80, hostIp: "127.0.0.1", hostPort: 0 };
      const ports = [{ ...free, protocol: "tcp" } as const, { ...free, protocol: "udp" } as const];
      const id = await lab.run("exec sleep 1000", { ports });
      const taken = lab.containers.get(id).publishedPorts;
      const sleeper = await lab.containers.attach(id);
      await lab.containers.stop(id, { timeoutSeconds: 0 });
      const next = await lab.run("exec sleep 1000", { ports: taken });
      assert.deepEqual(lab.containers.get(next).publishedPorts, taken);
      sleeper.detach();
      for (const each of [id, next]) await lab.containers.remove(each, { force: true });
    });

    it("hands no socket of the host to the process", async () => {
      const mapping = { protocol: "tcp", hostIp: "127.0.0.1", hostPort: 0 } as const;
      const seen = await output("ls -l /proc/1/fd", {
        ports: [80, 81, 82].map((containerPort) => ({ containerPort, ...mapping })),
      });
      assert.ok(seen.includes(" 0 -> ") && !seen.includes("socket:"), seen);
    });

    const ofOrdinaryUser = process.env[insideVariable] === "user" ? it : () => {};
    ofOrdinaryUser("says who may not open a low port", async () => {
      const { id } = await lab.containers.create({
        image: "test",
        cmd: ["true"],
        ports: [{ containerPort: 80, protocol: "tcp", hostIp: "127.0.0.1", hostPort: 81 }],
      });
      await assert.rejects(lab.containers.start(id), failsWith("port-privileged"));
    });

    it("has no network with none, and the host's with host", async () => {
      const server = net.createServer((socket) => socket.end("from the host"));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as net.AddressInfo;
      assert.equal(
        await output(`nc 127.0.0.1 ${port} 2>&1 || echo no`, { networkMode: "none" }),
        "nc: can't connect to remote host (127.0.0.1): Connection refused\nno\n",
      );
      assert.equal(await output(`nc 127.0.0.1 ${port}`, { networkMode: "host" }), "from the host");
      server.close();
    });

    it("execs in the container: its files, network, user, terminal", async () => {
      const id = await lab.run("hostname > /tmp/name; exec sleep 100", { hostname: "deck", env: ["A=1"] });
      const exec = async (options: Parameters<typeof lab.containers.createExec>[1]) => {
        const { id: execId } = await lab.containers.createExec(id, options);
        const attachment = await lab.containers.startExec(execId, { rows: 20, columns: 70 });
        const { stdout, stderr } = await outputOf(attachment);
        return { stdout, stderr, code: lab.containers.getExec(execId).exitCode };
      };
      const args = (script: string) => ["sh", "-c", script];
      assert.deepEqual(
        await exec({
          args: args("cat /tmp/name; id -u; echo $A$B; pwd; echo e >&2; exit 5"),
          user: "app",
          env: ["B=2"],
          workingDir: "/tmp",
        }),
        {
          stdout: "deck\n1000\n12\n/tmp\n",
          stderr: "e\n",
          code: 5,
        },
      );
      assert.equal((await exec({ args: args("stty size; tty"), tty: true })).stdout.split("\r\n")[0], "20 70");
      await assert.rejects(exec({ args: ["nosuch"] }), failsWith("command-not-found"));
      await assert.rejects(exec({ args: [""] }), failsWith("command-not-found"));
      const { id: interactive } = await lab.containers.createExec(id, { args: ["cat"], openStdin: true });
      const attachment = await lab.containers.startExec(interactive);
      attachment.write(Buffer.from("typed"));
      attachment.closeStdin();
      assert.equal((await outputOf(attachment)).stdout, "typed");
      await lab.containers.remove(id, { force: true });
    });

    it("shares memory with containers that join its IPC, and with no others", async () => {
      const donor = await lab.run("echo shared >/dev/shm/f; exec sleep 1000", {
        ipcMode: "shareable",
        shmSizeBytes: 1e7,
      });
      const told = async (script: string, ipcMode: string, more: Partial<CreateOptions> = {}) => {
        const id = await lab.run(script, { ipcMode, ...more });
        await lab.containers.wait(id, "not-running");
        return logText(lab.containers, id);
      };
      const join = `container:${donor.slice(0, 12)}`;
      const wait = "until [ -s /dev/shm/f ]; do sleep 0.05; done; cat /dev/shm/f";
      assert.equal(
        await told(
          `${wait}; readlink /proc/self/ns/ipc >/dev/shm/ns; df -k /dev/shm | tail -1 | awk '{print $2}'`,
          join,
        ),
        "shared\n9768\n",
      );
      const follower = await lab.run(`readlink /proc/self/ns/ipc >/dev/shm/own; exec sleep 1000`, { ipcMode: join });
      assert.equal(
        await told(
          "until [ -s /dev/shm/own ]; do sleep 0.05; done; cmp /dev/shm/own /dev/shm/ns && cat /dev/shm/f",
          `container:${follower}`,
        ),
        "shared\n",
      );
      for (const mode of ["private", "none"]) {
        const other = await lab.run("exec sleep 1000", { ipcMode: mode });
        await assert.rejects(lab.run("true", { ipcMode: `container:${other}` }), /non-shareable IPC/);
        await lab.containers.remove(other, { force: true });
      }
      assert.equal(await told("[ -e /dev/shm ] || echo none", "none"), "none\n");
      const hosts = await lab.run("exec sleep 1000", { ipcMode: "host" });
      const sysctls = { "kernel.shmmax": "123456" };
      await assert.rejects(lab.run("true", { ipcMode: `container:${hosts}`, sysctls }), failsWith("invalid-argument"));
      await lab.containers.remove(hosts, { force: true });

      await lab.reopen();
      assert.equal(await told("cat /dev/shm/f", join), "shared\n");
      await lab.containers.stop(donor, { timeoutSeconds: 0 });
      await assert.rejects(lab.run("true", { ipcMode: join }), /non running container/);
      await lab.containers.start(donor);
      assert.equal(await told(`${wait}; [ -e /dev/shm/ns ] || echo anew`, join), "shared\nanew\n");
      for (const id of [follower, donor]) await lab.containers.remove(id, { force: true });
      assert.doesNotMatch(readFileSync("/proc/self/mountinfo", "utf8"), new RegExp(donor));
    });

    it("goes on under a new engine: log without a gap, exec, attach, stop", async () => {
      const id = await lab.run("trap 'exit 8' TERM; i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done", {
        stopSignal: "TERM",
      });
      await logUntil(lab.containers, id, "20\n");
      await lab.reopen();
      assert.equal(lab.containers.get(id).status, "running");
      const next = Number((await logText(lab.containers, id, { tail: 1 })).trim()) + 20;
      const lines = (await logUntil(lab.containers, id, `\n${next}\n`)).trim().split("\n").map(Number);
      assert.deepEqual(
        lines,
        [...lines.keys()].map((index) => index + 1),
      );
      const exec = await lab.containers.createExec(id, { args: ["echo", "still here"] });
      assert.equal((await outputOf(await lab.containers.startExec(exec.id))).stdout, "still here\n");
      await lab.containers.stop(id);
      assert.equal(lab.containers.get(id).exitCode, 8);
      await lab.containers.remove(id, { force: false });
      assert.deepEqual(
        mountsBelow(lab.home).filter((place) => place.includes(id)),
        [],
      );
    });

    it("a killed monitor takes its container along, and leaves no mount", async () => {
      // A number by which its processes are known among all of the machine.
      const mark = `1${process.pid}`;
      const id = await lab.run(`sleep ${mark} & sleep ${mark} & echo up; wait`);
      await logUntil(lab.containers, id, "up");
      const state = JSON.parse(
        readFileSync(path.join(lab.home, "containers", id, "monitor.json"), "utf8"),
      ) as MonitorState;
      const died = lab.nextEvent("die");
      assert.ok(processes().some((line) => line.startsWith("sleep") && line.includes(mark)));
      process.kill(state.monitor.pid, "SIGKILL");
      assert.equal((await died).attributes.exitCode, "137");
      await lab.containers.remove(id, { force: false });
      assert.deepEqual(
        mountsBelow(lab.home).filter((place) => place.includes(id)),
        [],
      );
      assert.deepEqual(
        processes().filter((line) => line.startsWith("sleep") && line.includes(mark)),
        [],
      );
    });

    it("200 quick starts leave neither processes nor mounts nor descriptors", async function () {
      this.timeout(600_000);
      for (const { id } of lab.containers.list()) await lab.containers.remove(id, { force: true });
      const count = () => ({
        descriptors: readdirSync("/proc/self/fd").length,
        mounts: mountsBelow(lab.home).length,
        processes: processes().filter((line) => line.includes(lab.home) && !isSpare(line)),
      });
      const isSpare = (line: string) => line.split("\0")[2] === path.join(lab.home, "containers/");
      const one = async () => {
        const { id } = await lab.containers.create({ image: "test", cmd: ["true"], autoRemove: true });
        const gone = lab.containers.wait(id, "removed");
        await lab.containers.start(id);
        assert.equal(await gone, 0);
      };
      await one();
      const before = count();
      const begin = performance.now();
      for (let i = 0; i < 100; i += 1) await Promise.all([one(), one()]);
      console.log(`        ${Math.round((performance.now() - begin) / 200)} ms each`);
      // What was killed or let go has ended a moment later.
      const isOver = () => {
        const { processes: left, descriptors } = count();
        return left.length === 0 && descriptors <= before.descriptors + 4 && processes().filter(isSpare).length <= 2;
      };
      for (let tries = 0; tries < 500 && !isOver(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 20));
      const after = count();
      // The default bridge waits for the next container.
      assert.ok(after.mounts <= 1);
      assert.deepEqual(after.processes, []);
      // Two monitors wait for the next containers.
      assert.ok(processes().filter(isSpare).length <= 2);
      assert.ok(after.descriptors <= before.descriptors + 4, JSON.stringify({ before, after }));
      assert.deepEqual(readdirSync(path.join(lab.home, "containers")), []);
    });
  });
}

/** httpd may need a moment to listen. */
async function get(port: number): Promise<string> {
  for (;;) {
    try {
      const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
        http.get({ host: "127.0.0.1", port, agent: false }, resolve).once("error", reject);
      });
      return await text(response);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error;
    }
  }
}

function processes(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return "";
      }
    });
}
