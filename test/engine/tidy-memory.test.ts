import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { tidyWhenQuiet } from "../../engine/tidy-memory.ts";

const megabyte = 1024 * 1024;

describe("memory of the engine", () => {
  const start = (isWorking = () => false) => {
    const requests = new EventEmitter();
    let collections = 0;
    let heapBytes = 50 * megabyte;
    let call = () => {};
    let isSet = true;
    tidyWhenQuiet({
      requests,
      isWorking,
      later: (given) => {
        call = given;
        return { refresh: () => (isSet = true) };
      },
      heapBytes: () => heapBytes,
      collect: () => {
        collections += 1;
        heapBytes = 20 * megabyte;
      },
    });
    return {
      ask: () => requests.emit("request"),
      grow: (bytes: number) => (heapBytes += bytes),
      collections: () => collections,
      /** Long enough for the timer, if it is set. */
      beQuiet: () => {
        if (!isSet) return;
        isSet = false;
        call();
      },
    };
  };

  it("is tidied once after something went on, and then left alone", () => {
    const engine = start();
    for (let round = 0; round < 5; round += 1) {
      engine.ask();
      assert.equal(engine.collections(), 0);
    }
    engine.beQuiet();
    assert.equal(engine.collections(), 1);
    engine.grow(50 * megabyte);
    engine.beQuiet();
    assert.equal(engine.collections(), 1);
  });

  it("is tidied again only when there is much more", () => {
    const engine = start();
    engine.beQuiet();
    engine.grow(megabyte);
    engine.ask();
    engine.beQuiet();
    assert.equal(engine.collections(), 1);
    engine.grow(50 * megabyte);
    engine.ask();
    engine.beQuiet();
    assert.equal(engine.collections(), 2);
  });

  it("waits for a build to end", () => {
    let working = true;
    const engine = start(() => working);
    for (let round = 0; round < 3; round += 1) engine.beQuiet();
    assert.equal(engine.collections(), 0);
    working = false;
    engine.beQuiet();
    assert.equal(engine.collections(), 1);
  });
});
