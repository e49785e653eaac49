import assert from "node:assert/strict";
import type { BuildRun, StepRun } from "../../client/builds/run.ts";
import { buildNodes } from "../../client/views/builds.ts";
import { formatMessage } from "../../engine/base/message.ts";

const range = { start: { line: 4, character: 0 }, end: { line: 4, character: 9 } };
const step = (id: number, text: string, fields: Partial<StepRun>): StepRun => ({
  step: { id, text, stage: "stage-0", keyword: "RUN", range },
  state: "waiting",
  ...fields,
});
const run = (fields: Partial<BuildRun>): BuildRun => ({
  id: "b",
  file: "file:///w/Dockerfile",
  name: "app:latest",
  engine: "embedded",
  state: "done",
  startedAt: 1000,
  endedAt: 4000,
  steps: [
    step(0, "FROM node", { state: "reused", durationMs: 0 }),
    step(1, "RUN npm ci", { state: "done", durationMs: 2500, sizeBytes: 1_500_000, cause: { kind: "pruned" } }),
  ],
  ...fields,
});

describe("Builds view", () => {
  const nodes = (...runs: BuildRun[]) => buildNodes(runs, { nowMs: 61_000, translate: formatMessage });

  it("says how long a build took and what it reused", () => {
    const [node] = nodes(run({}));
    assert.equal(node?.description, "3.0 s · 1 of 2 steps reused · 1 min ago");
    assert.equal(node?.kind, "build.done");
    assert.equal(node?.accessibleLabel, "app:latest, built, 3.0 s, 1 of 2 steps reused");
  });

  it("says of each step what it cost and why it was done, and leads to its line", () => {
    const [, step] = nodes(run({}))[0]?.children ?? [];
    assert.equal(step?.description, "2.5 s · 1.5 MB · its result was removed from the build cache");
    assert.deepEqual(step?.command?.arguments, [{ file: "file:///w/Dockerfile", line: 4 }]);
  });

  it("names the variable, and to who looks closer also what goes without saying", () => {
    const build = run({});
    const [first] = build.steps;
    assert.ok(first);
    const change = { part: "ARG", name: "VERSION", from: "1.2", to: "1.3" } as const;
    const steps = [
      first,
      step(1, "RUN a", { state: "done", cause: { kind: "environment-changed", changes: [change] } }),
      step(2, "RUN b", { state: "done", cause: { kind: "parent-rebuilt", step: 1 } }),
      step(3, "RUN c", { state: "done", cause: { kind: "never-built" } }),
    ];
    const [, a, b, c] = nodes({ ...build, steps })[0]?.children ?? [];
    assert.equal(a?.description, "ARG VERSION changed from 1.2 to 1.3");
    assert.equal(b?.description, "");
    assert.match(String(b?.tooltip), /\nthe step in line 5 was done again$/);
    assert.match(b?.accessibleLabel ?? "", /the step in line 5 was done again$/);
    assert.match(c?.accessibleLabel ?? "", /it had not been built here before$/);
  });

  it("counts while it runs", () => {
    const { endedAt: _, ...going } = run({ state: "running" });
    const [node] = nodes({
      ...going,
      steps: [...going.steps, step(2, "RUN x", { state: "running", startedAt: 60_000 })],
    });
    assert.equal(node?.description, "2/3 · 1 min 0 s");
    assert.equal(node?.children?.[2]?.description, "1.0 s");
    assert.equal(node?.expanded, true);
  });

  it("says that it failed or was cancelled", () => {
    assert.match(nodes(run({ state: "failed" }))[0]?.description ?? "", /^failed · /);
    assert.match(nodes(run({ state: "cancelled" }))[0]?.description ?? "", /^cancelled · /);
  });

  it("leaves no step running or waiting below a build that has ended", () => {
    for (const state of ["cancelled", "failed"] as const) {
      const progress = { item: "sha256:a", currentBytes: 1, totalBytes: 2 };
      const steps = [step(0, "FROM node", { state: "running", startedAt: 2000, progress }), step(1, "RUN npm ci", {})];
      const [running, waiting] = nodes(run({ state, steps }))[0]?.children ?? [];
      assert.deepEqual(running?.icon, { id: "circle-slash" });
      assert.equal(running?.description, "cancelled");
      assert.equal(waiting?.accessibleLabel, "RUN npm ci · not done");
    }
  });
});
