import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { probeHost } from "../../../engine/runtime/facts.ts";
import { dismissHolder, enterNamespaces } from "../../../engine/runtime/holder.ts";
import { namespaceOf, processStat } from "../../../engine/runtime/proc.ts";
import { insideVariable, ordinaryUser, runAgain } from "../../support/as-user.ts";

const inside = process.env[insideVariable];
const isRoot = process.getuid?.() === 0;

if (process.env.DRYDOCK_TEST_PROBE === undefined) {
  describe("namespaces that outlive the engine", () => {
    if (inside !== undefined) {
      describe(inside, () => suite("user-namespace"));
      return;
    }
    if (isRoot) describe("as root", () => suite("root"));
    it("work for an ordinary user", async () => {
      await runAgain({ bundle: __filename, inside: "as an ordinary user", ...(isRoot && { user: ordinaryUser() }) });
    }).timeout(300_000);
  });
} else {
  // This very file, started by enterNamespaces: it tells what it finds.
  void probeHost().then(({ isolation }) =>
    console.log(JSON.stringify({ isolation, uid: process.getuid?.(), cwd: process.cwd() })),
  );
}

function suite(isolation: string): void {
  let runtimeDir: string;
  beforeEach(() => {
    runtimeDir = mkdtempSync(path.join(tmpdir(), "drydock-holder-"));
  });
  afterEach(() => {
    dismissHolder(runtimeDir);
    rmSync(runtimeDir, { recursive: true });
  });
  const holder = () =>
    JSON.parse(readFileSync(path.join(runtimeDir, "holder.json"), "utf8")) as { pid: number; kind: string };
  const enter = async (script: string, ...args: string[]) => {
    const child = await enterNamespaces({
      runtimeDir,
      nodePath: process.execPath,
      script,
      args,
      env: { ...process.env, DRYDOCK_TEST_PROBE: "1" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    if (!child.stdout) throw new Error("no stdout");
    return { pid: child.pid, output: await text(child.stdout) };
  };
  const script = (body: string) => {
    const file = path.join(runtimeDir, "script.cjs");
    writeFileSync(file, body);
    return file;
  };

  it("makes the engine root in namespaces of its own", async () => {
    const { output } = await enter(__filename);
    assert.deepEqual(JSON.parse(output), { isolation, uid: 0, cwd: "/" });
    assert.notEqual(namespaceOf(holder().pid, "mnt"), namespaceOf("self", "mnt"));
    assert.equal(statSync(path.join(runtimeDir, "holder.json")).mode & 0o777, 0o600);
  });

  it("lets the next engine find the mounts of the last, and the host see none of them", async () => {
    const point = path.join(runtimeDir, "point");
    mkdirSync(point);
    const mount = script(
      `require("child_process").execFileSync("mount", ["-t", "tmpfs", "x", ${JSON.stringify(point)}]); require("fs").writeFileSync(${JSON.stringify(`${point}/file`)}, "")`,
    );
    await enter(mount);
    const first = holder().pid;
    const { output } = await enter(script(`console.log(require("fs").readdirSync(${JSON.stringify(point)}).join())`));
    assert.equal(output, "file\n");
    assert.equal(holder().pid, first);
    assert.equal(existsSync(`${point}/file`), false);
  });

  it("gives the child's own pid and its environment", async () => {
    const { pid, output } = await enter(
      script("console.log(process.pid, process.env.DRYDOCK_TEST_PROBE, process.argv[2])"),
      "argument",
    );
    assert.equal(output, `${pid} 1 argument\n`);
  });

  it("keeps nothing of the environment in the holder", async () => {
    await enter(script(""));
    assert.doesNotMatch(readFileSync(`/proc/${holder().pid}/environ`, "latin1"), /DRYDOCK|HOME=/);
  });

  it("makes one holder when two start at once", async () => {
    const report = script(`console.log(require("fs").readlinkSync("/proc/self/ns/mnt"))`);
    const [one, two] = await Promise.all([enter(report), enter(report)]);
    assert.equal(one.output, two.output);
  });

  it("replaces a holder that is gone, and does not trust its pid", async () => {
    await enter(script(""));
    const first = holder().pid;
    process.kill(first, "SIGKILL");
    while (!["Z", undefined].includes(processStat(first)?.state)) await new Promise((resolve) => setImmediate(resolve));
    // Somebody else has the pid now.
    writeFileSync(
      path.join(runtimeDir, "holder.json"),
      JSON.stringify({ pid: process.pid, startTime: "1", bootId: "x", kind: "root" }),
    );
    await enter(script(""));
    assert.ok(![first, process.pid].includes(holder().pid));
  });

  it("refuses a folder where others may write", async () => {
    chmodSync(runtimeDir, 0o777);
    await assert.rejects(enter(script("")), { code: "forbidden" });
    chmodSync(runtimeDir, 0o700);
  });
}
