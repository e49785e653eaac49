import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { BuildEvent } from "../../../engine/base/build-events.ts";
import type { BuildRecord } from "../../../engine/solver/types.ts";
import { layerListing, layersOf, makeEngine, type TestEngine } from "../../support/build-engine.ts";
import { writeFiles } from "../../support/files.ts";

describe("building", () => {
  let engine: TestEngine;
  let onEvent: ((event: BuildEvent) => void) | undefined;
  beforeEach(async () => {
    onEvent = undefined;
    engine = await makeEngine({ onEvent: (event) => onEvent?.(event) });
    await engine.addImage(
      "base",
      {
        "etc/passwd": "root:x:0:0::/root:/bin/sh\napp:x:100:101::/home/app:/bin/sh\n",
        "etc/group": "root:x:0:\nstaff:x:50:app\n",
        "bin/sh": "",
      },
      { Env: ["PATH=/bin:/usr/bin"], Cmd: ["sh"] },
    );
  });
  afterEach(() => engine.dispose());

  const app = {
    Dockerfile:
      'FROM base\nWORKDIR /app\nCOPY package.json .\nRUN echo installing; echo ok > app/installed\nCOPY src src/\nRUN cat app/src/main.txt\nCMD ["start"]\n',
    "package.json": "{}",
    "src/main.txt": "one\n",
  };

  it("makes an image, says what it does, and remembers it", async () => {
    const built = await engine.build(app, { tags: ["app", "ghcr.io/me/app:2"] });
    assert.equal(built.failure, undefined);
    assert.deepEqual(built.steps, [
      "FROM base: cached",
      "WORKDIR /app: done",
      "COPY package.json .: done",
      "RUN echo installing; echo ok > app/installed: done",
      "COPY src src/: done",
      "RUN cat app/src/main.txt: done",
    ]);
    assert.deepEqual(built.log, ["installing", "one"]);
    const types = built.events.map(({ type }) => type);
    assert.equal(types[0], "started");
    assert.equal(types.at(-1), "done");

    const image = await engine.images.find("app");
    assert.equal(image?.id, built.id);
    assert.deepEqual(image?.names, ["docker.io/library/app:latest", "ghcr.io/me/app:2"]);
    assert.deepEqual(image?.config.config?.Cmd, ["start"]);
    assert.equal(image?.config.config?.WorkingDir, "/app");
    assert.equal(image?.config.rootfs.diff_ids.length, 6);
    assert.deepEqual(
      image?.config.history?.map(({ created_by, empty_layer }) => `${created_by}${empty_layer ? " (empty)" : ""}`),
      [
        "base",
        "WORKDIR /app",
        "COPY package.json . # buildkit",
        "RUN /bin/sh -c echo installing; echo ok > app/installed # buildkit",
        "COPY src src/ # buildkit",
        "RUN /bin/sh -c cat app/src/main.txt # buildkit",
        'CMD ["start"] (empty)',
      ],
    );
    const [, workdir, copy, run, src] = await layersOf(engine, built.id);
    assert.deepEqual(await layerListing(engine.content, workdir ?? ("" as never)), ["app/ 755 0:0"]);
    assert.deepEqual(await layerListing(engine.content, copy ?? ("" as never)), [
      "app/ 755 0:0",
      'app/package.json 644 0:0 "{}"',
    ]);
    assert.deepEqual(await layerListing(engine.content, run ?? ("" as never)), ['app/installed 644 0:0 "ok\n"']);
    assert.deepEqual(await layerListing(engine.content, src ?? ("" as never)), [
      "app/ 755 0:0",
      "app/src/ 755 0:0",
      'app/src/main.txt 644 0:0 "one\n"',
    ]);
    assert.equal(engine.mounts.size, 0);
    assert.deepEqual(readdirSync(path.join(engine.home, "runs")), []);
  });

  it("does nothing twice: the second build is cached and makes the same image", async () => {
    const first = await engine.build(app, { tags: ["app"] });
    const ran = engine.runs.length;
    const second = await engine.build(first.context, { tags: ["app"] });
    assert.ok(
      second.steps.every((step) => step.endsWith(": cached")),
      second.steps.join("\n"),
    );
    assert.equal(second.id, first.id);
    assert.equal(engine.runs.length, ran);
    const done = second.events.at(-1);
    assert.deepEqual(done?.type === "done" && [done.cachedSteps, done.totalSteps, done.tags], [6, 6, ["app:latest"]]);
  });

  it("repeats only what a changed file reaches", async () => {
    const first = await engine.build(app);
    writeFiles(first.context, { "src/main.txt": "two\n" });
    const second = await engine.build(first.context);
    assert.deepEqual(
      second.steps.map((step) => step.slice(step.lastIndexOf(": ") + 2)),
      ["cached", "cached", "cached", "cached", "done", "done"],
    );
    assert.deepEqual(second.log, ["two"]);
    assert.notEqual(second.id, first.id);
  });

  it("does everything again without the cache, and not with a later build", async () => {
    const first = await engine.build(app);
    const second = await engine.build(first.context, { noCache: true });
    assert.ok(second.steps.slice(1).every((step) => step.endsWith(": done")));
    assert.ok((await engine.build(first.context)).steps.every((step) => step.endsWith(": cached")));
  });

  it("keeps later steps when a stage was built again with the same result", async () => {
    const files = {
      Dockerfile:
        "FROM base AS tools\nARG V=1\nRUN echo $V > log; echo tool > tool\nFROM base\nCOPY --from=tools /tool /usr/bin/\nRUN cat usr/bin/tool\n",
    };
    const first = await engine.build(files);
    assert.equal(first.failure, undefined);
    const second = await engine.build(first.context, { buildArgs: { V: "2" } });
    assert.deepEqual(
      second.steps.map((step) => step.slice(step.lastIndexOf(": ") + 2)),
      ["cached", "done", "cached", "cached"],
    );
    const third = await engine.build(first.context);
    assert.equal(third.id, first.id);
  });

  it("leaves out stages that the target does not need", async () => {
    const files = { Dockerfile: "FROM base AS a\nRUN echo a\nFROM base AS b\nRUN echo b\n" };
    const built = await engine.build(files, { target: "a" });
    assert.deepEqual(engine.runs, ["echo a"]);
    assert.equal(built.steps.length, 2);
  });

  it("runs independent stages at the same time", async () => {
    // Each waits for a file that the other one's run makes: only together can they end.
    const shared = path.join(engine.home, "meet");
    const wait = (own: string, other: string) =>
      `touch ${shared}${own}; until [ -e ${shared}${other} ]; do sleep 0.01; done`;
    const built = await engine.build({
      Dockerfile: `FROM base AS a\nRUN ${wait("a", "b")}; touch a\nFROM base AS b\nRUN ${wait("b", "a")}; touch b\nFROM scratch\nCOPY --from=a /a /\nCOPY --from=b /b /\n`,
    });
    assert.equal(built.failure, undefined);
  });

  it("does not count the wait for another stage as a step's own time", async () => {
    let clock = Date.UTC(2024, 0, 1);
    const hourMs = 3_600_000;
    const onLog = (event: BuildEvent) => {
      if (event.type === "log") clock += hourMs;
    };
    const other = await makeEngine({ now: () => clock, onEvent: onLog });
    await other.addImage("base", { "etc/passwd": "" });
    const { events } = await other.build({
      Dockerfile: "FROM base AS slow\nRUN echo an hour; touch a\nFROM base\nWORKDIR /app\nCOPY --from=slow /a .\n",
    });
    const took = new Map(
      events.flatMap((event) => (event.type === "step-done" ? [[event.step, event.durationMs]] : [])),
    );
    assert.deepEqual([took.get(1), took.get(3)], [hourMs, 0]);
    other.dispose();
  });

  /** A step that waits, once it has printed `begun`, until `finish`; `shown`: so many builds have seen that. */
  const waitingStep = (builds: number) => {
    const gate = path.join(engine.home, "go");
    let seen = 0;
    const shown = new Promise<void>((resolve) => {
      onEvent = (event) => {
        if (event.type === "log" && event.text === "begun" && ++seen === builds) resolve();
      };
    });
    const files = { Dockerfile: `FROM base\nRUN echo begun; until [ -e ${gate} ]; do sleep 0.01; done; echo ended\n` };
    return { files, shown, finish: () => writeFileSync(gate, "") };
  };

  it("does the same work once for two builds at a time, and both see the log", async () => {
    const { files, shown, finish } = waitingStep(2);
    const both = Promise.all([engine.build(files), engine.build(files)]);
    await shown;
    finish();
    const [first, second] = await both;
    assert.equal(engine.runs.length, 1);
    assert.equal(first.id, second.id);
    assert.deepEqual(
      [first.log, second.log],
      [
        ["begun", "ended"],
        ["begun", "ended"],
      ],
    );
  });

  it("one who is cancelled does not take the work from the other", async () => {
    const { files, shown, finish } = waitingStep(2);
    const abort = new AbortController();
    const [one, other] = [engine.build(files, {}, abort.signal), engine.build(files)];
    await shown;
    abort.abort();
    const first = await one;
    finish();
    const second = await other;
    assert.equal(first.failure?.error.drydock?.code, "cancelled");
    assert.equal(second.failure, undefined);
    assert.deepEqual(second.log, ["begun", "ended"]);
    assert.equal(engine.runs.length, 1);
  });

  it("says which command failed, where, how, and what it printed last", async () => {
    const built = await engine.build({
      Dockerfile:
        "FROM base\nRUN true\nRUN for i in $(seq 30); do echo line $i; done; echo broken >&2; exit 3\nRUN echo never\n",
    });
    const { error, step } = built.failure ?? {};
    assert.equal(built.id, undefined);
    assert.equal(step, 2);
    assert.equal(error?.drydock?.code, "build-step-failed");
    assert.equal(error?.drydock?.exitCode, 3);
    assert.equal(error?.drydock?.range?.start.line, 2);
    assert.match(error?.message ?? "", /returned a non-zero code: 3/);
    assert.match(error?.message ?? "", /line 30/);
    assert.doesNotMatch(error?.message ?? "", /line 5\n/);
    assert.equal(engine.runs.length, 2);
    assert.equal(engine.mounts.size, 0);
    assert.equal((await engine.images.list()).length, 1);
    assert.equal(built.events.filter(({ type }) => type === "failed" || type === "done").length, 1);
  });

  it("makes an image for one platform, and says so", async () => {
    const { failure } = await engine.build({ Dockerfile: "FROM base\n" }, { platform: "linux/amd64,linux/arm64" });
    assert.match(failure?.error.message ?? "", /for one platform, not for linux\/amd64,linux\/arm64/);
  });

  it("stops at once when it is cancelled and leaves nothing half-made", async () => {
    const abort = new AbortController();
    onEvent = (event) => event.type === "log" && abort.abort();
    const blobs = (await engine.content.list()).length;
    const built = await engine.build(
      { Dockerfile: "FROM base\nRUN echo go; touch half; sleep 100\n" },
      { tags: ["x"] },
      abort.signal,
    );
    assert.equal(built.failure?.error.drydock?.code, "cancelled");
    assert.equal(engine.mounts.size, 0);
    assert.equal((await engine.content.list()).length, blobs);
    assert.equal(await engine.images.find("x"), undefined);
    assert.deepEqual(readdirSync(path.join(engine.home, "runs")), []);
    assert.equal(engine.builder.activeBuilds, 0);
  });

  it("tells a missing file without waiting for commands", async () => {
    const built = await engine.build({ Dockerfile: "FROM base\nRUN sleep 100\nCOPY nope.txt /\n" });
    assert.equal(built.failure?.error.drydock?.code, "copy-source-not-found");
    assert.equal(built.failure?.error.drydock?.range?.start.line, 2);
    assert.equal(built.failure?.step, 2);
  });

  it("shows all mistakes in the Dockerfile before anything is done", async () => {
    const built = await engine.build({ Dockerfile: "FROM base\nRUM echo\nCOPY a\n" });
    assert.equal(built.failure?.error.drydock?.code, "dockerfile-syntax");
    assert.equal(built.failure?.error.drydock?.range?.start.line, 1);
    assert.match(built.failure?.error.message ?? "", /\n3: /);
    assert.deepEqual(
      built.events.map(({ type }) => type),
      ["failed"],
    );
  });

  it("refuses a bad tag first", async () => {
    for (const tag of ["Not A Name", `a@sha256:${"0".repeat(64)}`]) {
      const built = await engine.build(app, { tags: ["good", tag] });
      assert.equal(built.failure?.error.drydock?.code, "invalid-argument");
    }
    assert.deepEqual(engine.runs, []);
  });

  it("pulls a base image that is missing, once, telling progress", async () => {
    engine.publish("remote:1", { "etc/passwd": "" }, { Labels: { a: "b" } });
    const files = { Dockerfile: "FROM remote:1 AS one\nFROM remote:1\nCOPY Dockerfile /\n" };
    const [first, second] = await Promise.all([engine.build(files), engine.build(files)]);
    assert.equal(first.failure ?? second.failure, undefined);
    assert.deepEqual(engine.pulls, ["docker.io/library/remote:1"]);
    assert.deepEqual(
      // How far a COPY is, is told now and then.
      first.events.flatMap((event) => (event.type === "progress" && event.step !== 0 ? [] : [event.type])),
      ["started", "step-started", "progress", "step-done", "step-started", "step-done", "done"],
    );
    await engine.build(files);
    assert.equal(engine.pulls.length, 1);
    await engine.build(files, { pull: true });
    assert.equal(engine.pulls.length, 2);
  });

  it("names the FROM whose image cannot be had", async () => {
    const built = await engine.build({ Dockerfile: "FROM base\nFROM nowhere/at:all\n" });
    assert.equal(built.failure?.error.drydock?.code, "image-not-found");
    assert.equal(built.failure?.error.drydock?.range?.start.line, 1);
  });

  it("announces the steps again when a pulled image brings triggers", async () => {
    engine.publish("trigger", { "etc/passwd": "" }, { OnBuild: ["RUN echo triggered"] });
    const built = await engine.build({ Dockerfile: "FROM trigger\nRUN echo own\n" });
    assert.equal(built.events.filter(({ type }) => type === "started").length, 2);
    assert.deepEqual(built.log, ["triggered", "own"]);
    assert.equal(built.steps.length, 3);
  });

  it("builds without a runtime what needs none, and says what RUN needs", async () => {
    const other = await makeEngine({ withoutRuntime: true });
    const good = await other.build({ Dockerfile: "FROM scratch\nWORKDIR /w\nCOPY Dockerfile .\n" });
    assert.equal(good.failure, undefined);
    const bad = await other.build({ Dockerfile: 'FROM scratch\nRUN ["/x"]\n' });
    assert.equal(bad.failure?.error.drydock?.code, "runtime-unavailable");
    other.dispose();
  });

  it("gives commands the environment, home and user they should have", async () => {
    const built = await engine.build(
      {
        Dockerfile: 'FROM base\nENV A=1\nARG B\nUSER app\nRUN echo $A$B $HOME $PATH $HTTP_PROXY; [ -z "$HOSTNAME" ]\n',
      },
      { buildArgs: { B: "2", HTTP_PROXY: "http://proxy" } },
    );
    assert.deepEqual(built.log, ["12 /home/app /bin:/usr/bin http://proxy"]);
    const unknown = await engine.build({ Dockerfile: "FROM base\nUSER nobody\nRUN true\n" });
    assert.match(unknown.failure?.error.message ?? "", /unable to find user nobody/);
  });

  it("keeps mount points of the runtime out of the layer", async () => {
    const built = await engine.build({ Dockerfile: "FROM base\nRUN echo x > made\n" });
    const layers = await layersOf(engine, built.id);
    assert.deepEqual(await layerListing(engine.content, layers[1] ?? ("" as never)), ['made 644 0:0 "x\n"']);
  });

  it("warns of an owner that the image does not know", async () => {
    const built = await engine.build({ Dockerfile: "FROM base\nCOPY --chown=ghost Dockerfile /\n" });
    const warning = built.events.find((event) => event.type === "warning");
    assert.equal(warning?.type === "warning" && warning.range?.start.line, 1);
  });

  it("writes a record of each build, without build arguments", async () => {
    await engine.build(
      { Dockerfile: 'FROM base\nARG TOKEN\nRUN echo "$TOKEN" | wc -c\n' },
      { buildArgs: { TOKEN: "s3cr3t" }, tags: ["app"] },
    );
    await engine.build({ Dockerfile: "FROM base\nRUN exit 4\n" });
    const folder = path.join(engine.home, "builds");
    const [good, bad] = readdirSync(folder)
      .sort()
      .map((name) => JSON.parse(readFileSync(path.join(folder, name), "utf8")) as BuildRecord);
    assert.deepEqual(good?.tags, ["app:latest"]);
    assert.deepEqual(
      good?.steps.map(({ line, cached }) => [line, cached]),
      [
        [0, true],
        [2, false],
      ],
    );
    assert.ok(good?.steps.every(({ key }, index) => index === 0 || key?.startsWith("sha256:")));
    assert.match(bad?.error ?? "", /non-zero code: 4/);
    for (const folderName of ["builds", "cache"]) {
      for (const name of readdirSync(path.join(engine.home, folderName))) {
        assert.doesNotMatch(readFileSync(path.join(engine.home, folderName, name), "utf8"), /s3cr3t/);
      }
    }
  });

  it("gives an image without own layers a time that does not change", async () => {
    const files = { Dockerfile: "FROM base\nLABEL a=1\n" };
    assert.equal((await engine.build(files)).id, (await engine.build(files)).id);
    const image = await engine.images.find((await engine.build(files)).id ?? "");
    assert.equal(image?.config.created, "2024-01-01T00:00:00Z");
  });
});
