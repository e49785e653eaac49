import type { Dockerfile } from "../../engine/dockerfile/model.ts";
import type { Finding, LintInput } from "./finding.ts";
import { Linter, type OnRuleError } from "./linter.ts";
import type { Rule } from "./rule.ts";

/** All findings of one file, in file order; of two in one place the one of the earlier rule comes first. */
export function runRules(
  dockerfile: Dockerfile,
  rules: readonly Rule[],
  input: LintInput = {},
  onError?: OnRuleError,
): readonly Finding[] {
  return new Linter(rules, onError).check(dockerfile, input);
}
