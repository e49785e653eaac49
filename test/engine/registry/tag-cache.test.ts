import assert from "node:assert/strict";
import { TagCache } from "../../../engine/registry/tag-cache.ts";

describe("tags of repositories, kept", () => {
  const node = { registry: "docker.io", repository: "library/node" };
  const never = new AbortController().signal;

  /** A registry whose answers wait until they are told. */
  function slow() {
    const asked: {
      readonly answer: (tags: string[]) => void;
      readonly fail: (error: Error) => void;
      readonly signal?: AbortSignal | undefined;
    }[] = [];
    const registry = {
      tags: (_: unknown, options: { signal?: AbortSignal } = {}) =>
        new Promise<readonly string[]>((answer, fail) => {
          asked.push({ answer, fail, signal: options.signal });
          options.signal?.addEventListener("abort", () => fail(new Error("cancelled")));
        }),
    };
    return { asked, registry };
  }

  it("asks once for all who ask, and again after some minutes", async () => {
    const { asked, registry } = slow();
    let now = 0;
    const cache = new TagCache(registry, () => now);
    const two = [cache.tags(node, never), cache.tags(node, never)];
    asked[0]?.answer(["24"]);
    assert.deepEqual(await Promise.all(two), [["24"], ["24"]]);
    assert.deepEqual(await cache.tags(node, never), ["24"]);
    assert.equal(asked.length, 1);
    now += 10 * 60_000;
    const later = cache.tags(node, never);
    asked[1]?.answer(["25"]);
    assert.deepEqual(await later, ["25"]);
  });

  it("lets one leave without disturbing the other, and asks no longer when all have left", async () => {
    const { asked, registry } = slow();
    const cache = new TagCache(registry);
    const [one, other, last] = [new AbortController(), new AbortController(), new AbortController()];
    const left = cache.tags(node, one.signal);
    const stays = cache.tags(node, other.signal);
    one.abort(new Error("left"));
    await assert.rejects(left, /left/);
    assert.equal(asked[0]?.signal?.aborted, false);
    asked[0]?.answer(["24"]);
    assert.deepEqual(await stays, ["24"]);
    const alone = cache.tags({ ...node, repository: "library/redis" }, last.signal);
    last.abort(new Error("left"));
    await assert.rejects(alone, /left/);
    assert.equal(asked[1]?.signal?.aborted, true);
  });

  it("does not keep a failure", async () => {
    const { asked, registry } = slow();
    const cache = new TagCache(registry);
    const failed = cache.tags(node, never);
    asked[0]?.fail(new Error("no network"));
    await assert.rejects(failed, /no network/);
    const again = cache.tags(node, never);
    asked[1]?.answer(["24"]);
    assert.deepEqual(await again, ["24"]);
  });
});
