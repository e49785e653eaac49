import assert from "node:assert/strict";
import { buildkitTrace } from "../../../engine/api/buildkit-trace.ts";
import { ProtoWriter } from "../../../engine/api/protobuf.ts";
import type { BuildEvent, BuildStep } from "../../../engine/base/build-events.ts";
import { digestOf } from "../../../engine/base/digest.ts";
import { msg } from "../../../engine/base/message.ts";

type Field = number | Buffer;

/** A message by field number; repeated ones in order. */
function decode(data: Buffer): Map<number, Field[]> {
  const fields = new Map<number, Field[]>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = data[at++] ?? 0;
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < data.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    let value: Field = varint();
    if (tag % 8 === 2) {
      at += value;
      value = data.subarray(at - value, at);
    }
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

const inner = (field: Field | undefined) => decode(field as Buffer);
const first = (message: Map<number, Field[]>, number: number) => message.get(number)?.[0];
const textOf = (message: Map<number, Field[]>, number: number) => String(first(message, number) ?? "");
const timeOf = (message: Map<number, Field[]>, number: number) => {
  const time = first(message, number);
  if (time === undefined) return undefined;
  const parts = inner(time);
  return Number(first(parts, 1) ?? 0) * 1000 + Number(first(parts, 2) ?? 0) / 1e6;
};

const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
const steps: BuildStep[] = [
  { id: 0, stage: "stage-0", text: "FROM busybox", keyword: "FROM", range },
  { id: 1, stage: "stage-0", text: "RUN make", keyword: "RUN", range },
];

function trace(...events: BuildEvent[]): Record<string, unknown>[] {
  const sent: Record<string, unknown>[] = [];
  const lines = {
    started: true,
    send: (value: unknown) => void sent.push(value as Record<string, unknown>),
    sendRaw: () => undefined,
    start: () => undefined,
    end: async () => undefined,
  };
  const stream = buildkitTrace(lines);
  for (const event of events) stream.onEvent(event);
  return sent;
}

const status = (line: Record<string, unknown> | undefined) => {
  assert.equal(line?.id, "moby.buildkit.trace");
  return decode(Buffer.from(String(line.aux), "base64"));
};
const started: BuildEvent = { type: "started", buildId: "b", steps, at: 1000 };

describe("protocol buffers", () => {
  it("are written as protoc writes them", () => {
    const message = new ProtoWriter().text(1, "testing").integer(2, 150).text(3, "").flag(4, true).integer(5, 0);
    assert.equal(message.finish().toString("hex"), "0a0774657374696e671096012001");
    assert.equal(
      new ProtoWriter()
        .integer(1, 2 ** 40)
        .finish()
        .toString("hex"),
      "08808080808020",
    );
    assert.equal(new ProtoWriter().time(1, 1500).finish().toString("hex"), "0a08080110" + "80cab5ee01");
  });
});

describe("BuildKit's trace of a build", () => {
  it("has a vertex a step, in its place, on top of the one below", () => {
    const vertexes = (status(trace(started)[0]).get(1) ?? []).map(inner);
    assert.deepEqual(
      vertexes.map((vertex) => textOf(vertex, 3)),
      ["[1/2] FROM busybox", "[2/2] RUN make"],
    );
    const [from, run] = vertexes;
    assert.ok(from && run);
    assert.match(textOf(run, 1), /^sha256:[0-9a-f]{64}$/);
    assert.equal(textOf(run, 2), textOf(from, 1));
    assert.equal(timeOf(run, 5), undefined);
  });

  it("says when a step began, what it said, and when it was done", () => {
    const lines = trace(
      started,
      { type: "step-started", step: 1, at: 1500 },
      { type: "log", step: 1, stream: "stderr", text: "hello", at: 1600 },
      { type: "progress", step: 1, item: "context", currentBytes: 300, totalBytes: 300 },
      { type: "step-done", step: 1, cached: false, durationMs: 700, at: 2200 },
    );
    const vertex = inner(first(status(lines[1]), 1));
    assert.equal(timeOf(vertex, 5), 1500);
    assert.equal(timeOf(vertex, 6), undefined);
    const log = inner(first(status(lines[2]), 3));
    assert.deepEqual([textOf(log, 1), first(log, 3), textOf(log, 4)], [textOf(vertex, 1), 2, "hello\n"]);
    const progress = inner(first(status(lines[3]), 2));
    assert.deepEqual([textOf(progress, 1), first(progress, 4), first(progress, 5)], ["context", 300, 300]);
    assert.ok(timeOf(progress, 8));
    const done = inner(first(status(lines[4]), 1));
    assert.deepEqual([timeOf(done, 5), timeOf(done, 6), first(done, 4)], [1500, 2200, undefined]);
  });

  it("marks cached steps, also those that were never announced", () => {
    const lines = trace(started, { type: "step-done", step: 0, cached: true, durationMs: 0, at: 1200 });
    const vertex = inner(first(status(lines[1]), 1));
    assert.deepEqual([first(vertex, 4), timeOf(vertex, 5), timeOf(vertex, 6)], [1, 1200, 1200]);
  });

  it("has warnings, and ends with the image's id", () => {
    const imageId = digestOf("image");
    const lines = trace(
      started,
      { type: "warning", message: msg("careful") },
      { type: "done", imageId, tags: [], cachedSteps: 0, totalSteps: 2, durationMs: 1, at: 2000 },
    );
    assert.equal(textOf(inner(first(status(lines[1]), 4)), 3), "careful");
    assert.deepEqual(lines[2], { id: "moby.image.id", aux: { ID: imageId } });
  });

  it("has the error at its step, and once for the whole build", () => {
    const lines = trace(started, { type: "failed", step: 1, error: { message: "broken" }, at: 2000 });
    assert.equal(textOf(inner(first(status(lines[1]), 1)), 7), "broken");
    assert.equal(lines[2]?.error, "broken");
  });
});
