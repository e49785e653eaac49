import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildSync } from "esbuild";
import { makeEngine, type TestEngine } from "../../support/build-engine.ts";
import { makeFolder } from "../../support/files.ts";

describe("drydock forecast", function () {
  this.timeout(60_000);
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

  const drydock = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    spawnSync(process.execPath, [path.join(built, "dist/cli.js"), "forecast", ...args], {
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
    assert.match(
      stdout,
      /4 {3}RUN echo \$A > made +rebuilt .*An argument, a variable or a setting that it sees has another value\.\n/,
    );
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

  it("says what is wrong with a Dockerfile, a target or a folder", () => {
    assert.match(drydock([...platform, "--target", "none", "."]).stdout, /no stage "none"/);
    const missing = drydock(["nowhere"]);
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /does not exist/);
    assert.equal(drydock([]).status, 2);
  });
});
