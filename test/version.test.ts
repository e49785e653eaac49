import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { version } from "../engine/base/version.ts";

it("programs say the version of package.json", () => {
  assert.equal(version, JSON.parse(readFileSync("package.json", "utf8")).version);
});
