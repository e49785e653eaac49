import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { MonitorState } from "../../../engine/containers/folder.ts";
import type { CreateOptions } from "../../../engine/containers/types.ts";
import { createCgroups } from "../../../engine/runtime/cgroups/cgroups.ts";
import { insideVariable, ordinaryUser, runAgain, userNamespaces } from "../../support/as-user.ts";
import { logText, logUntil, outputOf } from "../../support/containers-lab.ts";
import { openSystemLab, type SystemLab } from "../../support/containers-system-lab.ts";

if (process.env[insideVariable]) isolated();
else
  describe("containers: options, limits and restarts (isolated)", function () {
    this.timeout(900_000);
    it("as root", () => runAgain({ bundle: __filename, inside: "root", prefix: ["unshare", "--mount"] }));
    it("as an ordinary user", () =>
      runAgain({ bundle: __filename, inside: "user", user: ordinaryUser(), prefix: userNamespaces }));
  });

function isolated(): void {
  describe("containers: options, limits and restarts inside of the namespaces", () => {
    let lab: SystemLab;
    before(async () => {
      lab = await openSystemLab();
    });
    after(() => lab.close());

    const output = async (script: string, options: Partial<CreateOptions> = {}) => {
      const id = await lab.run(script, options);
      await lab.containers.wait(id, "not-running");
      const said = (await logText(lab.containers, id)).trim();
      await lab.containers.remove(id, { force: true });
      return said;
    };
    const exec = async (id: string, script: string) => {
      const { id: execId } = await lab.containers.createExec(id, { args: ["sh", "-c", script] });
      return (await outputOf(await lab.containers.startExec(execId))).stdout.trim();
    };
    const untilRestart = async (id: string, count: number) => {
      const isUp = () => lab.containers.get(id).status === "running" && lab.containers.get(id).restartCount === count;
      while (!isUp()) await lab.nextEvent();
    };

    it("gives the process what was asked for: init, limits, groups, shared memory, kernel settings, names", async () => {
      assert.equal(
        await output("test $$ != 1 && readlink /proc/self/exe >/dev/null && echo not first", { init: true }),
        "not first",
      );
      const limits = [{ name: "nofile", soft: 123, hard: 456 }];
      assert.equal(await output("ulimit -Sn; ulimit -Hn", { ulimits: limits }), "123\n456");
      assert.equal(await output("id -G", { user: "app", groupAdd: ["4321", "extra"] }), "1000 2000 4321");
      assert.equal(
        await output("df -k /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2", { shmSizeBytes: 8 << 20 }),
        "8192",
      );
      assert.equal(await output("cat /proc/sys/kernel/msgmax", { sysctls: { "kernel.msgmax": "12345" } }), "12345");
      assert.equal(await output("cat /proc/self/oom_score_adj", { oomScoreAdj: 500 }), "500");
      assert.equal(await output("cat /proc/sys/kernel/domainname", { domainname: "harbour" }), "harbour");
    });

    it("refuses kernel settings of the machine's network, also where another container shares it", async () => {
      const sysctls = { "net.core.somaxconn": readFileSync("/proc/sys/net/core/somaxconn", "utf8").trim() };
      const refused = { code: "invalid-argument", message: /not allowed in host network namespace/ };
      await assert.rejects(lab.run("true", { networkMode: "host", sysctls }), refused);
      const host = await lab.run("exec sleep 4321", { networkMode: "host" });
      await assert.rejects(lab.run("true", { networkMode: `container:${host}`, sysctls }), refused);
      await lab.containers.remove(host, { force: true });
    });

    it("shows a terminal of the size that was asked for", async () => {
      const options = { image: "test", cmd: ["stty", "size"], tty: true, consoleSize: { rows: 17, columns: 55 } };
      const { id } = await lab.containers.create(options);
      await lab.containers.start(id);
      await lab.containers.wait(id, "not-running");
      assert.equal((await logText(lab.containers, id)).trim(), "17 55");
    });

    it("shares process tree and host name when told to", async () => {
      const first = await lab.run("echo up; exec sleep 4321");
      await logUntil(lab.containers, first, "up");
      assert.match(await output("ps -o args", { pidMode: `container:${first}` }), /sleep 4321/);
      assert.equal(
        await output("hostname", { utsMode: "host" }),
        readFileSync("/proc/sys/kernel/hostname", "utf8").trim(),
      );
      await lab.containers.remove(first, { force: true });
    });

    it("is started again with its ports, network and files, also without an engine", async () => {
      const id = await lab.run(
        "echo x >> /count; mkdir -p /www; cp /count /www/index.html; exec httpd -f -p 80 -h /www",
        {
          ports: [{ containerPort: 80, protocol: "tcp", hostIp: "127.0.0.1", hostPort: 0 }],
          restartPolicy: { name: "always", maximumRetryCount: 0 },
        },
      );
      const port = lab.containers.get(id).publishedPorts[0]?.hostPort ?? 0;
      assert.equal(await get(port), "x\n");
      const state = () =>
        JSON.parse(readFileSync(path.join(lab.home, "containers", id, "monitor.json"), "utf8")) as MonitorState;
      process.kill(state().process?.pid ?? 0, "SIGKILL");
      await untilRestart(id, 1);
      assert.equal(await get(port), "x\nx\n");
      assert.match(await exec(id, "cat /proc/1/cmdline"), /httpd/);

      lab.containers.close();
      process.kill(state().process?.pid ?? 0, "SIGKILL");
      while (state().restartCount !== 2 || state().status !== "running")
        await new Promise((resolve) => setTimeout(resolve, 10));
      await lab.reopen();
      assert.equal(await get(port), "x\nx\nx\n");
      assert.equal(await exec(id, "wc -l </count"), "3");
      await lab.containers.remove(id, { force: true });
    });

    it("is asked for its health inside", async () => {
      const id = await lab.run("echo fine > /said; mv /said /health; exec sleep 100", {
        healthcheck: { test: ["CMD-SHELL", "cat /health"], intervalMs: 100 },
      });
      await lab.nextEvent("health_status: healthy");
      assert.equal(lab.containers.get(id).health?.log.at(-1)?.output, "fine\n");
      await lab.containers.remove(id, { force: true });
    });

    it("stands still while paused, with all its processes, and goes on", async () => {
      const id = await lab.run(
        "(while :; do echo a; sleep 0.02; done) & (while :; do echo b; sleep 0.02; done) & wait",
      );
      await logUntil(lab.containers, id, "b");
      await lab.containers.pause(id);
      // Whoever answers has read what was said before.
      await assert.rejects(lab.containers.pause(id), { code: "conflict" });
      const before = await logText(lab.containers, id);
      await new Promise((resolve) => setTimeout(resolve, 150));
      assert.equal(await logText(lab.containers, id), before);
      await lab.reopen();
      assert.equal(lab.containers.get(id).status, "paused");
      await lab.containers.unpause(id);
      const count = (await logText(lab.containers, id)).length;
      while ((await logText(lab.containers, id)).length < count + 20)
        await new Promise((resolve) => setTimeout(resolve, 20));
      await lab.containers.pause(id);
      await lab.containers.stop(id, { timeoutSeconds: 1 });
      assert.equal(lab.containers.get(id).status, "exited");
      await lab.containers.remove(id, { force: true });
    });

    it("says what it uses", async () => {
      const id = await lab.run("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo done; exec sleep 100");
      await logUntil(lab.containers, id, "done");
      const { cpuTotalNs = 0n, memoryBytes = 0, pids = 0, networks } = await lab.containers.stats(id);
      assert.ok(cpuTotalNs > 10_000_000n && memoryBytes > 10_000 && pids >= 1, `${cpuTotalNs} ${memoryBytes} ${pids}`);
      assert.ok(Object.keys(networks).length >= 1 && !("lo" in networks));
      await lab.containers.remove(id, { force: true });
    });

    it("limits what can be limited here, also while it runs, and says what not", async () => {
      const { controllers } = createCgroups(lab.facts);
      const resources = { memoryBytes: 32 << 20, pidsLimit: 50 };
      const warnings = lab.containers.warningsFor({ image: "test", resources });
      assert.equal(warnings.length, [...(["memory", "pids"] as const)].filter((name) => !controllers.has(name)).length);
      const id = await lab.run("echo up; exec sleep 100", { resources });
      if (controllers.has("memory")) {
        assert.equal((await lab.containers.stats(id)).memoryLimitBytes, 32 << 20);
        await lab.containers.update(id, { resources: { memoryBytes: 48 << 20 } });
        assert.equal((await lab.containers.stats(id)).memoryLimitBytes, 48 << 20);
        assert.equal((await lab.containers.stats(id)).pidsLimit, 50);
      }
      await lab.containers.remove(id, { force: true });
      if (!controllers.has("memory")) return;
      const oom = lab.nextEvent("oom");
      const hungry = await lab.run("exec dd if=/dev/zero of=/dev/null bs=200M count=1", {
        resources: { memoryBytes: 16 << 20, memorySwapBytes: 16 << 20 },
      });
      await lab.containers.wait(hungry, "not-running");
      assert.equal((await oom).id, hungry);
      assert.deepEqual([lab.containers.get(hungry).exitCode, lab.containers.get(hungry).oomKilled], [137, true]);
      await lab.containers.remove(hungry, { force: true });
    });
  });
}

/** A server may need a moment to listen. */
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
