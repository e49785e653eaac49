import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { BuildEvent, BuildRequest } from "../../../engine/base/build-events.ts";
import type { Digest } from "../../../engine/base/digest.ts";
import { openStatCache } from "../../../engine/context/stat-cache.ts";
import { hostPlatform } from "../../../engine/oci/platform.ts";
import { parseReference } from "../../../engine/oci/reference.ts";
import { probeHost } from "../../../engine/runtime/facts.ts";
import { createLauncher } from "../../../engine/runtime/launcher.ts";
import { openSnapshotter } from "../../../engine/snapshot/snapshotter.ts";
import type { Snapshotter } from "../../../engine/snapshot/types.ts";
import { createBuilder, sweepBuilds } from "../../../engine/solver/builder.ts";
import type { Builder } from "../../../engine/solver/types.ts";
import { openCacheStore } from "../../../engine/store/cache-store.ts";
import { openContentStore } from "../../../engine/store/content-store.ts";
import { openImageStore } from "../../../engine/store/image-store.ts";
import type { ContentStore, ImageStore } from "../../../engine/store/types.ts";
import { insideVariable, ordinaryUser, runAgain, userNamespaces } from "../../support/as-user.ts";
import { busyboxImage } from "../../support/base-images.ts";
import { layerListing } from "../../support/build-engine.ts";
import { processesWith } from "../../support/cli-lab.ts";
import { type Files, makeFolder, writeFiles } from "../../support/files.ts";

const inside = process.env[insideVariable];

describe("builds with real mounts and processes", () => {
  if (inside !== undefined) return suite();
  if (process.getuid?.() === 0) describe("as root", suite);
  it("as an ordinary user", () =>
    runAgain({
      bundle: __filename,
      inside: "as an ordinary user",
      prefix: userNamespaces,
      ...(process.getuid?.() === 0 && { user: ordinaryUser() }),
    })).timeout(180_000);
});

function suite(): void {
  let place: ReturnType<typeof makeFolder>;
  let home: string;
  let content: ContentStore;
  let images: ImageStore;
  let snapshots: Snapshotter;
  let builder: Builder;
  const contexts: ReturnType<typeof makeFolder>[] = [];

  before(async () => {
    place = makeFolder();
    home = path.join(place.path, "home");
    content = await openContentStore(home);
    const cache = await openCacheStore(home, content);
    images = await openImageStore({ home, content, cache });
    const { manifest, blobs } = await busyboxImage();
    for (const blob of blobs.values()) await content.put(blob);
    await images.add(manifest, [parseReference("busybox")]);
    const facts = await probeHost();
    snapshots = await openSnapshotter({ home, content, facts });
    builder = createBuilder({
      home,
      content,
      cache,
      images,
      snapshots,
      registry: { pull: () => Promise.reject(new Error("nothing is pulled here")) },
      runtime: createLauncher(facts),
      facts,
      statCache: openStatCache(path.join(home, "stat-cache.json"), { now: () => Date.now() + 3_600_000 }),
      platform: hostPlatform(process.arch),
    });
  });
  after(() => {
    for (const made of contexts) made.dispose();
    assert.doesNotMatch(readFileSync("/proc/self/mountinfo", "utf8"), new RegExp(home), "a mount is left");
    execFileSync("rm", ["-rf", place.path]);
  });

  interface Built {
    readonly id: Digest | undefined;
    readonly context: string;
    readonly steps: readonly string[];
    readonly log: readonly string[];
    readonly failure: Extract<BuildEvent, { type: "failed" }> | undefined;
  }
  async function build(
    files: Files | string,
    request: Partial<BuildRequest> = {},
    signal = new AbortController().signal,
    onEvent?: (event: BuildEvent) => void,
  ): Promise<Built> {
    let contextPath = files;
    if (typeof contextPath !== "string") {
      const made = makeFolder(files as Files);
      contexts.push(made);
      contextPath = made.path;
    }
    const events: BuildEvent[] = [];
    const emit = (event: BuildEvent) => {
      events.push(event);
      onEvent?.(event);
    };
    const id = await builder.build({ contextPath, ...request }, { emit, signal });
    const failure = events.find((event) => event.type === "failed");
    return {
      id,
      context: contextPath,
      steps: events.flatMap((event) => (event.type === "step-done" ? [event.cached ? "cached" : "done"] : [])),
      log: events.flatMap((event) => (event.type === "log" ? [event.text] : [])),
      failure,
    };
  }
  async function layers(id: Digest | undefined): Promise<string[][]> {
    const record = await images.find(id ?? "");
    return Promise.all((record?.manifest.layers ?? []).slice(1).map(({ digest }) => layerListing(content, digest)));
  }
  function good(built: Built): Built {
    assert.equal(built.failure, undefined, JSON.stringify(built.failure));
    return built;
  }

  const app: Files = {
    Dockerfile:
      'FROM busybox\nWORKDIR /app\nCOPY package.json .\nRUN cat package.json && mkdir lib && echo dep > lib/dep\nCOPY src src\nRUN cat src/main.txt lib/dep > all\nCMD ["cat", "/app/all"]\n',
    "package.json": "{}\n",
    "src/main.txt": "one\n",
  };

  it("builds, reuses, and repeats only what a change reaches", async () => {
    const first = good(await build(app, { tags: ["app"] }));
    assert.deepEqual(first.steps, ["cached", "done", "done", "done", "done", "done"]);
    assert.deepEqual(first.log, ["{}"]);
    const second = good(await build(first.context, { tags: ["app"] }));
    assert.deepEqual(second.steps, ["cached", "cached", "cached", "cached", "cached", "cached"]);
    assert.equal(second.id, first.id);
    writeFiles(first.context, { "src/main.txt": "two\n" });
    const third = good(await build(first.context, { tags: ["app"] }));
    assert.deepEqual(third.steps, ["cached", "cached", "cached", "cached", "done", "done"]);
    assert.equal((await images.find("app"))?.id, third.id);
    // A mount point for /etc/hosts was made and removed again: that touches the folder, as it does elsewhere.
    const [, , run, , last] = (await layers(third.id)).map((lines) => lines.filter((line) => line !== "etc/ 755 0:0"));
    assert.deepEqual(run, ["app/ 755 0:0", "app/lib/ 755 0:0", 'app/lib/dep 644 0:0 "dep\n"']);
    assert.deepEqual(last, ["app/ 755 0:0", 'app/all 644 0:0 "two\ndep\n"']);
  });

  it("gives RUN what it gives elsewhere", async () => {
    const built = good(
      await build({
        Dockerfile: [
          "FROM busybox",
          "RUN echo app:x:1234:1234::/home/app:/bin/sh >> /etc/passwd && mkdir /data && chown app:1234 /data",
          "USER app",
          "WORKDIR /data/work",
          "RUN id -u; id -g; echo $HOME; pwd; hostname; touch mine && stat -c %U mine; [ -c /dev/null ] && echo dev",
          "RUN cat /etc/hosts | grep -c localhost; [ -e /proc/self ] && echo proc",
          'RUN ["/bin/sh", "-c", "echo exec form"]',
          "RUN <<EOF",
          "echo from heredoc",
          "EOF",
          "RUN <<EOF",
          "#!/bin/cat",
          "a script",
          "EOF",
          "",
        ].join("\n"),
      }),
    );
    assert.deepEqual(built.log, [
      "1234",
      "1234",
      "/home/app",
      "/data/work",
      "drydock-build",
      "app",
      "dev",
      "2",
      "proc",
      "exec form",
      "from heredoc",
      "#!/bin/cat",
      "a script",
    ]);
    const made = (await layers(built.id)).flat();
    assert.ok(made.includes("data/work/ 755 1234:1234"), made.join("\n"));
    assert.ok(made.includes('data/work/mine 644 1234:1234 ""'), made.join("\n"));
    for (const stub of ["etc/resolv.conf", "etc/hosts", "dev/pipes", "proc/self"]) {
      assert.ok(!made.some((line) => line.startsWith(stub)), `${stub} is in a layer`);
    }
  });

  it("removes what a command removes, in the image too", async () => {
    const built = good(
      await build({
        Dockerfile:
          "FROM busybox\nRUN mkdir -p /d/e && echo 1 > /d/f && echo 2 > /d/e/g\nRUN rm -r /d/e && rm /d/f && mkdir /d/e && echo 3 > /d/e/h\nRUN find /d -type f\n",
      }),
    );
    assert.deepEqual(built.log, ["/d/e/h"]);
  });

  it("copies between stages, keeping owners, links and modes", async () => {
    const built = good(
      await build({
        Dockerfile: [
          "FROM busybox AS make",
          "RUN mkdir -p /out/sub && echo a > /out/a && ln /out/a /out/b && ln -s a /out/c && chmod 4755 /out/a && chown -R 7:8 /out/sub",
          "FROM busybox",
          "COPY --from=make /out /in/",
          "RUN ls -ln /in | tail -n 4 | awk '{print $1, $2, $3, $4, $9}'",
        ].join("\n"),
      }),
    );
    assert.deepEqual(built.log, [
      "-rwsr-xr-x 2 0 0 a",
      "-rwsr-xr-x 2 0 0 b",
      "lrwxrwxrwx 1 0 0 c",
      "drwxr-xr-x 2 7 8 sub",
    ]);
    const again = good(await build(built.context));
    assert.ok(again.steps.every((step) => step === "cached"));
  });

  it("copies into folders without changing them", async () => {
    const built = good(
      await build({
        Dockerfile:
          "FROM busybox\nRUN mkdir -p /secret/in && chmod 700 /secret && chown 3:4 /secret/in\nCOPY f /secret/in/\nRUN stat -c '%a %u:%g' /secret /secret/in /tmp\n",
        f: "",
      }),
    );
    assert.deepEqual(built.log, ["700 0:0", "755 3:4", "1777 0:0"]);
  });

  it("starts from nothing", async () => {
    const built = good(
      await build({
        Dockerfile: "FROM busybox AS b\nFROM scratch\nCOPY --from=b /bin /bin/\nRUN echo made of nothing; ls /\n",
      }),
    );
    assert.equal(built.log[0], "made of nothing");
    const run = (await layers(built.id)).at(-1);
    assert.deepEqual(run, []);
  });

  it("keeps the runtime's network for RUN --network=none", async () => {
    const built = good(await build({ Dockerfile: "FROM busybox\nRUN --network=none ip link | grep -c '^[0-9]'\n" }));
    assert.deepEqual(built.log, ["1"]);
  });

  it("reports a failing command and a missing one", async () => {
    const failed = await build({ Dockerfile: "FROM busybox\nRUN echo so far; exit 7\n" });
    assert.equal(failed.failure?.error.drydock?.code, "build-step-failed");
    assert.equal(failed.failure?.error.drydock?.exitCode, 7);
    const missing = await build({ Dockerfile: "FROM busybox\nRUN nosuchprogram\n" });
    assert.equal(missing.failure?.error.drydock?.exitCode, 127);
    const noFile = await build({ Dockerfile: 'FROM busybox\nRUN ["/no/such"]\n' });
    assert.equal(noFile.failure?.error.drydock?.code, "command-not-found");
    assert.equal(noFile.failure?.error.drydock?.range?.start.line, 1);
  });

  it("ends at once when it is cancelled: no process, no mount, no folder", async () => {
    const abort = new AbortController();
    // Of this run of the tests alone.
    const seconds = 1_000_000 + process.pid;
    const built = await build(
      { Dockerfile: `FROM busybox\nRUN echo go; sleep ${seconds}\n` },
      {},
      abort.signal,
      (event) => event.type === "log" && abort.abort(),
    );
    assert.equal(built.failure?.error.drydock?.code, "cancelled");
    assert.deepEqual(readdirSync(path.join(home, "runs")), []);
    assert.doesNotMatch(readFileSync("/proc/self/mountinfo", "utf8"), new RegExp(home));
    assert.deepEqual(processesWith(`sleep ${seconds}`), [], "the command still runs");
  });

  it("sweeps what a killed engine left", async () => {
    mkdirSync(path.join(home, "runs/build-0123456789abcdef/runtime"), { recursive: true });
    await sweepBuilds(home, snapshots, await probeHost());
    assert.deepEqual(readdirSync(path.join(home, "runs")), []);
  });
}
