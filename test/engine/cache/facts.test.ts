import assert from "node:assert/strict";
import { wordsOfChanges } from "../../../engine/base/change-words.ts";
import { digestOf } from "../../../engine/base/digest.ts";
import { formatMessage } from "../../../engine/base/message.ts";
import { changedWords } from "../../../engine/cache/changed-words.ts";
import { changedFacts, factsOf } from "../../../engine/cache/facts.ts";
import { parse } from "../../../engine/dockerfile/parse.ts";
import type { Vertex } from "../../../engine/graph/graph.ts";
import { lower } from "../../../engine/graph/lower.ts";

const key = digestOf("key");
const platform = { os: "linux", architecture: "amd64" };

function last(body: string, buildArgs: Readonly<Record<string, string>> = {}): Vertex {
  const lowered = lower(parse(`FROM scratch\n${body}\n`), { platform, buildArgs, images: new Map() });
  assert.ok("graph" in lowered, JSON.stringify(lowered));
  const vertex = lowered.graph.vertices.at(-1);
  assert.ok(vertex);
  return vertex;
}

const changed = (before: Vertex, now: Vertex) =>
  formatMessage(wordsOfChanges(changedFacts(factsOf(before, key), key, now)) ?? { template: "nothing" });
const between = (before: string, now: string) => changed(last(before), last(now));
const words = (before: string, now: string) =>
  formatMessage(wordsOfChanges(changedWords(before, now)) ?? { template: "nothing" });

describe("what of a step has another value", () => {
  it("is named, with what it was and what it is", () => {
    const run = "ARG VERSION\nENV LANG=C\nRUN make";
    assert.equal(
      changed(last(run, { VERSION: "1.2" }), last(run, { VERSION: "1.3" })),
      "ARG VERSION changed from 1.2 to 1.3",
    );
    assert.equal(changed(last(run), last(run, { VERSION: "1.3" })), "ARG VERSION is set now, to 1.3");
    assert.equal(changed(last(run, { VERSION: "" }), last(run)), "ARG VERSION is not set any more; it was “”");
    assert.equal(between("ENV LANG=C\nRUN make", "ENV LANG=C.UTF-8\nRUN make"), "ENV LANG changed from C to C.UTF-8");
    assert.equal(
      between("ARG V=1\nENV W=$V\nRUN make", "ARG V=2\nENV W=$V\nRUN make"),
      "ARG V changed from 1 to 2 (and 1 more)",
    );
    assert.equal(between(run, run), "nothing");
  });

  it("is a variable before what follows from it", () => {
    assert.equal(between("ARG U=a\nUSER $U\nRUN make", "ARG U=b\nUSER $U\nRUN make"), "ARG U changed from a to b");
    assert.equal(between("USER a\nRUN make", "USER b\nRUN make"), "USER changed from a to b");
    assert.equal(between('SHELL ["a"]\nRUN make', 'SHELL ["b", "c"]\nRUN make'), "SHELL changed from a to b c");
  });

  it("is of an instruction that is no RUN only what its words name", () => {
    const copy = (version: string) => last("ARG A=1\nARG VERSION\nCOPY app-$VERSION.tgz /", { VERSION: version });
    assert.deepEqual(
      copy("1").variables?.map(({ name }) => name),
      ["VERSION"],
    );
    assert.equal(changed(copy("1"), copy("2")), "ARG VERSION changed from 1 to 2");
    assert.equal(between("ENV D=/a\nWORKDIR $D", "ENV D=/b\nWORKDIR $D"), "ENV D changed from /a to /b");
  });

  it("is the order of variables, or what does not show in the words", () => {
    assert.equal(
      between("ENV A=1\nENV B=2\nRUN make", "ENV B=2\nENV A=1\nRUN make"),
      "Variables are set in another order",
    );
    assert.equal(between("RUN a  b", "RUN a b"), "Blanks in the instruction have changed");
    assert.equal(between("RUN <<EOF\na\nEOF", "RUN <<EOF\nb\nEOF"), "The text between << and its end has changed");
    assert.equal(between("COPY <<a /b\n1\na", "COPY <<a /b\n2\na"), "The text between << and its end has changed");
  });

  it("is not told when it may be a secret, and is no part of what is written down", () => {
    const secrets: [name: string, value: string, other: string][] = [
      ["NPM_TOKEN", "hunter2", "hunter3"],
      ["dbPassword", "hunter2", "hunter3"],
      ["API_KEY", "hunter2", "hunter3"],
      ["INDEX", "https://me:hunter2@host.example/simple", "https://me:hunter3@host.example/simple"],
      ["NPMRC", "//registry.example/:_authToken=hunter2", "//registry.example/:_authToken=hunter3"],
      ["OPTIONS", "--user=me --password=hunter2", "--user=me --password=hunter3"],
      ["SOMETHING", `ghp_${"hunter2".repeat(6)}`, `ghp_${"hunter3".repeat(6)}`],
    ];
    for (const [name, value, other] of secrets) {
      const run = `ARG ${name}\nRUN make`;
      const before = last(run, { [name]: value });
      assert.ok(!JSON.stringify(factsOf(before, key)).includes("hunter"), name);
      assert.notDeepEqual(factsOf(before, key), factsOf(before, digestOf("other")), "marks are salted");
      assert.equal(changed(before, last(run, { [name]: other })), `ARG ${name} has another value`);
      assert.equal(changed(before, last(run, { [name]: value })), "nothing");
      assert.ok(!changed(before, last(run)).includes("hunter"));
      assert.ok(!changed(last(run), before).includes("hunter"));
    }
  });

  it("is shortened when it is long, and compared whole", () => {
    const run = (value: string) => last("ARG A\nRUN make", { A: value });
    const long = "x".repeat(300);
    assert.equal(changed(run("a"), run(long)), `ARG A changed from a to ${"x".repeat(40)}…`);
    assert.equal(changed(run(long), run(`${long}y`)), "ARG A has another value");
    assert.equal(changed(run(long), run(long)), "nothing");
    assert.ok(JSON.stringify(factsOf(run(long), key)).length < 500);
  });
});

describe("what of an instruction's words has changed", () => {
  it("is a flag, the words between those that are the same, a source or the destination", () => {
    assert.equal(words("RUN npm install --omit=dev", "RUN npm ci --omit=dev"), "“install” became “ci”");
    assert.equal(words("RUN make", "RUN make all"), "“all” was added");
    assert.equal(words("RUN make -j 4 all", "RUN make all"), "“-j 4” was taken away");
    assert.equal(
      words("COPY --chown=1 a /", "COPY --chown=2 --link a /"),
      "“--chown=1” became “--chown=2” (and 1 more)",
    );
    assert.equal(words("COPY --link a /", "COPY a /"), "“--link” was taken away");
    assert.deepEqual(changedWords("COPY a /x", "COPY b /x"), [{ part: "source", from: "a", to: "b" }]);
    assert.deepEqual(changedWords("COPY a /x", "COPY a b /x"), [{ part: "source", to: "b" }]);
    assert.deepEqual(changedWords("COPY a /x", "COPY a /y"), [{ part: "destination", from: "/x", to: "/y" }]);
  });

  it("repeats no password", () => {
    assert.deepEqual(changedWords("RUN curl https://a:b@c.example", "RUN curl https://a:c@c.example"), [
      { part: "words" },
    ]);
  });
});
