import assert from "node:assert/strict";
import { digestOf } from "../../../engine/base/digest.ts";
import { changesBetween, type Missed, type StepTrace, stepBefore, whyMissed } from "../../../engine/cache/cause.ts";

const now: StepTrace = {
  stage: "app",
  text: "COPY . .",
  place: 2,
  key: digestOf("key"),
  parentKey: digestOf("parent"),
  content: digestOf("content"),
};
const other = digestOf("other");

const why = (before: Partial<StepTrace> | undefined, more: Partial<Missed> = {}) =>
  whyMissed({
    now,
    before: before && { ...now, key: other, ...before },
    noCache: false,
    parent: { kind: "step", step: 1 },
    fromContext: true,
    ...more,
  });

describe("why a step was done", () => {
  it("names the nearest reason", () => {
    assert.deepEqual(why(undefined), { kind: "never-built" });
    assert.deepEqual(why({}, { noCache: true }), { kind: "no-cache" });
    assert.deepEqual(why({ key: now.key }), { kind: "pruned" });
    assert.deepEqual(why({ parentKey: other, content: other }), { kind: "parent-rebuilt", step: 1 });
    assert.deepEqual(why({ parentKey: other }, { parent: { kind: "base", name: "node" } }), {
      kind: "base-moved",
      name: "node",
    });
    assert.deepEqual(why({ text: "COPY x ." }), {
      kind: "instruction-changed",
      was: "COPY x .",
      changes: [{ part: "source", from: "x", to: "." }],
    });
    const from = { kind: "base" as const, name: "node:24", was: "node:22" };
    assert.deepEqual(why({ parentKey: other }, { parent: from }), {
      kind: "base-moved",
      name: "node:24",
      was: "node:22",
    });
    assert.deepEqual(why({ content: other }, { fromContext: false }), { kind: "source-changed" });
    assert.deepEqual(why({}), { kind: "environment-changed" });
  });

  it("names the files, but not thousands of them", () => {
    const files = Array.from({ length: 25 }, (_, at) => ({ path: `f${at}`, change: "added" as const }));
    const cause = why({ content: other }, { files });
    assert.ok(cause.kind === "files-changed");
    assert.equal(cause.files.length, 20);
    assert.equal(cause.more, 5);
    assert.deepEqual(why({ content: other }), { kind: "files-changed", files: [], more: 0 });
  });
});

describe("the same step in an earlier build", () => {
  const step = (text: string, place: number, stage = "app"): StepTrace => ({ stage, text, place, key: other });
  const find = (text: string, place: number, before: readonly StepTrace[], texts: readonly string[] = [text]) =>
    stepBefore({ stage: "app", text, place }, before, new Set(texts));

  it("has the same words in the same stage, wherever it stood", () => {
    assert.equal(find("RUN a", 3, [step("RUN a", 1, "other"), step("RUN a", 1)])?.place, 1);
  });
  it("is the nearest of several that are alike", () => {
    assert.equal(find("RUN a", 4, [step("RUN a", 1), step("RUN a", 5)])?.place, 5);
  });
  it("stood in its place when its words are new and those that stood there are gone", () => {
    assert.equal(find("RUN b", 1, [step("RUN a", 1)])?.text, "RUN a");
  });
  it("does not exist for a step that was put between others", () => {
    assert.equal(find("RUN b", 1, [step("RUN a", 1)], ["RUN b", "RUN a"]), undefined);
  });
});

describe("two listings of files", () => {
  it("differ by what was added, removed, written or given another mode", () => {
    const before = "a\t644 file 1\nb\t644 file 2\nc\t644 file 3\nd\t777 symlink x\n";
    const after = "a\t644 file 1\nb\t755 file 2\nd\t777 symlink y\ne\t644 file 3\n";
    assert.deepEqual(changesBetween(before, after), [
      { path: "b", change: "mode" },
      { path: "c", change: "removed" },
      { path: "d", change: "content" },
      { path: "e", change: "added" },
    ]);
    assert.deepEqual(changesBetween(after, after), []);
    const folder = "f\t755 dir\nf-g\t644 file 1\nf/g\t755 dir\nf/g/h\t644 file 1\n";
    assert.deepEqual(changesBetween("", folder), [
      { path: "f-g", change: "added" },
      { path: "f/g/h", change: "added" },
    ]);
  });
});
