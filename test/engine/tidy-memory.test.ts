import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { tidyWhenQuiet } from "../../engine/tidy-memory.ts";

describe("memory of the engine", () => {
  const quietMs = 150;
  const start = (isWorking = () => false) => {
    const requests = new EventEmitter();
    let collections = 0;
    tidyWhenQuiet({ requests, isWorking, quietMs, collect: () => (collections += 1) });
    return { requests, collections: () => collections };
  };

  it("is tidied once after something went on, and then left alone", async () => {
    const engine = start();
    for (let round = 0; round < 5; round += 1) {
      await delay(quietMs / 15);
      engine.requests.emit("request");
      assert.equal(engine.collections(), 0);
    }
    await delay(quietMs * 2);
    assert.equal(engine.collections(), 1);
  });

  it("is tidied again only when there is much more", async () => {
    const engine = start();
    await delay(quietMs * 2);
    engine.requests.emit("request");
    await delay(quietMs * 2);
    assert.equal(engine.collections(), 1);
    const much = Array.from({ length: 2_000_000 }, (_, index) => ({ index }));
    engine.requests.emit("request");
    await delay(quietMs * 2);
    assert.equal(engine.collections(), 2);
    assert.equal(much.length, 2_000_000);
  });

  it("waits for a build to end", async () => {
    let working = true;
    const engine = start(() => working);
    await delay(quietMs * 2);
    assert.equal(engine.collections(), 0);
    working = false;
    await delay(quietMs * 2);
    assert.equal(engine.collections(), 1);
  });
});
