import { parse } from "../../engine/analysis.ts";
import { rules } from "../rules/rules.ts";
import { applyEdits } from "./fixes.ts";
import { type Finding, type LintOptions, runRules } from "./runner.ts";

/** Checks a Dockerfile's text with all rules: the one entry of the command line. */
export function lintText(text: string, options: LintOptions = {}): readonly Finding[] {
  return runRules(parse(text), rules, options);
}

/** Applies the fixes of `kind` until none is left; gives up after a bounded number of rounds. */
export function fixText(text: string, options: LintOptions & { readonly kind?: "safe" } = {}): string {
  let current = text;
  for (let round = 0; round < 100; round += 1) {
    const fix = lintText(current, options).find(
      (finding) => finding.fix && (options.kind === undefined || finding.fix.kind === options.kind),
    )?.fix;
    if (!fix) break;
    const next = applyEdits(current, fix.edits);
    if (next === current) break;
    current = next;
  }
  return current;
}
