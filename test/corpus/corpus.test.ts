import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { score } from "./score.ts";

describe("the corpus of Dockerfiles", () => {
  it("is reported as the score file says (node test/corpus/generate.mjs writes it)", async () => {
    assert.equal(await score("test/corpus"), readFileSync("test/corpus/score.txt", "utf8"));
  });
});
