import { parse } from "../../engine/analysis.ts";
import { rules } from "../rules/rules.ts";
import { prepareShell } from "../shell/grammar.ts";
import type { Finding, LintInput } from "./finding.ts";
import { applyEdits } from "./fixes.ts";
import { runRules } from "./runner.ts";

/** To be awaited before anything is checked: loads what reads scripts; PowerShell's only when a text names it. */
export async function prepareLint(...texts: readonly string[]): Promise<void> {
  await (texts.some(namesPowershell) ? prepareShell("bash", "powershell") : prepareShell());
}

export function namesPowershell(text: string): boolean {
  return /\b(?:pwsh|powershell)\b/i.test(text);
}

/** Checks a Dockerfile's text with all rules: the one entry of the command line. */
export function lintText(text: string, input: LintInput = {}): readonly Finding[] {
  return runRules(parse(text), rules, input);
}

/** Applies the fixes of `kind` until none is left; gives up after a bounded number of rounds. */
export function fixText(text: string, input: LintInput & { readonly kind?: "safe" } = {}): string {
  let current = text;
  for (let round = 0; round < 100; round += 1) {
    const fix = lintText(current, input).find(
      (finding) => finding.fix && (input.kind === undefined || finding.fix.kind === input.kind),
    )?.fix;
    if (!fix) break;
    const next = applyEdits(current, fix.edits);
    if (next === current) break;
    current = next;
  }
  return current;
}
