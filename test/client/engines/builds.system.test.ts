import assert from "node:assert/strict";
import path from "node:path";
import { type Connection, connectTo } from "../../../client/engines/connection.ts";
import type { BuildEvent, BuildRequest } from "../../../engine/base/build-events.ts";
import { configWithBuildx } from "../../support/buildx.ts";
import { writeFiles } from "../../support/files.ts";
import { bundlePeer, openDockerd, openPodman, type PeerEngine } from "../../support/peer-engines.ts";
import { scratchFolder } from "../../support/scratch.ts";

const engines = [
  { name: "Docker, by BuildKit's API", kind: "docker", open: openDockerd, isBuildx: false },
  { name: "Docker, by buildx", kind: "docker", open: openDockerd, isBuildx: true },
  { name: "Podman", kind: "podman", open: openPodman, isBuildx: false },
] as const;

describe("client/engines: builds by engines that are not ours", () => {
  let dist: Awaited<ReturnType<typeof bundlePeer>>;
  before(async () => {
    dist = await bundlePeer();
  });
  after(() => dist?.dispose());

  for (const { name, kind, open, isBuildx } of engines) {
    describe(name, function () {
      this.timeout(180_000);
      const scratch = scratchFolder();
      let engine: PeerEngine;
      let connection: Connection;
      const config = process.env.DOCKER_CONFIG;
      let buildx: Awaited<ReturnType<typeof configWithBuildx>> | undefined;
      before(async () => {
        if (isBuildx) {
          buildx = await configWithBuildx();
          process.env.DOCKER_CONFIG = buildx.folder;
        }
        engine = await open();
        connection = await connectTo(
          { id: kind, kind, name: kind, address: { kind: "socket", path: engine.socket } },
          dist.dir,
        );
      });
      after(async () => {
        connection?.close();
        await engine?.dispose();
        if (config === undefined) delete process.env.DOCKER_CONFIG;
        else process.env.DOCKER_CONFIG = config;
        buildx?.dispose();
      });

      const run = async (more: Partial<BuildRequest> = {}, signal = new AbortController().signal) => {
        const events: BuildEvent[] = [];
        const request: BuildRequest = { contextPath: scratch(), network: "none", ...more };
        for await (const event of connection.build(request, signal)) events.push(event);
        return events;
      };

      it("builds, tells steps, output and what was reused, and leaves out what .dockerignore says", async () => {
        writeFiles(scratch(), {
          Dockerfile:
            'FROM busybox AS base\nRUN echo hello from a step\nFROM base\nCOPY . /app/\nRUN ls -A /app\nCMD ["true"]\n',
          ".dockerignore": "hidden\n",
          "shown/file": "1",
          hidden: "2",
        });
        const first = await run({ tags: ["app:1"], noCache: true });
        const last = first.at(-1);
        assert.equal(last?.type, "done", JSON.stringify(last));
        const logs = first.flatMap((event) => (event.type === "log" ? [event.text] : []));
        assert.ok(logs.includes("hello from a step"), logs.join("\n"));
        assert.ok(logs.includes("shown") && logs.includes("Dockerfile"), logs.join("\n"));
        assert.ok(!logs.includes("hidden"));
        const done = first.flatMap((event) => (event.type === "step-done" && !event.cached ? [event.step] : []));
        // BuildKit speaks of layers only; the others of every instruction.
        const ran = kind === "docker" ? [1, 2, 3] : [1, 3, 4];
        assert.ok(
          ran.every((step) => done.includes(step)),
          String(done),
        );
        assert.equal((await connection.docker.getImage("app:1").inspect()).Id, last.imageId);

        const again = (await run({ tags: ["app:1"] })).at(-1);
        assert.equal(again?.type, "done");
        assert.equal(again.cachedSteps, again.totalSteps);
      });

      it("names the step that failed, its exit code and its line", async () => {
        writeFiles(scratch(), { Dockerfile: "FROM busybox\nRUN echo last words; exit 7\n" });
        const events = await run();
        const last = events.at(-1);
        assert.equal(last?.type, "failed");
        assert.equal(last.error.drydock?.exitCode, 7);
        assert.equal(last.error.drydock?.range?.start.line, 1);
        assert.ok(events.some((event) => event.type === "log" && event.text === "last words"));
      });

      it("tells a Dockerfile that cannot be read", async () => {
        writeFiles(scratch(), { Dockerfile: "FROM busybox\nRUNN x\n" });
        const last = (await run()).at(-1);
        assert.equal(last?.type, "failed");
        assert.match(last.error.message, /RUNN/i);
      });

      it("takes a Dockerfile from outside of the context, with arguments and a target", async () => {
        writeFiles(scratch(), {
          "docker/app.Dockerfile":
            "FROM busybox AS one\nARG WORD\nRUN echo word=$WORD\nCOPY . /c/\nRUN ls -A /c\nFROM one\nRUN false\n",
          "context/file": "1",
          "context/.dockerignore": "nothing\n",
        });
        const events = await run({
          contextPath: path.join(scratch(), "context"),
          dockerfile: path.join(scratch(), "docker/app.Dockerfile"),
          buildArgs: { WORD: "given" },
          target: "one",
          noCache: true,
        });
        assert.equal(events.at(-1)?.type, "done", JSON.stringify(events.at(-1)));
        const logs = events.flatMap((event) => (event.type === "log" ? [event.text] : []));
        assert.ok(logs.some((line) => line.endsWith("word=given")));
        // BuildKit takes an uploaded context as it is.
        if (kind === "podman" || isBuildx) assert.ok(!logs.some((line) => line.includes(".drydock")), logs.join("\n"));
      });

      it("ends a build that is cancelled", async () => {
        writeFiles(scratch(), { Dockerfile: "FROM busybox\nRUN echo going; sleep 600\n" });
        const stop = new AbortController();
        const events: BuildEvent[] = [];
        for await (const event of connection.build({ contextPath: scratch(), network: "none" }, stop.signal)) {
          events.push(event);
          if (event.type === "log" && event.text === "going") stop.abort();
        }
        assert.ok(!events.some(({ type }) => type === "done" || type === "failed"));
      });

      if (isBuildx) {
        it("takes secrets by value", async () => {
          writeFiles(scratch(), {
            Dockerfile:
              "FROM busybox\nRUN --mount=type=secret,id=word sed s/^/secret=/ /run/secrets/word | tr a-z A-Z\n",
          });
          const value = Buffer.from("whisper").toString("base64");
          const events = await run({
            secrets: { word: { kind: "value", value } },
          });
          assert.equal(events.at(-1)?.type, "done", JSON.stringify(events.at(-1)));
          const logs = events.flatMap((event) => (event.type === "log" ? [event.text] : []));
          assert.ok(logs.includes("SECRET=WHISPER"), logs.join("\n"));
        });
        it("tells a builder that is not there", async () => {
          writeFiles(scratch(), { Dockerfile: "FROM busybox\n" });
          process.env.BUILDX_BUILDER = "nowhere";
          const last = (await run()).at(-1);
          delete process.env.BUILDX_BUILDER;
          assert.equal(last?.type, "failed");
          assert.match(last.error.message, /nowhere/);
        });
      } else
        it("says that secrets need buildx", async () => {
          writeFiles(scratch(), { Dockerfile: "FROM busybox\n" });
          await assert.rejects(run({ secrets: { a: { kind: "value", value: "eA==" } } }), /buildx/);
        });
    });
  }
});
