import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { applyEdits } from "../../server/lint/fixes.ts";
import { lintText, prepareLint } from "../../server/lint/lint.ts";
import { namedProject } from "../../server/lint/project-unknown.ts";

const folder = "examples/first-dockerfile";
const bad = readFileSync(`${folder}/Dockerfile`, "utf8");
const good = readFileSync(`${folder}/Dockerfile.good`, "utf8");
const project = namedProject(readdirSync(folder));
/** What is wrong; hints (a tag, a cache mount) are advice for later. */
const mistakes = (text: string) => lintText(text, { project }).filter(({ severity }) => severity !== "hint");

describe("the first Dockerfile", () => {
  before(() => prepareLint());

  it("shows each mistake once, at its words", () => {
    const lines = bad.split("\n");
    const shown = mistakes(bad).map(
      ({ rule, range: { start, end } }) => `${rule}: ${lines[start.line]?.slice(start.character, end.character)}`,
    );
    assert.deepEqual(shown, [
      "syntax/inline-comment: # take the node image",
      "syntax/inline-comment: // copy the project",
      "cache/copy-before-install: COPY . /app",
      "build/install-without-workdir: npm install",
      "build/server-in-run: node server.js",
      "syntax/json-single-quotes: ['node', 'server.js']",
    ]);
  });

  it("becomes the good one, whichever fix is taken first", () => {
    const endings = new Set<string>();
    const seen = new Set<string>();
    const walk = (text: string) => {
      if (seen.has(text)) return;
      seen.add(text);
      const fixes = mistakes(text).flatMap(({ fix }) => fix ?? []);
      if (fixes.length === 0) endings.add(text);
      for (const fix of fixes) walk(applyEdits(text, fix.edits));
    };
    walk(bad);
    assert.deepEqual([...endings], [good]);
    assert.ok(seen.size > 50, "several orders were tried");
  });

  it("is clean in the end", () => assert.deepEqual(mistakes(good), []));
});
