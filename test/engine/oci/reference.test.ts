import assert from "node:assert/strict";
import { EngineError } from "../../../engine/base/errors.ts";
import {
  familiarReference,
  formatReference,
  parseReference,
  tryParseReference,
} from "../../../engine/oci/reference.ts";

describe("image reference", () => {
  const complete: [string, string][] = [
    ["node", "docker.io/library/node:latest"],
    ["node:24-slim", "docker.io/library/node:24-slim"],
    ["owner/app", "docker.io/owner/app:latest"],
    ["index.docker.io/node", "docker.io/library/node:latest"],
    ["localhost/app:1", "localhost/app:1"],
    ["127.0.0.1:5000/a/b:c", "127.0.0.1:5000/a/b:c"],
    ["ghcr.io/o/a", "ghcr.io/o/a:latest"],
    [`node@sha256:${"a".repeat(64)}`, `docker.io/library/node@sha256:${"a".repeat(64)}`],
  ];
  for (const [text, expected] of complete) {
    it(`completes ${text}`, () => assert.equal(formatReference(parseReference(text)), expected));
  }

  it("says the name as people write it", () => {
    assert.equal(familiarReference(parseReference("docker.io/library/node:24")), "node:24");
    assert.equal(familiarReference(parseReference("ghcr.io/o/a")), "ghcr.io/o/a:latest");
  });

  for (const text of [
    "",
    "Node",
    "a b",
    "node:",
    "node:-x",
    "node@sha256:12",
    "/node",
    "a//b",
    "node:a:b",
    "x".repeat(300),
  ]) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.equal(tryParseReference(text), undefined);
      assert.throws(
        () => parseReference(text),
        (error) => error instanceof EngineError && error.code === "invalid-argument",
      );
    });
  }
});
