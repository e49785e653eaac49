import type { LintInput } from "./finding.ts";
import { applyEdits } from "./fixes.ts";
import { lintText } from "./lint.ts";

export const reorderRule = "cache/copy-before-install";

/** More stages than this are not put in another order. */
const mostRounds = 5;

/** The text with its copies in the order that the rule proposes; undefined when it proposes nothing. */
export function proposedOrder(text: string, input: LintInput = {}): string | undefined {
  let current = text;
  for (let round = 0; round < mostRounds; round += 1) {
    const fix = lintText(current, input).find(({ rule, fix }) => rule === reorderRule && fix)?.fix;
    const next = fix ? applyEdits(current, fix.edits) : current;
    if (next === current) break;
    current = next;
  }
  return current === text ? undefined : current;
}
