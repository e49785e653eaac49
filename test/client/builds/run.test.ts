import assert from "node:assert/strict";
import { type BuildStorage, Builds } from "../../../client/builds/builds.ts";
import { advance, type BuildRun, reusedSteps } from "../../../client/builds/run.ts";
import type { BuildEvent, BuildStep } from "../../../engine/base/build-events.ts";
import { scratchFolder } from "../../support/scratch.ts";

const step = (id: number, text: string): BuildStep => ({
  id,
  text,
  stage: "stage-0",
  keyword: text.split(" ")[0] ?? "",
  range: { start: { line: id, character: 0 }, end: { line: id, character: 3 } },
});
const steps = [step(0, "FROM node"), step(1, "COPY . ."), step(2, "RUN npm ci")];
const events: BuildEvent[] = [
  { type: "started", buildId: "b", steps, at: 1 },
  { type: "step-started", step: 0, cached: true, at: 2 },
  { type: "step-done", step: 0, cached: true, durationMs: 0, at: 2 },
  { type: "step-started", step: 1, at: 3 },
  { type: "progress", step: 1, item: "context", currentBytes: 1, totalBytes: 2 },
  { type: "step-done", step: 1, cached: false, durationMs: 7, sizeBytes: 9, cause: { kind: "never-built" }, at: 10 },
  { type: "step-started", step: 2, at: 11 },
];
const begun: BuildRun = {
  id: "b",
  file: "file:///Dockerfile",
  name: "app",
  engine: "embedded",
  state: "running",
  startedAt: 0,
  steps: [],
};

describe("client/builds", () => {
  it("follows a build step by step", () => {
    const run = events.reduce(advance, begun);
    assert.deepEqual(
      run.steps.map(({ state }) => state),
      ["reused", "done", "running"],
    );
    assert.deepEqual([run.steps[1]?.durationMs, run.steps[1]?.sizeBytes, run.steps[1]?.progress], [7, 9, undefined]);
    assert.equal(reusedSteps(run), 1);
    const failed = advance(run, { type: "failed", step: 2, error: { message: "no" }, at: 12 });
    assert.equal(failed.state, "failed");
    assert.equal(failed.steps[2]?.state, "failed");
    assert.equal(failed.failedStep, 2);
  });

  it("begins the list anew when a base image brings steps", () => {
    const run = events.reduce(advance, begun);
    const more = advance(run, {
      type: "started",
      buildId: "b",
      steps: [step(0, "FROM node"), step(1, "RUN x")],
      at: 4,
    });
    assert.deepEqual(
      more.steps.map(({ state }) => state),
      ["reused", "waiting"],
    );
  });

  const scratch = scratchFolder();
  const memory = (kept?: unknown): BuildStorage & { value: unknown } => ({
    value: kept,
    get() {
      return this.value;
    },
    async update(_key, value) {
      this.value = JSON.parse(JSON.stringify(value));
    },
  });

  it("keeps builds and their logs for the next window, where what was running has ended", () => {
    const storage = memory();
    const builds = new Builds(storage, scratch());
    const { id } = builds.begin({ file: "f", name: "app", engine: "embedded" }, new AbortController());
    builds.log(id, "one\n");
    builds.log(id, "two\n");
    for (const event of events) builds.report(id, event);
    builds.end(id);
    assert.equal(builds.get(id)?.state, "cancelled");
    const later = new Builds(storage, scratch());
    assert.equal(later.list[0]?.steps.length, 3);
    assert.equal(later.readLog(id), "one\ntwo\n");
    assert.equal(new Builds(memory([begun]), scratch()).list[0]?.state, "cancelled");
    assert.deepEqual(new Builds(memory("broken"), scratch()).list, []);
  });

  it("forgets the oldest and their logs, never one that runs", () => {
    const builds = new Builds(memory(), scratch());
    const first = builds.begin({ file: "f", name: "first", engine: "e" }, new AbortController());
    const second = builds.begin({ file: "f", name: "second", engine: "e" }, new AbortController());
    builds.log(second.id, "x");
    builds.end(second.id);
    for (let n = 0; n < 40; n++) {
      builds.end(builds.begin({ file: "f", name: String(n), engine: "e" }, new AbortController()).id);
    }
    assert.equal(builds.list.length, 31);
    assert.equal(builds.list.at(-1)?.id, first.id);
    assert.equal(builds.readLog(second.id), undefined);
    builds.remove(builds.list.map(({ id }) => id));
    assert.deepEqual(
      builds.list.map(({ id }) => id),
      [first.id],
    );
  });

  it("ends a build that is cancelled", () => {
    const builds = new Builds(memory(), scratch());
    const controller = new AbortController();
    builds.cancel(builds.begin({ file: "f", name: "app", engine: "e" }, controller).id);
    assert.equal(controller.signal.aborted, true);
  });
});
