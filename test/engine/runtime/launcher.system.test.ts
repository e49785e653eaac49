import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { probeHost } from "../../../engine/runtime/facts.ts";
import { createLauncher } from "../../../engine/runtime/launcher.ts";
import type { ProcessSpec, Runtime } from "../../../engine/runtime/types.ts";
import { insideVariable, ordinaryUser, runAgain, userNamespaces } from "../../support/as-user.ts";
import { makeBusyboxRoot } from "../../support/busybox-root.ts";
import { runtimeContract } from "./contract.ts";

const inside = process.env[insideVariable];
const isRoot = process.getuid?.() === 0;
const ordinary = "as an ordinary user";
const oneId = "as an ordinary user without subordinate ids";

async function launcher(isolation: string): Promise<Runtime> {
  const facts = await probeHost();
  assert.equal(facts.isolation, isolation);
  return createLauncher(facts);
}

describe("launcher", () => {
  if (inside === ordinary) {
    describe(inside, () => runtimeContract(() => launcher("user-namespace")));
    return;
  }
  if (inside === oneId) {
    describe(inside, oneIdSuite);
    return;
  }
  if (isRoot) describe("as root", () => runtimeContract(() => launcher("root")));
  const user = isRoot ? { user: ordinaryUser() } : {};
  it("meets the contract for an ordinary user", async () => {
    await runAgain({ bundle: __filename, inside: ordinary, prefix: userNamespaces, ...user });
  }).timeout(120_000);
  it("runs what needs one user only, for an account without subordinate ids", async () => {
    const prefix = userNamespaces.filter((option) => option !== "--map-auto");
    await runAgain({ bundle: __filename, inside: oneId, prefix, ...user });
  }).timeout(60_000);
  it("refuses where there are no namespaces, and says what to do", async () => {
    const facts = { ...(await probeHost()), isolation: "none" } as const;
    await assert.rejects(createLauncher(facts).exec({ pid: process.pid, rootfs: "/", stateDir: "/" }, spec(["true"])), {
      code: "runtime-unavailable",
    });
  });
});

function spec(args: readonly string[], wish: Partial<ProcessSpec> = {}): ProcessSpec {
  return { args, env: ["PATH=/bin"], cwd: "/", uid: 0, gid: 0, additionalGids: [0], ...wish };
}

function oneIdSuite(): void {
  let folder: string;
  let runtime: Runtime;
  let count = 0;
  before(async () => {
    runtime = await launcher("single-id");
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
      const running = await run(spec(["sh", "-c", "id -u; hostname; exit 3"], tty && { tty }));
      assert.equal((await text(running.stdout)).replaceAll("\r", ""), "0\nh\n");
      assert.equal(await running.exit, 3);
    }
  });
  it("says that other users need subordinate ids", async () => {
    await assert.rejects(run(spec(["true"], { uid: 1000 })), { code: "runtime-unavailable" });
  });
}
