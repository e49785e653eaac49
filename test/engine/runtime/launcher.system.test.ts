import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { probeHost } from "../../../engine/runtime/facts.ts";
import { createLauncher } from "../../../engine/runtime/launcher.ts";
import type { Runtime } from "../../../engine/runtime/types.ts";
import { insideVariable, ordinaryUser, runAgain, userNamespaces } from "../../support/as-user.ts";
import { makeBusyboxRoot } from "../../support/busybox-root.ts";
import { runtimeContract } from "./contract.ts";
import { oneIdContract, spec } from "./one-id.ts";

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
    describe(inside, () => oneIdContract(() => launcher("single-id")));
    return;
  }
  if (isRoot) describe("as root", () => runtimeContract(() => launcher("root")));
  const user = isRoot ? { user: ordinaryUser() } : {};
  it("meets the contract for an ordinary user", async () => {
    await runAgain({ bundle: __filename, inside: ordinary, prefix: userNamespaces, ...user });
  }).timeout(600_000);
  it("runs what needs one user only, for an account without subordinate ids", async () => {
    const prefix = userNamespaces.filter((option) => option !== "--map-auto");
    await runAgain({ bundle: __filename, inside: oneId, prefix, ...user });
  }).timeout(300_000);
  for (const finisher of ["perl", "python3"] as const) {
    it(`has a filter, an init and every variable by ${finisher} alone`, async () => {
      const facts = await probeHost();
      const others = ["perl", "python3"].filter((name) => name !== finisher);
      const missing = [...others, "docker-init", "tini", "tini-static", "catatonit"];
      const tools = { ...facts.tools, ...Object.fromEntries(missing.map((name) => [name, undefined])) };
      const runtime = createLauncher({ ...facts, tools, seccompBy: finisher });
      const folder = mkdtempSync(path.join(tmpdir(), "drydock-finisher-"));
      try {
        const rootfs = makeBusyboxRoot(path.join(folder, "rootfs"));
        for (const [index, wish] of [{}, { uid: 1000, gid: 1000 }, { tty: { rows: 20, columns: 70 } }].entries()) {
          const stateDir = path.join(folder, String(index));
          mkdirSync(stateDir);
          const script =
            "trap 'echo got; exit 9' TERM; echo $$; echo $PWD_X; head -c 6 /proc/$$/cmdline | tr '\\0' ' '; echo; env | grep -c LC_; cat /proc/self/status | grep -E '^(Seccomp|CapEff|Uid)'; echo up; while :; do sleep 0.05; done";
          const env = ["PATH=/bin", "LD_MINE=1", "PWD_X=x"];
          const running = await runtime.run({
            rootfs,
            hostname: "h",
            mounts: [],
            network: "current",
            stateDir,
            init: true,
            seccomp: "default",
            process: spec(["sh", "-c", script], { env, ...wish }),
          });
          let output = "";
          await new Promise<void>((resolve) => {
            running.stdout.on("data", (part: Uint8Array) => {
              output += String(part);
              if (output.includes("up")) resolve();
            });
          });
          running.signal("TERM");
          assert.equal(await running.exit, 9, output);
          const user = "uid" in wish ? 1000 : 0;
          const capabilities = user === 0 ? "00000000a80425fb" : "0000000000000000";
          const lines = output.replaceAll("\r", "").replaceAll("\t", " ").split("\n");
          assert.notEqual(lines[0], "1");
          assert.deepEqual(lines.slice(1), [
            "x",
            "sh -c ",
            "0",
            `Uid: ${user} ${user} ${user} ${user}`,
            `CapEff: ${capabilities}`,
            "Seccomp: 2",
            "Seccomp_filters: 1",
            "up",
            "got",
            "",
          ]);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
  it("refuses where there are no namespaces, and says what to do", async () => {
    const facts = { ...(await probeHost()), isolation: "none" } as const;
    await assert.rejects(createLauncher(facts).exec({ pid: process.pid, rootfs: "/", stateDir: "/" }, spec(["true"])), {
      code: "runtime-unavailable",
    });
  });
});
