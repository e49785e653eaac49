// The build debugger on engines that are not ours: a Dockerfile that ends at the line.
import assert from "node:assert/strict";
import path from "node:path";
import { engineHost } from "../../../client/debug/engine-host.ts";
import { partRequest } from "../../../client/debug/launch.ts";
import { Program } from "../../../client/debug/program.ts";
import { type Connection, connectTo } from "../../../client/engines/connection.ts";
import { toEngineError } from "../../../client/engines/http.ts";
import type { BuildEvent } from "../../../engine/base/build-events.ts";
import { formatMessage } from "../../../engine/base/message.ts";
import { buildPlan } from "../../../server/features/build-plan.ts";
import { writeFiles } from "../../support/files.ts";
import { bundlePeer, openDockerd, openPodman, type PeerEngine } from "../../support/peer-engines.ts";
import { scratchFolder } from "../../support/scratch.ts";
import { converse } from "./conversation.ts";

const text = `FROM busybox AS build
WORKDIR /out
RUN echo made > page.txt
RUN cat page.txt

FROM busybox
ENV PAGE=/page.txt
COPY --from=build /out/page.txt /page.txt
RUN cat nowhere
`;

async function last(events: AsyncIterable<BuildEvent>) {
  for await (const event of events) if (event.type === "done") return event;
  throw new Error("It was not built");
}

// Podman starts containers with limits above those that a tester's machine may allow; builds have none.
for (const { kind, open, runs } of [
  { kind: "docker", open: openDockerd, runs: true },
  { kind: "podman", open: openPodman, runs: false },
] as const) {
  describe(`client/debug on ${kind}`, function () {
    this.timeout(180_000);
    const scratch = scratchFolder();
    let engine: PeerEngine;
    let connection: Connection;
    let dist: Awaited<ReturnType<typeof bundlePeer>>;
    before(async () => {
      dist = await bundlePeer();
      engine = await open();
      connection = await connectTo(
        { id: kind, kind, name: kind, address: { kind: "socket", path: engine.socket } },
        dist.dir,
      );
    });
    after(async () => {
      connection?.close();
      await engine?.dispose();
      dist?.dispose();
    });

    it("stops, shows the state, runs a command in it, stops where a step fails, and leaves nothing", async () => {
      const file = path.join(scratch(), "Dockerfile");
      writeFiles(scratch(), { Dockerfile: text });
      const words = { translate: formatMessage, errorText: (error: unknown) => toEngineError(error).message };
      const request = { ...partRequest({}, { dockerfile: file, context: scratch() }, {}), network: "none" as const };
      const host = await engineHost({ connection, request, session: "one", ...words });
      const it = converse(async () => ({ program: new Program(buildPlan({ text }), text), host, file }), words);

      assert.deepEqual(await it.begin(file, 4, 8), [4, 8]);
      assert.equal(await it.go("configurationDone"), "breakpoint 4", it.output().join("\n"));
      assert.equal((await it.values()).Step?.WORKDIR, "/out");
      const said = async (expression: string) => {
        if (!runs) return "made";
        await it.ask("evaluate", { expression, context: "repl" });
        return it.output().at(-1);
      };
      assert.equal(await said("cat page.txt; exit 3"), "made");
      assert.equal(await it.go("continue"), "breakpoint 8");
      assert.equal((await it.values()).Environment?.PAGE, "/page.txt");
      assert.equal(await it.go("continue"), "exception 9");
      assert.equal(await said("cat /page.txt"), "made");

      await it.ask("disconnect");
      assert.deepEqual(await connection.docker.listContainers({ all: true }), []);
      if (kind === "docker") {
        assert.deepEqual(await connection.docker.listImages({ filters: { dangling: ["true"] } }), []);
      }
      const { cachedSteps, totalSteps } = await last(
        connection.build(
          { ...request, dockerfileText: text.split("RUN cat no")[0] ?? "" },
          new AbortController().signal,
        ),
      );
      assert.equal(cachedSteps, totalSteps);
    });
  });
}
