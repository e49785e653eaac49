import assert from "node:assert/strict";
import { guessContext } from "../../../client/builds/context.ts";

describe("client/builds/context", () => {
  const guess = (files: readonly string[], sources: readonly string[], root = "/repo") =>
    guessContext("/repo/apps/web/Dockerfile", root || undefined, sources, (file) => files.includes(file));

  it("is the folder of the Dockerfile when that has what is copied", () => {
    assert.equal(guess(["/repo/apps/web/package.json", "/repo/package.json"], ["package.json"]), "/repo/apps/web");
  });

  it("is a folder above when only that has it", () => {
    const files = ["/repo/package.json", "/repo/apps/web/src", "/repo/apps/web"];
    assert.equal(guess(files, ["package.json", "apps/web/src"]), "/repo");
    assert.equal(guess(["/repo/apps/libs"], ["./libs/**/*.ts"]), "/repo/apps");
  });

  it("is the Dockerfile's when nothing tells: everything is copied, nothing is there, outside of a workspace", () => {
    assert.equal(guess([], ["."]), "/repo/apps/web");
    assert.equal(guess([], ["missing"]), "/repo/apps/web");
    assert.equal(guess(["/repo/package.json"], ["package.json"], "/other"), "/repo/apps/web");
    assert.equal(guess(["/repo/package.json"], ["package.json"], ""), "/repo/apps/web");
  });
});
