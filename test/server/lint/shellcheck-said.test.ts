import assert from "node:assert/strict";
import { parse } from "../../../engine/dockerfile/parse.ts";
import type { Finding } from "../../../server/lint/finding.ts";
import { prepareLint } from "../../../server/lint/lint.ts";
import { Linter } from "../../../server/lint/linter.ts";
import { rules } from "../../../server/rules/rules.ts";

describe("ShellCheck's findings", () => {
  before(() => prepareLint());

  const at = (line: number, start: number): Finding => ({
    rule: "shellcheck/SC1035",
    severity: "error",
    message: { template: "data of the program" },
    range: { start: { line, character: start }, end: { line, character: start + 1 } },
    sameAs: ["hadolint:SC1035"],
  });
  const shown = (text: string, finding: Finding) =>
    new Linter(rules)
      .check(parse(text), { shellCheck: { findings: [finding], isComplete: true } })
      .map(({ rule }) => rule)
      .filter((rule) => rule.startsWith("shellcheck/") || rule.startsWith("syntax/"));

  it("are shown beside the rules' own", () => {
    assert.deepEqual(shown("FROM node:24\nRUN a [b]\n", at(1, 6)), ["shellcheck/SC1035"]);
  });

  it("are not shown where a rule says the same in words of Dockerfiles", () => {
    assert.deepEqual(shown("FROM node:24\nCMD ['node', 'a.js']\n", at(1, 4)), ["syntax/json-single-quotes"]);
  });
});
