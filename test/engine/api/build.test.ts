import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pack } from "tar-stream";
import type { BuildEvent, BuildRequest, BuildStep } from "../../../engine/base/build-events.ts";
import { digestOf } from "../../../engine/base/digest.ts";
import { extractContext } from "../../../engine/context/extract.ts";
import type { BuildOptions } from "../../../engine/solver/types.ts";
import { type FakeEngine, failedBuild, fakeEngine } from "../../support/fake-engine.ts";

const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
const step = (id: number, text: string): BuildStep => ({ id, stage: "stage-0", text, keyword: "RUN", range });
const imageId = digestOf("image");

const events: readonly BuildEvent[] = [
  { type: "started", buildId: "b", steps: [step(0, "FROM busybox"), step(1, "RUN a"), step(2, "RUN b")], at: 0 },
  { type: "step-started", step: 0, at: 0 },
  { type: "step-done", step: 0, cached: false, durationMs: 1, at: 0 },
  { type: "step-started", step: 1, at: 0 },
  { type: "step-started", step: 2, at: 0 },
  { type: "log", step: 2, stream: "stdout", text: "from b", at: 0 },
  { type: "log", step: 1, stream: "stdout", text: "from a", at: 0 },
  { type: "step-done", step: 2, cached: false, durationMs: 1, at: 0 },
  { type: "step-done", step: 1, cached: false, durationMs: 1, at: 0 },
  { type: "done", imageId, tags: ["docker.io/library/app:1"], cachedSteps: 0, totalSteps: 3, durationMs: 1, at: 0 },
];

describe("POST /build, the classic builder", () => {
  let engine: FakeEngine;
  let seen: { request: BuildRequest; options: BuildOptions } | undefined;
  beforeEach(async () => {
    engine = await fakeEngine();
    Object.assign(engine.services, { extractContext });
    seen = undefined;
    says(events, imageId);
  });
  afterEach(() => engine.close());

  function says(list: readonly BuildEvent[], result: typeof imageId | undefined) {
    engine.build = async (request, options) => {
      seen = { request, options };
      for (const event of list) options.emit(event);
      return result;
    };
  }

  async function context(files: Readonly<Record<string, string>> = { Dockerfile: "FROM busybox\n" }): Promise<Buffer> {
    const tar = pack();
    for (const [name, text] of Object.entries(files)) {
      if (text.startsWith("-> ")) tar.entry({ name, type: "symlink", linkname: text.slice(3) });
      else tar.entry({ name }, text);
    }
    tar.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of tar) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }

  it("tells steps one after the other though they run at the same time", async () => {
    const answer = await engine.request("POST", "/build?t=app:1", { body: await context() });
    assert.equal(answer.status, 200);
    const text = answer.lines().map((line) => line.stream ?? JSON.stringify(line.aux));
    assert.deepEqual(text, [
      "Step 1/3 : FROM busybox\n",
      "Step 2/3 : RUN a\n",
      "from a\n",
      "Step 3/3 : RUN b\n",
      "from b\n",
      JSON.stringify({ ID: imageId }),
      `Successfully built ${imageId.slice(7, 19)}\n`,
      "Successfully tagged app:1\n",
    ]);
  });

  it("reads the query as the docker client writes it", async () => {
    const query = new URLSearchParams([
      ["t", "app:1"],
      ["t", "app:latest"],
      ["buildargs", '{"A":"1","UNSET":null}'],
      ["labels", '{"l":"v"}'],
      ["target", "dev"],
      ["nocache", "1"],
      ["dockerfile", "docker/Dockerfile.dev"],
      ["rm", "1"],
      ["version", "1"],
    ]);
    const config = Buffer.from(
      JSON.stringify({ "https://index.docker.io/v1/": { username: "me", password: "pw" } }),
    ).toString("base64url");
    const answer = await engine.request("POST", `/v1.50/build?${query}`, {
      body: await context({ "docker/Dockerfile.dev": "FROM busybox\n" }),
      headers: { "x-registry-config": config },
    });
    assert.equal(answer.status, 200);
    assert.ok(seen);
    const { contextPath, dockerfile, ...rest } = seen.request;
    assert.equal(dockerfile, path.join(contextPath, "docker/Dockerfile.dev"));
    assert.deepEqual(rest, {
      tags: ["app:1", "app:latest"],
      noCache: true,
      pull: false,
      target: "dev",
      buildArgs: { A: "1" },
      labels: { l: "v" },
    });
    assert.deepEqual(seen.options.credentials, { "docker.io": { username: "me", password: "pw" } });
  });

  it("sweeps the uploaded files away", async () => {
    const before = readdirSync(engine.folder);
    await engine.request("POST", "/build", { body: await context() });
    assert.deepEqual(readdirSync(engine.folder), before);
  });

  it("says only the id with q", async () => {
    const answer = await engine.request("POST", "/build?q=1", { body: await context() });
    assert.deepEqual(answer.lines(), [{ stream: `${imageId}\n` }]);
  });

  it("says everything with q when there is no id", async () => {
    says([...events.slice(0, 8), failedBuild("no", 3)], undefined);
    const lines = (await engine.request("POST", "/build?q=1", { body: await context() })).lines();
    assert.deepEqual(lines[0], { stream: "Step 1/3 : FROM busybox\n" });
    assert.match(JSON.stringify(lines.at(-1)), /"errorDetail":\{"code":3,/);
  });

  it("marks what was found in the cache, but for the base", async () => {
    const [started] = events;
    assert.ok(started);
    const done = (step: number) => ({ type: "step-done", step, cached: true, durationMs: 0, at: 0 }) as const;
    says([started, done(0), done(1)], undefined);
    const answer = await engine.request("POST", "/build", { body: await context() });
    assert.deepEqual(
      answer.lines().map((line) => line.stream),
      ["Step 1/3 : FROM busybox\n", "Step 2/3 : RUN a\n", " ---> Using cache\n"],
    );
  });

  it("ends a failed build with errorDetail and the exit code", async () => {
    says([...events.slice(0, 2), failedBuild("it broke", 3)], undefined);
    const answer = await engine.request("POST", "/build", { body: await context() });
    const last = answer.lines().at(-1) as { error: string; errorDetail: { code: number; message: string } };
    assert.equal(last.error, "it broke");
    assert.deepEqual(last.errorDetail, { code: 3, message: "it broke" });
  });

  it("gives a status when it fails before a word was said", async () => {
    says([failedBuild("at once")], undefined);
    const answer = await engine.request("POST", "/build", { body: await context() });
    assert.equal(answer.status, 500);
    assert.equal(answer.json().message, "at once");
  });

  it("does not read a Dockerfile outside the context", async () => {
    writeFileSync(path.join(engine.folder, "secret"), "FROM scratch\n");
    const link = `-> ${path.join(engine.folder, "secret")}`;
    for (const [name, files] of [
      ["../../secret", { Dockerfile: "FROM busybox\n" }],
      ["Dockerfile", { Dockerfile: link }],
      ["missing", { Dockerfile: "FROM busybox\n" }],
    ] as const) {
      const answer = await engine.request("POST", `/build?dockerfile=${encodeURIComponent(name)}`, {
        body: await context(files),
      });
      assert.equal(answer.status, 400, name);
      assert.match(answer.text, /not in the build context/);
    }
    assert.equal(seen, undefined);
  });

  it("takes an address instead of a body, and a body that is nothing but a Dockerfile", async () => {
    await engine.request("POST", "/build?remote=https://x.example/y.git%23main&dockerfile=sub/Dockerfile");
    assert.equal(seen?.request.contextPath, "https://x.example/y.git#main");
    assert.equal(seen?.request.dockerfile, "sub/Dockerfile");
    assert.equal((await engine.request("POST", "/build", { body: Buffer.from("FROM scratch\n") })).status, 200);
    assert.equal(seen?.request.dockerfile, path.join(seen?.request.contextPath ?? "", "Dockerfile"));
  });

  it("tells a client that goes on sending why its context is refused", async () => {
    const body = Buffer.concat([await context({ "../out": "x" }), Buffer.alloc(5 * 1024 * 1024, 1)]);
    const refused = await engine.request("POST", "/build?t=app:1", { body });
    assert.equal(refused.status, 400);
    assert.match(refused.text, /\.\.\/out/);
  });

  it("refuses what is not a tar, paths as addresses, and BuildKit's protocol", async () => {
    assert.equal((await engine.request("POST", "/build", { body: Buffer.from("he\0llo") })).status, 400);
    for (const remote of ["/etc", "file:///etc", "../x"]) {
      assert.equal((await engine.request("POST", `/build?remote=${encodeURIComponent(remote)}`)).status, 400, remote);
    }
    for (const query of ["version=2&session=x", "remote=client-session"]) {
      const newer = await engine.request("POST", `/build?${query}`);
      assert.equal(newer.status, 501);
      assert.match(newer.text, /DOCKER_BUILDKIT=0/);
    }
  });

  it("is cancelled when the client goes", async () => {
    const cancelled = new Promise<void>((resolve) => {
      engine.build = async (_, { emit, signal }) => {
        for (const event of events.slice(0, 2)) emit(event);
        await once(signal, "abort");
        resolve();
        return undefined;
      };
    });
    const leave = new AbortController();
    const response = await engine.open("POST", "/build", { body: await context(), signal: leave.signal });
    response.on("error", () => {});
    await once(response, "data");
    leave.abort();
    await cancelled;
  });
});

describe("POST /drydock/build", () => {
  let engine: FakeEngine;
  beforeEach(async () => {
    engine = await fakeEngine();
  });
  afterEach(() => engine.close());

  it("tells every event as it is, one a line", async () => {
    let request: BuildRequest | undefined;
    engine.build = async (asked, { emit }) => {
      request = asked;
      for (const event of events) emit(event);
      return imageId;
    };
    const json = { contextPath: "/some/folder", tags: ["app"], buildArgs: { A: "1" }, unknown: true };
    const answer = await engine.request("POST", "/drydock/build", { json });
    assert.deepEqual(answer.lines(), JSON.parse(JSON.stringify(events)));
    assert.deepEqual(request, { contextPath: "/some/folder", tags: ["app"], buildArgs: { A: "1" } });
  });

  it("wants an absolute folder", async () => {
    assert.equal((await engine.request("POST", "/drydock/build", { json: { contextPath: "." } })).status, 400);
    assert.equal((await engine.request("POST", "/drydock/build", { json: {} })).status, 400);
  });

  it("is cancelled when the client goes", async () => {
    const cancelled = new Promise<void>((resolve) => {
      engine.build = async (_, { signal }) => {
        await once(signal, "abort");
        resolve();
        return undefined;
      };
    });
    const leave = new AbortController();
    const response = await engine.open("POST", "/drydock/build", {
      json: { contextPath: "/x" },
      signal: leave.signal,
    });
    response.on("error", () => {});
    leave.abort();
    await cancelled;
  });
});

describe("the engine's settings", () => {
  let engine: FakeEngine;
  beforeEach(async () => {
    engine = await fakeEngine();
  });
  afterEach(() => engine.close());
  const put = (json: unknown) => engine.request("PUT", "/drydock/settings", { json });

  it("are kept in a file of the owner's", async () => {
    const settings = { registryMirrors: ["http://127.0.0.1:5000"], insecureRegistries: ["registry.lan:5000"] };
    assert.deepEqual((await engine.request("GET", "/drydock/settings")).json(), {
      registryMirrors: [],
      insecureRegistries: [],
    });
    assert.equal((await put({ ...settings, registryMirrors: ["http://127.0.0.1:5000/"] })).status, 200);
    assert.deepEqual((await engine.request("GET", "/drydock/settings")).json(), settings);
    assert.equal(statSync(path.join(engine.folder, "settings.json")).mode & 0o777, 0o600);
  });

  it("are refused when they make no sense, and the old ones stay", async () => {
    await put({ registryMirrors: ["https://mirror.example.com"] });
    for (const wrong of [
      { registryMirrors: ["ftp://x"] },
      { registryMirrors: ["mirror.example.com"] },
      { registryMirrors: ["https://me:secret@mirror.example.com"] },
      { registryMirrors: [1] },
      { insecureRegistries: ["http://x"] },
      { insecureRegistries: ["a b"] },
      [],
    ]) {
      const answer = await put(wrong);
      assert.equal(answer.status, 400, JSON.stringify(wrong));
      assert.doesNotMatch(answer.text, /secret/);
    }
    const kept = (await engine.request("GET", "/drydock/settings")).json();
    assert.deepEqual(kept.registryMirrors, ["https://mirror.example.com"]);
  });

  it("a broken file counts as none", async () => {
    writeFileSync(path.join(engine.folder, "settings.json"), "{");
    assert.equal((await engine.request("GET", "/drydock/settings")).status, 200);
  });

  it("status tells where it lives", async () => {
    const status = (await engine.request("GET", "/drydock/status")).json();
    assert.equal(status.socket, engine.socket);
    assert.equal(status.version, "0.1.0");
  });
});
