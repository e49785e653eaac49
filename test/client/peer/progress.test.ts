import assert from "node:assert/strict";
import { ClassicProgress } from "../../../client/peer/classic.ts";
import { Progress } from "../../../client/peer/progress.ts";
import { RawJsonReader, readTrace, type SolveStatus } from "../../../client/peer/status.ts";
import { countSteps } from "../../../client/peer/steps.ts";
import { buildkitTrace } from "../../../engine/api/buildkit-trace.ts";
import type { BuildEvent } from "../../../engine/base/build-events.ts";

const text = "FROM busybox AS base\nRUN one\nFROM base\nENV A=b\nCOPY . .\nRUN two\n";
const line = (value: object) => new RawJsonReader().read(JSON.stringify(value)) as SolveStatus;
const vertex = (name: string, more: object = {}) => ({
  digest: `sha256:${name}`,
  name,
  started: "2026-01-02T03:04:05Z",
  completed: "2026-01-02T03:04:07.5Z",
  ...more,
});
const short = (event: BuildEvent): string => {
  switch (event.type) {
    case "step-started":
      return `start ${event.step}${event.cached ? " cached" : ""}`;
    case "step-done":
      return `done ${event.step} ${event.cached ? "cached" : event.durationMs}`;
    case "log":
      return `log ${event.step} ${event.text}`;
    case "progress":
      return `move ${event.step} ${event.item} ${event.currentBytes}/${event.totalBytes}`;
    case "failed":
      return `failed ${event.step} ${event.error.message}`;
    case "done":
      return `built ${event.imageId} ${event.cachedSteps}/${event.totalSteps}`;
    default:
      return event.type;
  }
};

describe("client/peer: another builder's progress", () => {
  it("reads BuildKit's progress as JSON", () => {
    const progress = new Progress(countSteps(text, undefined));
    const events = [
      { vertexes: [vertex("[internal] load build definition from Dockerfile")] },
      { vertexes: [vertex("[base 1/2] FROM docker.io/library/busybox@sha256:x", { cached: true })] },
      {
        statuses: [
          {
            id: "extracting sha256:0123456789abcdef",
            vertex: "sha256:[base 1/2] FROM docker.io/library/busybox@sha256:x",
            current: 1,
            total: 2,
          },
        ],
      },
      { vertexes: [vertex("[base 2/2] RUN one", { completed: undefined })] },
      { logs: [{ vertex: "sha256:[base 2/2] RUN one", stream: 1, data: Buffer.from("a\nb").toString("base64") }] },
      { vertexes: [vertex("[base 2/2] RUN one")] },
      { vertexes: [vertex("[stage-1 1/2] COPY . .")] },
      { vertexes: [vertex("[stage-1 2/2] RUN two")] },
    ].flatMap((value) => [...progress.read(line(value))]);
    assert.deepEqual(events.map(short), [
      "start 0 cached",
      "done 0 cached",
      "move 0 extracting 0123456789ab 1/2",
      "start 1",
      "log 1 a",
      "log 1 b",
      "done 1 2500",
      "start 4",
      "done 4 2500",
      "start 5",
      "done 5 2500",
    ]);
    // The second FROM is the first stage's result, ENV makes nothing.
    assert.deepEqual([...progress.end("sha256:i", [])].map(short), [
      "start 2 cached",
      "done 2 cached",
      "start 3 cached",
      "done 3 cached",
      "built sha256:i 1/4",
    ]);
  });

  it("says which step failed and with which code", () => {
    const progress = new Progress(countSteps("FROM a\nRUN x\n", undefined));
    const error = 'process "/bin/sh -c x" did not complete successfully: exit code: 7';
    const events = [...progress.read(line({ vertexes: [vertex("[2/2] RUN x", { error })] }))];
    assert.deepEqual(events.map(short), ["start 1"]);
    assert.equal(progress.failure?.error.message, "RUN x failed with exit code 7");
    assert.equal(progress.failure?.error.drydock?.range?.start.line, 1);
  });

  it("takes a step that was stopped because of another for no failure", () => {
    const progress = new Progress(countSteps("FROM a\nRUN x\n", undefined));
    const stopped = vertex("[2/2] RUN x", { error: "context canceled" });
    assert.deepEqual([...progress.read(line({ vertexes: [stopped] }))].map(short), ["start 1", "done 1 2500"]);
    assert.equal(progress.failure, undefined);
  });

  it("reads the same as protocol buffers, as our own API writes them", () => {
    const sent: string[] = [];
    const lines = { send: (value: { aux?: string }) => sent.push(value.aux ?? "") };
    const trace = buildkitTrace(lines as unknown as Parameters<typeof buildkitTrace>[0]);
    const steps = countSteps("FROM a\nRUN x\n", undefined);
    const at = Date.parse("2026-01-02T03:04:05.250Z");
    const events: BuildEvent[] = [
      { type: "started", buildId: "b", steps, at },
      { type: "step-started", step: 1, at },
      { type: "log", step: 1, stream: "stderr", text: "hi", at },
      { type: "step-done", step: 1, cached: false, durationMs: 500, at: at + 500 },
    ];
    for (const event of events) trace.onEvent(event);
    const progress = new Progress(steps);
    const read = sent.flatMap((aux) => [...progress.read(readTrace(Buffer.from(aux, "base64")))]);
    assert.deepEqual(read.map(short), ["start 1", "log 1 hi", "done 1 500"]);
  });

  it("reads JSON by the line and, as older buildx writes it, indented; what is neither is somebody's words", () => {
    const value = { vertexes: [{ digest: "d", name: "n {" }] };
    const reader = new RawJsonReader();
    const indented = JSON.stringify(value, undefined, 2).split("\n");
    const lines = [...indented, "", JSON.stringify(value), "plain words", "{broken", "ERROR: {", ...indented];
    const read = lines.map((one) => reader.read(one)).filter((one) => one !== undefined);
    const status = line(value);
    assert.deepEqual(read, [status, status, "other", "other", "other", status]);
  });

  it("refuses a broken protocol buffer", () => {
    assert.throws(() => readTrace(Buffer.from([0x0a, 0x7f, 1])), RangeError);
    assert.throws(() => readTrace(Buffer.alloc(40, 0xff)), RangeError);
  });

  const classic = (...pieces: string[]) => {
    const steps = countSteps(text, undefined);
    const reader = new ClassicProgress(new Progress(steps), steps);
    return { reader, events: pieces.flatMap((piece) => [...reader.read(piece)]) };
  };

  it("reads the text of Podman", () => {
    const { reader, events } = classic(
      "[1/2] STEP 1/2: FROM busybox AS base\n[1/2] STEP 2/2: RUN one\n--> Using cache 0123456789ab\n--> 0123456789ab\n",
      "[2/2] STEP 1/4: FROM 0123456789ab\n[2/2] STEP 2/4: ENV A=b\n--> 1123456789ab\n[2/2] STEP 4/4: RUN two\nhello\nCOMMIT app\n",
      `--> 2123456789ab\n${"c".repeat(64)}\n`,
    );
    const all = [...events, ...reader.end(reader.imageId ?? "", [])].map(short);
    assert.ok(all.includes("done 1 cached"));
    assert.ok(all.includes("log 5 hello"));
    assert.ok(all.some((one) => /^done 5 \d/.test(one)));
    assert.match(all.at(-1) ?? "", /^built sha256:c{64} /);
  });

  it("reads the text of Docker's first builder", () => {
    const { reader, events } = classic(
      "Step 1/6 : FROM busybox AS base\n ---> 0123456789ab\nStep 2/6 : RUN one\n ---> Using cache\n ---> 0123456789ab\n",
      "Step 3/6 : FROM base\nStep 6/6 : RUN two\n ---> Running in 0123456789ab\nhello\n",
    );
    assert.ok(events.map(short).includes("done 1 cached"));
    assert.deepEqual(events.map(short).slice(-2), ["start 5", "log 5 hello"]);
    assert.deepEqual([...reader.fail("The command '/bin/sh -c two' returned a non-zero code: 3")].map(short), [
      "failed 5 RUN two failed with exit code 3",
    ]);
  });
});
