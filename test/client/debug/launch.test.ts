import assert from "node:assert/strict";
import { partRequest, settingsFor } from "../../../client/debug/launch.ts";

describe("what a debugged build is made with", () => {
  const remembered = {
    context: "/w",
    target: "build",
    buildArgs: { A: "1", B: "2" },
    secrets: { key: { kind: "file", path: "/key" } },
    noCache: true,
    pull: true,
  } as const;

  it("is what was chosen for the Dockerfile, under what launch.json says", () => {
    assert.deepEqual(settingsFor({}, remembered, "/w"), remembered);
    const { context, target, buildArgs } = settingsFor(
      { context: "app", target: "test", args: { B: "3" } },
      remembered,
      "/w",
    );
    assert.deepEqual([context, target, buildArgs], ["/w/app", "test", { A: "1", B: "3" }]);
  });

  it("is a part that uses the cache and leaves no record", () => {
    assert.deepEqual(partRequest(remembered, { dockerfile: "/w/Dockerfile", context: "/w" }, {}), {
      contextPath: "/w",
      dockerfile: "/w/Dockerfile",
      tags: [],
      buildArgs: { A: "1", B: "2" },
      secrets: { key: { kind: "file", path: "/key" } },
      isPart: true,
    });
  });
});
