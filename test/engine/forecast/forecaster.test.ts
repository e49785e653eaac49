import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Forecast, ForecastRequest } from "../../../engine/base/forecast.ts";
import { formatMessage } from "../../../engine/base/message.ts";
import { type Forecaster, openForecaster } from "../../../engine/forecast.ts";
import { makeEngine, type TestEngine } from "../../support/build-engine.ts";
import { makeFolder } from "../../support/files.ts";

const platform = { os: "linux", architecture: "amd64" };
const dockerfile = "FROM base\nWORKDIR /app\nCOPY src src\nRUN echo made > made\n";

describe("what a forecast says and costs", function () {
  this.timeout(60_000);
  let engine: TestEngine;
  let context: ReturnType<typeof makeFolder>;
  let forecaster: Forecaster;
  beforeEach(async () => {
    engine = await makeEngine();
    await engine.addImage("base", { "etc/passwd": "" });
    context = makeFolder({ Dockerfile: dockerfile, "src/a": "a", "src/b": "b", "docs/c": "c" });
    forecaster = openForecaster({ home: engine.home, platform });
  });
  afterEach(async () => {
    await forecaster.dispose();
    engine.dispose();
    context.dispose();
  });

  const at = (name: string) => path.join(context.path, name);
  const ask = (text?: string, more: Partial<ForecastRequest> = {}): Promise<Forecast> =>
    forecaster.forecast({
      contextDir: context.path,
      dockerfilePath: at("Dockerfile"),
      text: text ?? readFileSync(at("Dockerfile"), "utf8"),
      ...more,
    });
  const said = ({ steps }: Forecast) =>
    steps.map(({ line, outcome, reason }) => `${line} ${outcome}: ${formatMessage(reason)}`);
  const write = (name: string, text: string) => {
    writeFileSync(at(name), text);
    forecaster.invalidate([at(name)]);
  };
  const same = "Nothing that it depends on has changed.";

  it("says before the first build that nothing has been built, and that there is no record", async () => {
    const first = await ask();
    assert.deepEqual(
      said(first).slice(1),
      [2, 3, 4].map((line) => `${line} miss: It has not been built here yet.`),
    );
    assert.equal(
      formatMessage(first.totals.words),
      "how long it takes is not known: there is no record of these steps",
    );
    assert.equal(first.totals.unmeasured, 3);
  });

  it("names what changed, the line that everything after hangs on, and the cost of the last time", async () => {
    await engine.build(context.path);
    const all = await ask();
    assert.deepEqual(
      said(all),
      [1, 2, 3, 4].map((line) => `${line} hit: ${same}`),
    );
    assert.equal(formatMessage(all.totals.words), "everything is reused");

    write("src/a", "changed");
    const changed = await ask();
    assert.deepEqual(said(changed).slice(2), [
      "3 miss: src/a has changed.",
      "4 miss: The step in line 3 is not what it was.",
    ]);
    assert.deepEqual(changed.steps[2]?.cause, {
      kind: "files-changed",
      files: [{ path: "src/a", change: "content" }],
      more: 0,
    });
    assert.ok(changed.steps.every(({ durationMs }, step) => step === 0 || durationMs !== undefined));
    assert.ok(changed.totals.expectedMs >= (changed.steps[3]?.durationMs ?? 0));
    assert.match(formatMessage(changed.totals.words), /^about /);

    await engine.build(context.path);
    write("src/a", "a");
    assert.deepEqual(
      said(await ask()),
      [1, 2, 3, 4].map((line) => `${line} hit: ${same}`),
      "as it was before",
    );
  });

  it("keeps what a step cost when it was last done, not what finding it cost", async () => {
    const text = dockerfile.replace("echo made", "sleep 0.3; echo made");
    write("Dockerfile", text);
    for (let build = 0; build < 3; build += 1) await engine.build(context.path);
    await engine.cache.clear();
    const { steps, totals } = await ask();
    assert.ok((steps[3]?.durationMs ?? 0) >= 300, JSON.stringify(steps[3]));
    assert.ok(totals.expectedMs >= 300);
    assert.deepEqual(steps[3]?.cause, { kind: "pruned" });
  });

  it("names a step's own cause where the step below may come out as it was", async () => {
    write(
      "Dockerfile",
      "FROM base AS tool\nRUN echo made > made\nFROM base\nCOPY --from=tool made /made\nCOPY src src\n",
    );
    await engine.build(context.path);
    await engine.cache.clear();
    write("src/a", "changed");
    const { steps } = await ask();
    assert.deepEqual(
      steps.map(({ line, outcome, cause }) => [line, outcome, cause?.kind]),
      [
        [1, "hit", undefined],
        [2, "miss", "pruned"],
        [4, "miss", "pruned"],
        [5, "miss", "files-changed"],
      ],
    );
  });

  it("takes a step that failed for one that was never built", async () => {
    write("Dockerfile", dockerfile.replace("echo made", "exit 3; echo made"));
    await engine.build(context.path);
    const { steps } = await ask();
    assert.deepEqual(steps.map(({ outcome, cause }) => [outcome, cause?.kind]).at(-1), ["miss", "never-built"]);
  });

  it("counts the text in the editor, also where a COPY takes the Dockerfile itself", async () => {
    write("Dockerfile", "FROM base\nCOPY . /all\nCOPY src /src\n");
    await engine.build(context.path);
    assert.deepEqual(
      (await ask()).steps.map(({ outcome }) => outcome),
      ["hit", "hit", "hit"],
    );
    const unsaved = "FROM base\n# a remark\nCOPY . /all\nCOPY src /src\n";
    const before = await ask(unsaved);
    assert.deepEqual(said(before)[1], "3 miss: Dockerfile has changed.");
    write("Dockerfile", unsaved);
    assert.deepEqual(said(await ask()), said(before), "once it is saved");
    await engine.build(context.path);
    assert.deepEqual(
      (await ask()).steps.map(({ outcome }) => outcome),
      ["hit", "hit", "hit"],
    );
  });

  it("leaves open what only the build can tell, and no more than that", async () => {
    const text = `FROM base AS one\nCOPY src src\nRUN cat src/* > made\nFROM base\nCOPY --from=one made /made\nRUN true\nCOPY docs /docs\n`;
    write("Dockerfile", text);
    await engine.build(context.path);
    write("src/a", "other");
    const open = await ask();
    assert.deepEqual(
      open.steps.map(({ outcome }) => outcome),
      ["hit", "miss", "miss", "unknown", "unknown", "unknown"],
    );
    assert.deepEqual(open.steps[3]?.cause, { kind: "depends", line: 3 });
    const edited = await ask(text.replace("RUN true\n", "RUN false\n"));
    assert.deepEqual(said(edited).slice(4, 5), ["6 miss: The instruction has changed: “true” became “false”."]);
    const never = await ask(text.replace("/made\n", "/elsewhere\n"));
    assert.deepEqual(never.steps.map(({ outcome }) => outcome).slice(3), ["miss", "miss", "miss"]);
  });

  it("knows of an image that has to be pulled only that", async () => {
    engine.publish("far", { f: "1" });
    await engine.build(context.path);
    const { steps } = await ask("FROM far\nCOPY src /src\n");
    assert.deepEqual(
      steps.map(({ outcome, cause }) => [outcome, cause]),
      [
        ["miss", { kind: "base-missing", name: "far" }],
        ["unknown", { kind: "base-missing", name: "far" }],
      ],
    );
  });

  it("says of images that will be asked for anew no word of their not being here", async () => {
    await engine.build(context.path);
    const { steps } = await ask("FROM base\nCOPY src /src\n", { pull: true });
    assert.deepEqual(
      steps.map(({ outcome, reason }) => `${outcome}: ${formatMessage(reason)}`),
      ["miss: The build is asked to pull base anew.", "unknown: It is known once base is pulled."],
    );
  });

  it("leaves an address open that it would have to ask", async () => {
    await engine.build(context.path);
    const { steps } = await ask("FROM base\nADD https://user:word@files.invalid/f /f\n");
    assert.deepEqual(
      [steps[1]?.outcome, steps[1]?.cause],
      ["miss", { kind: "never-built" }],
      "nothing was ever added here",
    );
  });

  it("says what is wrong instead, and where", async () => {
    const { problem, steps } = await ask("FROM base\nRUM true\n");
    assert.equal(problem?.range?.start.line, 1);
    assert.deepEqual(steps, []);
    const missing = await ask("FROM base\nCOPY nowhere /\nRUN true\n");
    assert.deepEqual(
      missing.steps.map(({ outcome, cause }) => [outcome, cause?.kind]),
      [
        ["hit", undefined],
        ["unknown", "fails"],
        ["unknown", "fails"],
      ],
    );
    assert.equal(formatMessage(missing.totals.words), "the build will fail in line 2");
  });

  it("follows target, arguments and what is done without the cache", async () => {
    const text = "FROM base AS one\nARG A\nRUN echo $A\nFROM one AS two\nRUN true\n";
    write("Dockerfile", text);
    await engine.build(context.path, { buildArgs: { A: "1" } });
    const outcomes = async (more: Partial<ForecastRequest>) =>
      (await ask(text, more)).steps.map(({ outcome }) => outcome);
    assert.deepEqual(await outcomes({ buildArgs: { A: "1" } }), ["hit", "hit", "hit"]);
    assert.deepEqual(await outcomes({ buildArgs: { A: "2" } }), ["hit", "miss", "miss"]);
    assert.deepEqual(await outcomes({ buildArgs: { A: "1" }, target: "one" }), ["hit", "hit"]);
    assert.deepEqual(await outcomes({ buildArgs: { A: "1" }, noCache: true }), ["hit", "miss", "miss"]);
    assert.deepEqual(await outcomes({ buildArgs: { A: "1" }, noCacheFilter: ["two"] }), ["hit", "hit", "miss"]);
  });

  describe("names the one variable", () => {
    const last = async (text: string, more: Partial<ForecastRequest> = {}) => said(await ask(text, more)).at(-1);

    it("that is given to the build", async () => {
      const text = "FROM base\nARG VERSION=1.2\nENV DEBUG=0\nRUN echo $VERSION\n";
      write("Dockerfile", text);
      await engine.build(context.path);
      const given = await ask(text, { buildArgs: { VERSION: "1.3" } });
      assert.equal(said(given).at(-1), "4 miss: ARG VERSION changed from 1.2 to 1.3.");
      assert.deepEqual(given.steps.at(-1)?.cause, {
        kind: "environment-changed",
        changes: [{ part: "ARG", name: "VERSION", from: "1.2", to: "1.3" }],
      });
      assert.equal(await last(text.replace("1.2", "1.4")), "4 miss: ARG VERSION changed from 1.2 to 1.4.");
      assert.equal(await last(text.replace("DEBUG=0", "DEBUG=1")), "4 miss: ENV DEBUG changed from 0 to 1.");
    });

    it("of an earlier stage or of the base image, and the image itself", async () => {
      const text = "FROM base AS one\nENV LEVEL=1\nFROM one\nRUN echo made\n";
      write("Dockerfile", text);
      await engine.build(context.path);
      assert.equal(await last(text.replace("LEVEL=1", "LEVEL=2")), "4 miss: ENV LEVEL changed from 1 to 2.");
      await engine.addImage("base", { "etc/passwd": "" }, { Env: ["NODE_VERSION=24"] });
      assert.equal(await last(text), "4 miss: ENV NODE_VERSION is set now, to 24.");
      await engine.addImage("other", { "etc/passwd": "other" });
      assert.equal(
        await last(text.replace("FROM base", "FROM other")),
        "4 miss: It stands on other now, no longer on base.",
      );
    });

    it("but writes down and says no value that may be a secret", async () => {
      const text = "FROM base\nARG NPM_TOKEN\nRUN echo made\n";
      write("Dockerfile", text);
      await engine.build(context.path, { buildArgs: { NPM_TOKEN: "hunter2" } });
      for (const name of readdirSync(path.join(engine.home, "builds")))
        assert.ok(!readFileSync(path.join(engine.home, "builds", name), "utf8").includes("hunter2"));
      const { steps } = await ask(text, { buildArgs: { NPM_TOKEN: "hunter3" } });
      assert.ok(!JSON.stringify(steps).includes("hunter"));
      assert.equal(
        steps.at(-1) && formatMessage(steps[1]?.reason ?? { template: "" }),
        "ARG NPM_TOKEN has another value.",
      );
      assert.equal((await ask(text, { buildArgs: { NPM_TOKEN: "hunter2" } })).steps.at(-1)?.outcome, "hit");
    });

    it("or says it as it can from a record of an older version", async () => {
      const text = "FROM base\nARG VERSION=1.2\nRUN echo $VERSION\n";
      write("Dockerfile", text);
      await engine.build(context.path);
      const folder = path.join(engine.home, "builds");
      const file = path.join(folder, readdirSync(folder)[0] ?? "");
      const record = JSON.parse(readFileSync(file, "utf8")) as { steps: object[] };
      writeFileSync(
        file,
        JSON.stringify({ ...record, steps: record.steps.map((step) => ({ ...step, facts: undefined })) }),
      );
      assert.equal(
        await last(text.replace("1.2", "1.3")),
        "3 miss: An argument, a variable or a setting that it sees has another value.",
      );
    });
  });

  it("says what in an instruction changed", async () => {
    await engine.build(context.path);
    const edited = (from: string, to: string) => ask(dockerfile.replace(from, to)).then((all) => said(all).at(-1));
    assert.equal(
      await edited("echo made", "echo other"),
      "4 miss: The instruction has changed: “made” became “other”.",
    );
    assert.equal(
      await edited("RUN echo", "RUN --network=none echo"),
      "4 miss: The instruction has changed: “--network=none” was added.",
    );
  });

  it("knows another engine by what was asked of it, and says why its steps are done", async () => {
    const layers = [`sha256:${"1".repeat(64)}`];
    const foreign = { engine: { name: "docker", images: { base: { id: `sha256:${"2".repeat(64)}`, layers } } } };
    const text = "FROM base\nARG A=1\nCOPY src src\nRUN echo $A > made\n";
    const build = async (more: Partial<ForecastRequest> = {}) => {
      const request = { contextDir: context.path, dockerfilePath: at("Dockerfile"), text, ...foreign, ...more };
      const { causes, finish } = await forecaster.recordForeignBuild(request);
      const done = new Set(causes.map(({ line }) => line));
      const steps = [1, 3, 4].map((line) => ({ line, cached: !done.has(line), durationMs: 2000 }));
      await finish({ steps });
      return causes;
    };
    const kinds = (causes: Awaited<ReturnType<typeof build>>) =>
      causes.map(({ line, cause }) => `${line} ${cause.kind}`);
    assert.deepEqual(kinds(await build()), ["3 never-built", "4 never-built"]);
    const known = await ask(text, foreign);
    assert.deepEqual([known.isEstimate, known.totals.hits], [true, 3]);
    assert.deepEqual(
      known.steps.map(({ past }) => [past?.builds, past?.redone]),
      [
        [1, 0],
        [1, 1],
        [1, 1],
      ],
    );
    write("src/a", "changed");
    assert.deepEqual(kinds(await build()), ["3 files-changed", "4 parent-rebuilt"]);
    assert.deepEqual(await build({ buildArgs: { A: "2" } }), [
      { line: 4, cause: { kind: "environment-changed", changes: [{ part: "ARG", name: "A", from: "1", to: "2" }] } },
    ]);
    assert.deepEqual((await ask(text, { ...foreign, buildArgs: { A: "3" } })).steps[2]?.past, {
      builds: 3,
      redone: 3,
      for: { A: 1 },
    });
  });

  it("works where there is no engine yet, and writes nothing there", async () => {
    const empty = openForecaster({ home: path.join(context.path, "none"), platform });
    const { steps } = await empty.forecast({
      contextDir: context.path,
      dockerfilePath: at("Dockerfile"),
      text: dockerfile,
    });
    await empty.dispose();
    assert.deepEqual(
      steps.map(({ outcome }) => outcome),
      ["miss", "miss", "miss", "miss"],
    );
    assert.throws(() => readFileSync(at("none/forecast-stats.json")), { code: "ENOENT" });
  });

  describe("in a context of 2,000 files", () => {
    beforeEach(async () => {
      for (let folder = 0; folder < 40; folder += 1) {
        mkdirSync(at(`src/d${folder}`));
        for (let file = 0; file < 50; file += 1) writeFileSync(at(`src/d${folder}/f${file}`), `${folder} ${file}`);
      }
      await engine.build(context.path);
    });
    const workOf = async (work: () => Promise<unknown>) => {
      const before = { ...forecaster.work };
      await work();
      const now = forecaster.work;
      return {
        hashed: now.filesHashed - before.filesHashed,
        stats: now.stats - before.stats,
        folders: now.foldersRead - before.foldersRead,
        records: now.recordsRead - before.recordsRead,
      };
    };

    it("takes over what the engine knows of the files, and hashes none", async () => {
      assert.equal((await workOf(() => ask())).hashed, 0);
    });

    it("looks at no file for a key in the Dockerfile", async () => {
      await ask();
      const work = await workOf(() => ask(`${dockerfile}RUN true`));
      assert.deepEqual({ ...work, records: 0 }, { hashed: 0, stats: 0, folders: 0, records: 0 });
      assert.deepEqual(await workOf(() => ask(`${dockerfile}RUN true `)), {
        hashed: 0,
        stats: 0,
        folders: 0,
        records: 0,
      });
    });

    it("hashes one file after one save, and looks at its folder and those above", async () => {
      await ask();
      write("src/d7/f7", "saved");
      const { hashed, stats, folders } = await workOf(async () =>
        assert.equal((await ask()).steps[2]?.outcome, "miss"),
      );
      assert.deepEqual({ hashed, folders }, { hashed: 1, folders: 3 });
      assert.ok(stats < 100, `${stats} files were looked at`);
      assert.equal((await workOf(() => ask())).hashed, 0, "and then no more");
    });

    it("sees files that come, go and move, and hashes only what is new", async () => {
      await ask();
      write("src/d1/new", "new");
      rmSync(at("src/d2"), { recursive: true });
      forecaster.invalidate([at("src/d2")]);
      const { hashed } = await workOf(async () =>
        assert.match(said(await ask())[2] ?? "", /^3 miss: 51 files have changed/),
      );
      assert.equal(hashed, 1);
    });

    it("hashes nothing when .dockerignore changes", async () => {
      await ask();
      write(".dockerignore", "src/d3\n");
      const { hashed } = await workOf(async () =>
        assert.match(said(await ask())[2] ?? "", /^3 miss: 50 files have changed: src\/d3\/f0/),
      );
      assert.equal(hashed, 0);
    });

    it("reads each record of a build once", async () => {
      await ask();
      await engine.build(context.path);
      const { records } = await workOf(() => ask());
      assert.ok(records <= 1, `${records} were read`);
    });

    it("does not see what it was not told of, until it is told that anything may be", async () => {
      await ask();
      appendFileSync(at("src/d7/f7"), "more");
      assert.equal((await ask()).steps[2]?.outcome, "hit");
      forecaster.invalidate([context.path]);
      assert.equal((await ask()).steps[2]?.outcome, "miss", "something in this folder");
      appendFileSync(at("src/d7/f7"), "and more");
      await engine.build(context.path);
      forecaster.invalidate();
      assert.equal((await ask()).steps[2]?.outcome, "hit");
    });
  });
});
