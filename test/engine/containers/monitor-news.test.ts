import assert from "node:assert/strict";
import type { MonitorState } from "../../../engine/containers/folder.ts";
import { newsBetween } from "../../../engine/containers/monitor-news.ts";

describe("containers: what happened between two states of a monitor", () => {
  const base: MonitorState = {
    monitor: { pid: 1, startTime: "1", bootId: "b" },
    rootfs: "/",
    publishedPorts: [],
    restartCount: 0,
    status: "running",
  };
  const types = (before: Partial<MonitorState>, after: Partial<MonitorState>) =>
    newsBetween({ ...base, ...before }, { ...base, ...after }).map(({ type }) => type);
  const exit = { exitCode: 1, finishedAt: 1 };

  it("is nothing where nothing changed", () => {
    assert.deepEqual(types({}, {}), []);
    assert.deepEqual(types({}, { exit }), []);
  });

  it("is each end and each start", () => {
    assert.deepEqual(types({}, { status: "restarting", exit }), ["died"]);
    assert.deepEqual(types({ status: "restarting", exit }, { restartCount: 1 }), ["started"]);
    assert.deepEqual(types({ status: "paused" }, {}), ["unpaused"]);
  });

  it("is a start where its end was not seen, so that the new process is known", () => {
    assert.deepEqual(types({}, { restartCount: 1 }), ["started"]);
    assert.deepEqual(types({ restartCount: 1 }, { restartCount: 2, status: "paused" }), ["started", "paused"]);
    assert.deepEqual(types({}, { restartCount: 1, status: "restarting", exit }), ["died"]);
  });
});
