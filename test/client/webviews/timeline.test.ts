import assert from "node:assert/strict";
import type { StepRun } from "../../../client/builds/run.ts";
import { ticks, timelineOf } from "../../../client/webviews/timeline/model.ts";

type Given = readonly [
  stage: string,
  text: string,
  from?: number | undefined,
  to?: number | undefined,
  state?: StepRun["state"],
];

function build(given: readonly Given[], endedAt?: number) {
  const at = { line: 0, character: 0 };
  const steps = given.map(([stage, text, from, to, state = "done"], id): StepRun => {
    const step = { id, stage, text, keyword: text.split(" ")[0] ?? "", range: { start: at, end: at } };
    return {
      step,
      state,
      ...(from === undefined ? {} : { startedAt: from }),
      ...(from === undefined || to === undefined ? {} : { durationMs: to - from }),
    };
  });
  return { steps, startedAt: 0, ...(endedAt === undefined ? {} : { endedAt }) };
}

const critical = (given: readonly Given[], now = 0) =>
  timelineOf(build(given, 0), now).steps.flatMap(({ text, isCritical }) => (isCritical ? [text] : []));

describe("the timeline of a build", () => {
  const parallel: readonly Given[] = [
    ["tools", "FROM busybox AS tools", 0, 10],
    ["tools", "RUN make", 10, 90],
    ["app", "FROM node AS app", 0, 30],
    ["app", "RUN npm ci", 30, 60],
    ["app", "COPY --from=tools /out /bin", 90, 95],
    ["app", "RUN test", 95, 100],
  ];

  it("finds what decided how long it took", () => {
    assert.deepEqual(critical(parallel), [
      "FROM busybox AS tools",
      "RUN make",
      "COPY --from=tools /out /bin",
      "RUN test",
    ]);
  });

  it("adds up what ran at the same time", () => {
    const { durationMs, workMs, criticalMs, atOnce, reused } = timelineOf(build(parallel, 100), 500);
    assert.deepEqual(
      { durationMs, workMs, criticalMs, atOnce, reused },
      {
        durationMs: 100,
        workMs: 160,
        criticalMs: 100,
        atOnce: 2,
        reused: 0,
      },
    );
  });

  it("follows stages by mounts, names in any case, and numbers", () => {
    assert.deepEqual(
      critical([
        ["stage-0", "FROM x", 0, 50],
        ["Deps", "FROM y AS Deps", 0, 60],
        ["stage-2", "FROM z", 0, 5],
        ["stage-2", "RUN --mount=type=bind,from=deps,target=/d make", 60, 70],
        ["stage-2", "COPY --from=0 /a /b", 70, 80],
      ]),
      ["FROM y AS Deps", "RUN --mount=type=bind,from=deps,target=/d make", "COPY --from=0 /a /b"],
    );
  });

  it("leaves out what was reused", () => {
    assert.deepEqual(
      critical([
        ["s", "FROM x", 0, 1, "reused"],
        ["s", "RUN a", 1, 1, "reused"],
        ["s", "RUN b", 1, 40],
      ]),
      ["RUN b"],
    );
  });

  it("shows a build that runs, as far as it has come, and does not guess what will decide", () => {
    const { steps, durationMs } = timelineOf(
      build([
        ["s", "FROM x", 10, 20],
        ["s", "RUN a", 20, undefined, "running"],
        ["s", "RUN b", undefined, undefined, "waiting"],
      ]),
      70,
    );
    assert.deepEqual(
      steps.map(({ startMs, durationMs: took, isCritical }) => [startMs, took, isCritical]),
      [
        [10, 10, false],
        [20, 50, false],
        [undefined, undefined, false],
      ],
    );
    assert.equal(durationMs, 70);
  });

  it("has no steps before the first event", () => {
    assert.deepEqual(timelineOf(build([]), 5).steps, []);
  });

  it("has marks that people count in", () => {
    assert.deepEqual(ticks(900, 10), [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
    assert.deepEqual(ticks(65_000, 8), [0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000]);
    assert.ok(ticks(1e9, 8).length <= 9);
  });
});
