import assert from "node:assert/strict";
import { factsOf } from "../../../client/image-info.ts";
import { imageDetails } from "../../../server/known-details.ts";

const never = new Promise<never>(() => {});

describe("what the engine knows of an image", () => {
  it("is asked for once in a while, and what is no description counts for nothing", async () => {
    let asked = 0;
    let now = 0;
    const find = imageDetails(
      async (method, params) => {
        asked += 1;
        assert.deepEqual([method, params], ["drydock/imageInfo", { reference: "node:24" }]);
        return { image: { tags: ["node:24", 5], sizeBytes: "big", env: { A: "1", B: 2 }, user: "" } };
      },
      1000,
      () => now,
    );
    const facts = await find("node:24");
    assert.deepEqual(facts, {
      tags: ["node:24"],
      env: { A: "1" },
      platforms: [],
      ports: [],
      entrypoint: [],
      command: [],
    });
    await find("node:24");
    assert.equal(asked, 1);
    now = 60_000;
    await find("node:24");
    assert.equal(asked, 2);
  });

  it("tells an image that is not there from an engine that is not there", async () => {
    const answering = (answer: unknown) => imageDetails(async () => answer, 1000)("a");
    assert.equal(await answering({ image: null }), null);
    for (const answer of [null, undefined, "text", { image: 5 }, {}]) assert.equal(await answering(answer), undefined);
    assert.equal(await imageDetails(() => Promise.reject(new Error("no client")), 1000)("a"), undefined);
  });

  it("is not waited for", async () => {
    assert.equal(await imageDetails(() => never, 1)("a"), undefined);
  });

  it("is read from Docker's answer, whatever it leaves out", () => {
    const facts = factsOf({
      RepoTags: ["node:24"],
      RepoDigests: ["node@sha256:abc"],
      Os: "linux",
      Architecture: "arm64",
      Created: "2026-01-02T03:04:05Z",
      Size: 5,
      Config: { Env: ["A=b=c"], ExposedPorts: { "80/tcp": {} }, User: "node", Cmd: ["node"] } as never,
    });
    assert.equal(facts.digest, "sha256:abc");
    assert.equal(facts.createdMs, Date.UTC(2026, 0, 2, 3, 4, 5));
    assert.deepEqual([facts.platforms, facts.ports, facts.env], [["linux/arm64"], ["80/tcp"], { A: "b=c" }]);
    assert.deepEqual(factsOf({}).command, []);
  });
});
