import assert from "node:assert/strict";
import type { DebugState } from "../../../client/debug/adapter.ts";
import { asRun } from "../../../client/debug/as-instruction.ts";
import { debugging } from "./fake-build.ts";

const text = `ARG TAG=24
# the dependencies
FROM node:$TAG AS deps
ARG TARGETPLATFORM
ARG API_KEY=k
RUN npm ci \\
  --omit=dev

FROM alpine AS docs
RUN docs

FROM deps AS build
ARG MODE=fast
ENV A=b
RUN build

# what is served
FROM nginx
COPY --from=build /dist /html
`;

describe("the build debugger", () => {
  it("stops before the instruction under a breakpoint, and goes on to the end", async () => {
    const it = debugging(text);
    assert.deepEqual(await it.begin(6, 15), [6, 15]);
    assert.equal(await it.go("configurationDone"), "breakpoint 6");
    assert.deepEqual(it.builds, ["ARG API_KEY=k"]);
    assert.equal(await it.go("continue"), "breakpoint 15");
    assert.equal(await it.go("continue"), "ended");
    // A build for each stage, of the Dockerfile up to where it goes.
    assert.deepEqual(it.builds.slice(1), [
      "RUN npm ci   --omit=dev",
      "ENV A=b",
      "RUN build",
      "COPY --from=build /dist /html",
    ]);
    assert.match(it.output().at(-1) ?? "", /^Built stage-3: 13$/);
  });

  it("moves breakpoints to instructions, and says where there is none that is built", async () => {
    const it = debugging(text);
    assert.deepEqual(await it.begin(1, 2, 7, 9, 10, 17, 20), [
      3,
      3,
      6,
      "The target does not need the stage docs: it is not built.",
      "The target does not need the stage docs: it is not built.",
      18,
      "No instruction follows that is built.",
    ]);
    const { breakpoints } = await it.ask<{ breakpoints: { message?: string }[] }>("setBreakpoints", {
      source: { path: "/w/other" },
      breakpoints: [{ line: 1 }],
    });
    assert.equal(breakpoints[0]?.message, "This is not the Dockerfile that is being built.");
  });

  it("stops at the first FROM when nothing else would stop it, and goes step by step, to the end of a stage, and back", async () => {
    const it = debugging(text);
    await it.begin();
    assert.equal(await it.go("configurationDone"), "entry 3");
    assert.deepEqual(it.builds, []);
    assert.equal(await it.go("next"), "step 4");
    assert.equal(await it.go("stepOut"), "step 12");
    assert.equal(await it.go("stepIn"), "step 13");
    assert.equal(await it.go("stepBack"), "step 12");
    assert.equal(await it.go("reverseContinue"), "entry 3");
    const before = it.builds.length;
    assert.equal(await it.go("next"), "step 4");
    assert.equal(it.builds.length, before + 1);
    assert.equal(it.output().at(-1), "Line 3: FROM node:$TAG AS deps · reused from the cache");
  });

  it("stops after the last step for who goes step by step, and ends then", async () => {
    const it = debugging("FROM a\nRUN x\n");
    await it.begin(2);
    assert.equal(await it.go("configurationDone"), "breakpoint 2");
    assert.equal(await it.go("next"), "step 2");
    assert.equal((await it.values()).Image?.id, "sha256:2");
    assert.equal(await it.go("next"), "ended");
  });

  it("stays before a step that fails, with its output and its state, and can try it again", async () => {
    const it = debugging("FROM a\nRUN x\nRUN fail\nRUN y\n");
    await it.begin(4);
    assert.equal(await it.go("configurationDone"), "exception 3");
    assert.deepEqual(await it.ask("exceptionInfo"), {
      exceptionId: "The step failed",
      description:
        "It ended with 3.\n\nChange the Dockerfile and press Restart: what is done comes from the cache. Step Over tries this step again.",
      breakMode: "always",
    });
    assert.deepEqual(it.output(), [
      "Line 1: FROM a",
      "Line 1: done in 1.2 s",
      "Line 2: RUN x",
      "Line 2: done in 1.2 s",
      "Line 3: RUN fail",
      "no such thing",
      "Line 3: The step failed",
    ]);
    assert.equal((await it.values()).Image?.id, "sha256:2");
    assert.equal(await it.go("next"), "exception 3");
  });

  it("shows arguments, environment, what RUN works with and the image, and no secrets", async () => {
    const it = debugging(text, { buildArgs: { MODE: "slow" } });
    await it.begin(6, 15);
    await it.go("configurationDone");
    assert.deepEqual(await it.values(), {
      "Build arguments": { TARGETPLATFORM: "linux/arm64/v8", API_KEY: "••••••" },
      Environment: { PATH: "/bin", NPM_TOKEN: "••••••" },
      Step: {
        next: "RUN npm ci   --omit=dev",
        WORKDIR: "/app",
        USER: "root",
        SHELL: '["/bin/sh","-c"]',
        CMD: '["node"]',
        EXPOSE: "80/tcp",
      },
      Image: { base: "node:$TAG", id: "sha256:4", "size so far": "4 kB", layers: "1", platform: "linux/arm64/v8" },
    });
    await it.go("continue");
    assert.deepEqual((await it.values())["Build arguments"], { MODE: "slow" });
  });

  it("has the stages that wait as frames below the one that is built", async () => {
    const it = debugging(text);
    await it.begin(6);
    await it.go("configurationDone");
    assert.deepEqual(await it.frames(), [
      "6 deps: RUN npm ci --omit=dev",
      "12 build: FROM deps AS build",
      "19 stage-3: COPY --from=build /dist /html",
    ]);
    assert.deepEqual(Object.keys(await it.values(1)), []);
  });

  it("runs what is typed in the state before the step, as RUN would", async () => {
    const it = debugging(text);
    await it.begin(6);
    await it.go("configurationDone");
    const { result } = await it.ask<{ result: string }>("evaluate", { expression: "ls -l", context: "repl" });
    assert.equal(result, "Exit code 4");
    assert.equal(it.output().at(-1), "said");
    assert.deepEqual(it.orders, [
      {
        image: "sha256:4",
        entrypoint: ["/bin/sh", "-c"],
        command: ["ls -l"],
        env: ["TARGETPLATFORM=linux/arm64/v8", "API_KEY=k"],
      },
    ]);
  });

  it("remembers the command that went well at this stop, and where it would stand", async () => {
    const it = debugging(text);
    await it.begin(6);
    await it.go("configurationDone");
    const state = () => it.ask<DebugState>("drydock/state");
    await it.ask("evaluate", { expression: "fails", context: "repl" });
    assert.equal((await state()).command, undefined);
    await it.ask("evaluate", { expression: "true", context: "repl" });
    const { command, line, file } = await state();
    assert.deepEqual([command, line, file], ["true", 5, "/w/Dockerfile"]);
    await it.go("next");
    assert.equal(asRun("npm ci\n"), "RUN npm ci\n");
    assert.equal(asRun("cat <<EOF\na\nEOF"), "RUN <<EOFF\ncat <<EOF\na\nEOF\nEOFF\n");
  });

  it("looks names up for hovers and watches, and runs nothing for them", async () => {
    const it = debugging(text);
    await it.begin(6);
    await it.go("configurationDone");
    const look = async (expression: string) =>
      (await it.ask<{ result: string }>("evaluate", { expression, context: "hover" })).result;
    assert.equal(await look("$PATH"), "/bin");
    assert.equal(await look(`\${TARGETPLATFORM}`), "linux/arm64/v8");
    assert.equal(await look("API_KEY"), "••••••");
    await assert.rejects(look("npm ci"), /Debug Console/);
    assert.deepEqual(it.orders, []);
  });

  it("has no state before FROM", async () => {
    const it = debugging(text);
    await it.begin();
    await it.go("configurationDone");
    assert.deepEqual(await it.values(), {
      Environment: {},
      Step: { next: "FROM node:$TAG AS deps" },
      Image: { base: "node:$TAG" },
    });
    await assert.rejects(it.ask("evaluate", { expression: "ls", context: "repl" }), /before FROM/);
  });

  it("is paused and ended in the middle of a step, and takes away what it has made", async () => {
    const it = debugging("FROM a\nRUN x\nRUN wait\n", { stopOnEntry: true });
    await it.begin();
    await it.go("configurationDone");
    await it.go("next");
    const stopped = it.go("continue");
    while (!it.output().includes("Line 3: RUN wait")) await new Promise(setImmediate);
    await assert.rejects(it.ask("evaluate", { expression: "ls", context: "repl" }), /The build runs/);
    await it.ask("pause");
    assert.equal(await stopped, "pause 3");
    await it.ask("disconnect");
    assert.deepEqual(it.cleaned, [{ made: ["sha256:1"], kept: undefined }]);
    await it.adapter.close();
    assert.equal(it.cleaned.length, 1);
  });

  it("keeps the image of a build that came to its end, and runs through without debugging", async () => {
    const it = debugging(text, { noDebug: true });
    await it.begin(6);
    assert.equal(await it.go("configurationDone"), "ended");
    await it.ask("disconnect");
    assert.equal(it.cleaned[0]?.kept, "sha256:13");
  });

  it("builds what the target needs", async () => {
    const it = debugging(text, { target: "docs" });
    assert.deepEqual(await it.begin(1, 6, 10), [9, "The target does not need the stage deps: it is not built.", 10]);
    assert.equal(await it.go("configurationDone"), "breakpoint 9");
    assert.equal(await it.go("continue"), "breakpoint 10");
    assert.equal(await it.go("continue"), "ended");
  });
});
