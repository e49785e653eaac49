import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { probeHost } from "../../../engine/runtime/facts.ts";
import { createLauncher } from "../../../engine/runtime/launcher.ts";
import type { Runtime } from "../../../engine/runtime/types.ts";
import { insideVariable, ordinaryUser, runAgain, userNamespaces } from "../../support/as-user.ts";
import { makeBusyboxRoot } from "../../support/busybox-root.ts";
import { makeFolder } from "../../support/files.ts";
import { processSpec } from "../../support/process-spec.ts";

// Each program of the machine costs one to three milliseconds: they are what a start consists of.
describe("programs of the machine that the launcher starts", () => {
  if (process.env[insideVariable] === undefined) {
    const user = process.getuid?.() === 0 ? { user: ordinaryUser() } : {};
    it("as an ordinary user", () =>
      runAgain({ bundle: __filename, inside: "as an ordinary user", prefix: userNamespaces, ...user }));
    if (process.getuid?.() === 0)
      it("as root", () => runAgain({ bundle: __filename, inside: "as root", prefix: ["unshare", "--mount"] }));
    return;
  }
  let place: ReturnType<typeof makeFolder>;
  let runtime: Runtime;
  let log: string;
  before(async () => {
    place = makeFolder();
    log = path.join(place.path, "log");
    const facts = await probeHost();
    const real = Object.entries(facts.tools).flatMap(([name, file]) =>
      file === undefined ? [] : [[name, file] as const],
    );
    const tools = real.map(([name, file]) => {
      const wrapper = path.join(place.path, name);
      writeFileSync(wrapper, `#!/bin/sh\necho ${name} >>${log}\nexec ${file} "$@"\n`);
      chmodSync(wrapper, 0o755);
      return [name, wrapper];
    });
    runtime = createLauncher({ ...facts, tools: Object.fromEntries(tools) });
  });
  after(() => place.dispose());

  const started = () => {
    const names = readFileSync(log, "utf8").trim().split("\n");
    rmSync(log);
    return names;
  };

  it("are few for a run, and fewer for an exec", async () => {
    const stateDir = path.join(place.path, "state");
    mkdirSync(stateDir);
    const rootfs = makeBusyboxRoot(path.join(place.path, "rootfs"));
    const spec = { rootfs, stateDir, hostname: "h", mounts: [], network: "none", seccomp: "default" } as const;
    const running = await runtime.run({ ...spec, process: processSpec(["sh", "-c", "echo up; exec sleep 1000"]) });
    try {
      await once(running.stdout, "data");
      const run = started();
      assert.ok(run.length <= 14, `${run.length}: ${run.join(" ")}`);
      const handle = { pid: running.pid, rootfs, stateDir, seccomp: "default" };
      const counts: number[] = [];
      // Pipes are made for several at once.
      for (let round = 0; round < 4; round += 1) {
        const exec = await runtime.exec(handle, processSpec(["true"]));
        exec.stdin.end();
        assert.equal(await exec.exit, 0);
        counts.push(started().length);
      }
      assert.ok(Math.min(...counts) <= 4, counts.join());
    } finally {
      running.signal("KILL");
      await running.exit;
    }
  });
});
