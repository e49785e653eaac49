import assert from "node:assert/strict";
import { setImmediate, setTimeout } from "node:timers/promises";
import { latestOnly } from "../../../client/webviews/layers/latest.ts";

describe("a page draws what was asked for last", () => {
  let seen: string[];
  beforeEach(() => {
    seen = [];
  });
  function drawer(patienceMs: number) {
    const place = {
      show: (drawn: string) => seen.push(drawn),
      wait: () => seen.push("reading"),
      fail: (error: unknown) => seen.push(String(error)),
    };
    return latestOnly<string>(place, patienceMs);
  }

  for (const [what, end] of [
    ["nothing", (slow) => slow.resolve("first")],
    ["no failure of any", (slow) => slow.reject(new Error("gone"))],
  ] satisfies [string, (slow: ReturnType<typeof pending>) => void][]) {
    it(`and ${what} that was asked for before it, however long that takes`, async () => {
      const draw = drawer(1);
      const slow = pending();
      const first = draw(() => slow.promise);
      await draw(async () => "second");
      // Timers come in order: whatever was to say that the first one is late has done so.
      await setTimeout(10);
      end(slow);
      await first;
      assert.deepEqual(seen, ["second"]);
    });
  }

  it("says that it is late, then shows it, or why it cannot", async () => {
    const draw = drawer(1);
    const slow = pending();
    const drawn = draw(() => slow.promise);
    await setTimeout(10);
    slow.resolve("it");
    await drawn;
    await draw(() => Promise.reject(new Error("gone")));
    assert.deepEqual(seen, ["reading", "it", "Error: gone"]);
  });

  it("is done for those that were overtaken when the last one is drawn", async () => {
    const draw = drawer(60_000);
    const last = pending();
    const overtaken = draw(async () => "first").then(() => seen.push("done"));
    const drawn = draw(() => last.promise);
    await setImmediate();
    last.resolve("last");
    await Promise.all([overtaken, drawn]);
    assert.deepEqual(seen, ["last", "done"]);
  });
});

function pending() {
  let resolve: (value: string) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<string>((onResolve, onReject) => {
    [resolve, reject] = [onResolve, onReject];
  });
  return { promise, resolve, reject };
}
