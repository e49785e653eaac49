import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildSync } from "esbuild";
import { makeEngine, type TestEngine } from "../../support/build-engine.ts";
import { makeFolder } from "../../support/files.ts";

describe("drydock forecast", function () {
  this.timeout(180_000);
  let built = "";
  let engine: TestEngine;
  let context: ReturnType<typeof makeFolder>;

  before(async () => {
    built = mkdtempSync(path.join(tmpdir(), "drydock-forecast-"));
    buildSync({
      entryPoints: ["client/cli/main.ts"],
      outfile: path.join(built, "dist/cli.js"),
      external: ["cpu-features", "*.node"],
      bundle: true,
      platform: "node",
      target: "node20",
      mainFields: ["module", "main"],
      logLevel: "error",
    });
    for (const file of ["tree-sitter.wasm", "tree-sitter-bash.wasm"])
      copyFileSync(`node_modules/@vscode/tree-sitter-wasm/wasm/${file}`, path.join(built, "dist", file));
    engine = await makeEngine();
    await engine.addImage("base", { "etc/passwd": "" });
    context = makeFolder({ Dockerfile: "FROM base\nARG A\nCOPY src /src\nRUN echo $A > made\n", "src/a": "a" });
    await engine.build(context.path, { buildArgs: { A: "1" } });
  });
  after(() => {
    engine.dispose();
    context.dispose();
    rmSync(built, { recursive: true });
  });

  const drydock = (args: readonly string[], env: NodeJS.ProcessEnv = {}, command = "forecast") =>
    spawnSync(process.execPath, [path.join(built, "dist/cli.js"), command, ...args], {
      cwd: context.path,
      encoding: "utf8",
      env: {
        PATH: process.env.PATH,
        LC_ALL: "C",
        DRYDOCK_HOME: engine.home,
        DRYDOCK_HOST: "unix:///nowhere/e.sock",
        ...env,
      },
    });
  const platform = ["--platform", "linux/amd64"];

  it("says in a table what is reused, without an engine", () => {
    const { status, stdout } = drydock([...platform, "--build-arg", "A=1", "."]);
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^1 {3}FROM base +reused\n3 {3}COPY src \/src +reused\n4 {3}RUN .* reused\n\n3 of 3 steps reused\n$/,
    );
  });

  it("takes arguments from the environment and says what changes", () => {
    const { stdout } = drydock([...platform, "--build-arg", "A", "."], { A: "2" });
    assert.match(stdout, /4 {3}RUN echo \$A > made +rebuilt .*ARG A changed from 1 to 2\.\n/);
  });

  it("takes what builds take: named contexts, and what else decides keys of RUN", async () => {
    const other = makeFolder({ a: "a", b: "b" });
    const text = "FROM base\nCOPY --from=more a /a\nRUN echo network > made\n";
    const named = makeFolder({ Dockerfile: text });
    const request = { buildContexts: { more: other.path }, network: "none" as const, addHosts: ["db:1.2.3.4"] };
    assert.equal((await engine.build(named.path, request)).failure, undefined);
    const flags = ["--build-context", `more=${other.path}`, "--add-host", "db:5.6.7.8"];
    assert.match(drydock([...platform, ...flags, "--network", "none", named.path]).stdout, /\n3 of 3 steps reused\n$/);
    assert.match(drydock([...platform, ...flags, named.path]).stdout, /3 {3}RUN .* rebuilt /);
    writeFileSync(path.join(other.path, "a"), "changed");
    assert.match(drydock([...platform, ...flags, "--network", "none", named.path]).stdout, /2 {3}COPY .* rebuilt /);
    const wrong = drydock([...platform, "--network", "moon", named.path]);
    assert.deepEqual([wrong.status, wrong.stdout], [2, ""]);
    assert.match(wrong.stderr, /^drydock forecast: --network is default, none or host\n/);
    for (const folder of [other, named]) folder.dispose();
  });

  it("replays history with arguments of the build", () => {
    const order = makeFolder({ Dockerfile: "ARG BASE\nFROM $BASE\nCOPY a /a\n", a: "a" });
    const git = (...args: string[]) =>
      spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: order.path });
    for (const args of [
      ["init", "-q"],
      ["add", "."],
      ["commit", "-q", "-m", "one"],
    ])
      git(...args);
    const { status, stdout, stderr } = drydock(["--build-arg", "BASE=base", order.path], {}, "replay");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /COPY a \/a/);
    assert.equal(drydock([order.path], {}, "replay").status, 1);
    order.dispose();
  });

  it("is JSON for programs", () => {
    writeFileSync(path.join(context.path, "src/a"), "other");
    const { status, stdout } = drydock([...platform, "--format", "json", "--build-arg", "A=1", "."]);
    const { steps, totals } = JSON.parse(stdout);
    assert.equal(status, 0);
    assert.deepEqual(Object.keys(steps[1]).sort(), [
      "cause",
      "durationMs",
      "instruction",
      "line",
      "outcome",
      "past",
      "reason",
      "sizeBytes",
      "stage",
    ]);
    assert.deepEqual(
      steps.map(({ outcome, reason }: { outcome: string; reason: string }) => `${outcome}: ${reason}`),
      [
        "hit: Nothing that it depends on has changed.",
        "miss: src/a has changed.",
        "miss: The step in line 3 is not what it was.",
      ],
    );
    assert.deepEqual([totals.hits, totals.misses, totals.unknown], [1, 2, 0]);
  });

  it("names the variable for programs, and no secret", () => {
    writeFileSync(path.join(context.path, "src/a"), "a");
    const { steps } = JSON.parse(drydock([...platform, "--format", "json", "--build-arg", "A=2", "."]).stdout);
    assert.deepEqual(steps[2].cause, {
      kind: "environment-changed",
      changes: [{ part: "ARG", name: "A", from: "1", to: "2" }],
    });
  });

  it("lists what would pay, most first, by records and by history", async () => {
    const git = (...args: string[]) =>
      spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: order.path, encoding: "utf8" });
    // Commands of these builds see this machine's files: an npm of ours that takes a while.
    const tools = makeFolder({ npm: "#!/bin/sh\nsleep 1\n" });
    chmodSync(path.join(tools.path, "npm"), 0o755);
    const text = `FROM base\nENV PATH=${tools.path}:$PATH\nWORKDIR /app\nCOPY . .\nRUN npm ci\n`;
    const order = makeFolder({
      Dockerfile: text,
      "package.json": "{}",
      "package-lock.json": "{}",
      "src.js": "0",
      ".dockerignore": "Dockerfile\n.git\n",
    });
    try {
      git("init", "-q");
      for (let commit = 0; commit < 5; commit += 1) {
        writeFileSync(path.join(order.path, "src.js"), String(commit));
        git("add", ".");
        git("commit", "-q", "-m", String(commit));
      }
      assert.deepEqual((await engine.build(order.path)).failure, undefined);
      const { stdout, stderr } = drydock([...platform, "--format", "json", order.path]);
      const { advice } = JSON.parse(stdout || JSON.stringify(stderr));
      assert.deepEqual(
        advice.map(({ rule, line }: { rule: string; line: number }) => `${line} ${rule}`),
        ["4 cache/copy-before-install", "5 cache/cache-mount"],
      );
      const [best, mount] = advice;
      assert.ok(best.savesMs >= 900, stdout);
      assert.deepEqual(best.helped, { times: 4, of: 5, what: "commits" });
      assert.match(best.words, /5 of the last 5 commits would run npm ci again; in the proposed order 1/);
      assert.ok(mount.isAtMost && mount.meanMs < best.meanMs, stdout);
      const table = drydock([...platform, order.path]).stdout;
      assert.match(table, /\n\nWhat would pay most:\n4 +cache\/copy-before-install .*\n5 +cache\/cache-mount /);
    } finally {
      order.dispose();
      tools.dispose();
    }
  });

  it("says what is wrong with a Dockerfile, a target or a folder", () => {
    assert.match(drydock([...platform, "--target", "none", "."]).stdout, /no stage "none"/);
    const missing = drydock(["nowhere"]);
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /does not exist/);
    assert.equal(drydock([]).status, 2);
  });
});
