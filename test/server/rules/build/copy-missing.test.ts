import assert from "node:assert/strict";
import { parse } from "../../../../engine/dockerfile/parse.ts";
import { runRules } from "../../../../server/lint/runner.ts";
import copyMissing from "../../../../server/rules/build/copy-missing.ts";
import { memoryProject } from "../../../support/memory-project.ts";

describe("COPY of files that are not there", () => {
  const found = (text: string, folder: string) => {
    const project = { ...memoryProject({ Dockerfile: "", "package.json": "{}", "a.js": "" }), folder };
    return runRules(parse(text), [copyMissing], { project }).map(({ message }) => message.args?.path);
  };

  it("is told where the Dockerfile's folder is the context", () => {
    assert.deepEqual(found("FROM node\nCOPY package.json lib/b.js /app/\n", "/repo/api"), ["lib/b.js"]);
  });

  it("is not told in a repository of many packages that is built from above", () => {
    const text = "FROM node\nCOPY package.json ./\nCOPY packages/api/src shared/lib /app/\n";
    assert.deepEqual(found(text, "/repo/packages/api"), []);
    assert.deepEqual(found(text, "C:\\repo\\packages\\api"), []);
  });
});
