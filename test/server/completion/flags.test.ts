import assert from "node:assert/strict";
import { instructionForms } from "../../../engine/analysis.ts";
import { prepareLint } from "../../../server/lint/lint.ts";
import { itemOf, labels, taken } from "../../support/complete.ts";

describe("completion of flags", () => {
  before(() => prepareLint());

  it("offers all flags of all instructions", () => {
    for (const [keyword, { flags }] of Object.entries(instructionForms)) {
      if (Object.keys(flags).length === 0) continue;
      const found = labels(keyword === "FROM" ? "FROM --<|>" : `FROM a\n${keyword} --<|>`);
      assert.deepEqual(found.map((label) => label.replace(/^--|=$/g, "")).sort(), Object.keys(flags).sort(), keyword);
    }
  });

  it("offers them where flags may stand, those that are written once only", () => {
    assert.ok(!labels("FROM a\nCOPY --chown=1 --<|> a b").includes("--chown="));
    assert.ok(!labels("FROM a\nCOPY --<|> --link a b").includes("--link"));
    assert.ok(labels("FROM a\nCOPY --exclude=x --<|> a b").includes("--exclude="));
    assert.ok(labels("FROM a\nRUN --mount=type=ssh \\\n  --<|> x").includes("--mount="));
    assert.ok(labels("FROM a\nONBUILD COPY --<|> a b").includes("--from="));
    assert.ok(!labels("FROM a\nCOPY a --<|>").includes("--from="));
  });

  it("replaces a half-typed flag, dashes and all", () => {
    assert.equal(taken("FROM a\nCOPY --fr<|> a b", "--from="), "FROM a\nCOPY --from= a b");
    assert.equal(taken("FROM a\nCOPY -<|> a b", "--link"), "FROM a\nCOPY --link a b");
    assert.equal(taken("FROM a\nCOPY --fr<|>om=b a b", "--from="), "FROM a\nCOPY --from=b a b");
    assert.equal(itemOf("FROM a\nCOPY --<|>", "--from=").command?.command, "suggest");
  });

  it("offers the values", () => {
    assert.deepEqual(labels("FROM --platform=<|>").slice(0, 3), ["$BUILDPLATFORM", "$TARGETPLATFORM", "linux/amd64"]);
    assert.equal(taken("FROM --platform=linux/<|> a", "linux/arm64"), "FROM --platform=linux/arm64 a");
    assert.deepEqual(labels("FROM a\nRUN --network=<|>"), ["none", "default", "host"]);
    assert.deepEqual(labels("FROM a\nRUN --security=<|>"), ["sandbox", "insecure"]);
    assert.deepEqual(labels("FROM a\nADD --checksum=<|>"), ["sha256:"]);
    assert.ok(labels("FROM a\nRUN --device=<|>").length > 0);
    assert.ok(labels("FROM a\nHEALTHCHECK --interval=<|>").includes("30s"));
    assert.equal(labels("FROM node\nCOPY --chown=<|> a b")[0], "node:node");
    assert.ok(labels("FROM a\nCOPY --chmod=<|> a b").includes("755"));
    for (const flag of ["keep-git-dir", "unpack", "link"])
      assert.deepEqual(labels(`FROM a\nADD --${flag}=<|>`), ["true", "false"]);
  });

  it("offers stages above to --from, not its own, then images", () => {
    const found = labels("FROM a AS one\nFROM b AS two\nFROM c AS three\nCOPY --from=<|> a b");
    assert.deepEqual(found.slice(0, 2), ["two", "one"]);
    assert.ok(!found.includes("three") && found.includes("nginx:1.29-alpine"));
  });
});

describe("completion of mounts", () => {
  before(() => prepareLint());

  it("offers kinds, then the keys of the kind, and no key twice", () => {
    assert.deepEqual(labels("FROM a\nRUN --mount=type=<|>"), ["cache", "bind", "secret", "ssh", "tmpfs"]);
    assert.deepEqual(labels("FROM a\nRUN --mount=type=tmpfs,<|>"), ["target=", "size="]);
    assert.ok(!labels("FROM a\nRUN --mount=type=cache,dst=/x,<|>").includes("target="));
    assert.deepEqual(labels("FROM a\nRUN --mount=type=cache,sharing=<|>"), ["shared", "private", "locked"]);
    assert.equal(
      taken("FROM a\nRUN --mount=type=cache,sh<|>,id=a x", "sharing="),
      "FROM a\nRUN --mount=type=cache,sharing=,id=a x",
    );
    assert.equal(taken("FROM a\nRUN --mount=ty<|>pe=cache x", "type=cache"), "FROM a\nRUN --mount=type=cache x");
  });

  it("knows where the package managers of the RUN keep their downloads", () => {
    assert.equal(labels("FROM a\nRUN --mount=<|> npm ci")[0], "type=cache,target=/root/.npm");
    assert.deepEqual(labels("FROM a\nRUN --mount=type=cache,target=<|> \\\n    go build ."), [
      "/root/.cache/go-build",
      "/go/pkg/mod",
    ]);
    assert.deepEqual(labels("FROM a\nRUN --mount=type=cache,target=<|> apt-get update"), [
      "/var/cache/apt",
      "/var/lib/apt",
    ]);
    assert.equal(labels("FROM debian:13\nRUN --mount=<|>")[0], "type=cache,target=/var/cache/apt,sharing=locked");
    assert.ok(labels("FROM rust\nWORKDIR /src\nRUN --mount=type=cache,target=<|> cargo build").includes("/src/target"));
    assert.deepEqual(labels("FROM python:3.14 AS a\nFROM a\nRUN --mount=type=cache,target=<|>")[0], "/root/.cache/pip");
  });

  it("offers ids that the file uses, stages, and files of the source", () => {
    const text = "FROM a AS one\nWORKDIR /w\nCOPY x.txt .\nFROM b\nRUN --mount=type=secret,id=mine x\n";
    assert.equal(labels(`${text}RUN --mount=type=secret,id=<|> y`)[0], "mine");
    assert.equal(labels(`${text}RUN --mount=type=bind,from=<|> y`)[0], "one");
    const files = { "x.txt": "", "src/a.c": "" };
    assert.deepEqual(labels(`${text}RUN --mount=type=bind,source=<|> y`, { files }), ["src/", "x.txt"]);
    assert.deepEqual(labels(`${text}RUN --mount=type=bind,source=src/<|> y`, { files }), ["a.c"]);
    assert.ok(labels(`${text}RUN --mount=from=one,source=/w/<|> y`, { files }).includes("x.txt"));
    assert.deepEqual(labels(`${text}RUN --mount=type=ssh,id=<|> y`), ["default"]);
  });
});
