import assert from "node:assert/strict";
import { oneAtATime } from "../../client/one-at-a-time.ts";

describe("client/one-at-a-time", () => {
  /** Work that looks at something, and tells of it when the test says so. */
  function lab() {
    const told: string[] = [];
    const ends: ((problem?: Error) => void)[] = [];
    const state = { now: "first" };
    const look = oneAtATime(async () => {
      const seen = state.now;
      await new Promise<void>((resolve, reject) => {
        ends.push((problem) => (problem ? reject(problem) : resolve()));
      });
      told.push(seen);
    });
    return { told, ends, state, look };
  }

  it("ends with what is newest, however long an older look takes", async () => {
    const { told, ends, state, look } = lab();
    const first = look();
    state.now = "second";
    const second = look();
    state.now = "third";
    assert.equal(look(), second, "both see what is now");
    assert.equal(ends.length, 1);
    ends[0]?.();
    await first;
    await Promise.resolve();
    ends[1]?.();
    await second;
    assert.deepEqual(told, ["first", "third"]);
  });

  it("begins at once when nothing is under way, also behind one that failed", async () => {
    const { told, ends, look } = lab();
    const first = look();
    const second = look();
    ends[0]?.(new Error("no"));
    await assert.rejects(first, /no/);
    await Promise.resolve();
    ends[1]?.();
    await second;
    const third = look();
    assert.equal(ends.length, 3);
    ends[2]?.();
    await third;
    assert.deepEqual(told, ["first", "first"]);
  });
});
