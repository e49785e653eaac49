import assert from "node:assert/strict";
import { demultiplex } from "../../client/engines/stdio.ts";
import { createBuildLog } from "../../client/ui/build-log.ts";
import type { BuildEvent, MissCause } from "../../engine/base/build-events.ts";
import type { Digest } from "../../engine/base/digest.ts";
import { formatMessage, msg } from "../../engine/base/message.ts";

const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
const step = (id: number, text: string) => ({ id, stage: "stage-0", text, keyword: text.split(" ")[0] ?? "", range });

function render(events: BuildEvent[]): string[] {
  const lines = createBuildLog({ color: false, translate: formatMessage });
  return events.flatMap(lines);
}

describe("build log", () => {
  it("numbers steps, marks output with its step and says what was reused", () => {
    const events: BuildEvent[] = [
      { type: "started", buildId: "b", steps: [step(0, "FROM node"), step(1, "RUN npm ci")], at: 0 },
      { type: "step-done", step: 0, cached: true, durationMs: 0, at: 0 },
      { type: "step-started", step: 1, at: 0 },
      { type: "log", step: 1, stream: "stdout", text: "one\r\ntwo\n", at: 0 },
      { type: "step-done", step: 1, cached: false, durationMs: 1500, sizeBytes: 2_000_000, at: 0 },
      {
        type: "done",
        imageId: `sha256:${"a".repeat(64)}` as Digest,
        tags: ["app:1"],
        cachedSteps: 1,
        totalSteps: 2,
        durationMs: 1600,
        at: 0,
      },
    ];
    assert.deepEqual(render(events), [
      "[1/2] FROM node reused",
      "[2/2] RUN npm ci",
      "2 │ one",
      "2 │ two",
      "2 └ done in 1.5 s, 2 MB",
      "Built app:1 in 1.6 s (1 of 2 steps reused)",
    ]);
  });

  it("says why a step was done again, where that is news", () => {
    const done = (cause: MissCause): string[] =>
      render([{ type: "step-done", step: 0, cached: false, durationMs: 1000, cause, at: 0 }]);
    const files = ["a", "b", "c", "d"].map((path) => ({ path, change: "content" as const }));
    assert.deepEqual(done({ kind: "files-changed", files: files.slice(0, 1), more: 0 }), [
      "1 └ done in 1.0 s (changed: a)",
    ]);
    assert.deepEqual(done({ kind: "files-changed", files, more: 5 }), [
      "1 └ done in 1.0 s (changed: a, b, c and 6 more)",
    ]);
    assert.deepEqual(done({ kind: "base-moved", name: "node:24" }), [
      "1 └ done in 1.0 s (node:24 is another image now)",
    ]);
    assert.deepEqual(done({ kind: "parent-rebuilt", step: 0 }), ["1 └ done in 1.0 s"]);
    for (const kind of ["instruction-changed", "environment-changed", "source-changed", "pruned"] as const)
      assert.match(done({ kind, was: "" })[0] ?? "", / \(.*\)$/);
  });

  it("names a large layer when it begins and when it is there, and no small one", () => {
    const move = (item: string, currentBytes: number, totalBytes: number): BuildEvent => ({
      type: "progress",
      step: 0,
      item,
      currentBytes,
      totalBytes,
    });
    const events = [
      move("aaa", 1, 5e6),
      move("bbb", 0, 900),
      move("aaa", 4e6, 5e6),
      move("bbb", 900, 900),
      move("aaa", 5e6, 5e6),
    ];
    assert.deepEqual(render(events), ["1 │ aaa … 5 MB", "1 │ aaa 5 MB"]);
  });

  it("ends with what happened and what to do", () => {
    const error = {
      message: "x",
      drydock: { code: "build-step-failed", message: msg("It failed."), hint: msg("Do this.") },
    } as const;
    const lines = render([
      { type: "started", buildId: "b", steps: [step(0, "RUN false")], at: 0 },
      { type: "failed", step: 0, error, at: 0 },
    ]);
    assert.deepEqual(lines, ["[1/1] RUN false (line 1)", "It failed.", "Do this."]);
    const range = { start: { line: 2, character: 5 }, end: { line: 2, character: 9 } };
    const early = (code: "image-not-found" | "dockerfile-syntax") =>
      render([{ type: "failed", error: { message: "x", drydock: { ...error.drydock, code, range } }, at: 0 }]);
    assert.deepEqual(early("image-not-found"), ["It failed. (line 3)", "Do this."], "an image that cannot be had");
    assert.deepEqual(early("dockerfile-syntax"), ["It failed.", "Do this."], "the hint has the line");
  });
});

describe("multiplexed output", () => {
  const frame = (stream: number, text: string) => {
    const header = Buffer.alloc(8);
    header[0] = stream;
    header.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([header, Buffer.from(text)]);
  };

  it("is split wherever the chunks end", async () => {
    const bytes = Buffer.concat([frame(1, "hello "), frame(2, "oops"), frame(1, "world")]);
    for (let size = 1; size <= bytes.length; size++) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      const found: string[] = [];
      for await (const { stream, data } of demultiplex(chunks, false)) found.push(`${stream}:${data}`);
      assert.deepEqual(found, ["stdout:hello ", "stderr:oops", "stdout:world"]);
    }
  });
});
