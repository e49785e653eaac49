import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { ProcessSpec, Runtime } from "../../../engine/runtime/types.ts";
import { makeBusyboxRoot } from "../../support/busybox-root.ts";

/** What every Runtime must do for an account that may only be root in containers. */
export function oneIdContract(makeRuntime: () => Promise<Runtime>): void {
  let folder: string;
  let runtime: Runtime;
  let count = 0;
  before(async () => {
    runtime = await makeRuntime();
    folder = mkdtempSync(path.join(tmpdir(), "drydock-one-id-"));
    makeBusyboxRoot(path.join(folder, "rootfs"));
  });
  after(() => rmSync(folder, { recursive: true }));
  const run = (process: ProcessSpec) => {
    const stateDir = path.join(folder, String(count++));
    mkdirSync(stateDir);
    return runtime.run({
      rootfs: path.join(folder, "rootfs"),
      hostname: "h",
      mounts: [],
      network: "none",
      stateDir,
      process,
    });
  };

  it("runs commands with and without a terminal", async () => {
    for (const tty of [undefined, { rows: 20, columns: 60 }]) {
      // As in contract.ts: crun 1.8 garbles what a terminal still holds when its process ends.
      const readFirst = tty && runtime.name === "crun" ? "sleep 0.3; " : "";
      const running = await run(spec(["sh", "-c", `id -u; hostname; ${readFirst}exit 3`], tty && { tty }));
      assert.equal((await text(running.stdout)).replaceAll("\r", ""), "0\nh\n");
      assert.equal(await running.exit, 3);
    }
  });
  it("says that other users need subordinate ids", async () => {
    await assert.rejects(run(spec(["true"], { uid: 1000 })), { code: "runtime-unavailable" });
  });
}

export function spec(args: readonly string[], wish: Partial<ProcessSpec> = {}): ProcessSpec {
  return { args, env: ["PATH=/bin"], cwd: "/", uid: 0, gid: 0, additionalGids: [0], ...wish };
}
