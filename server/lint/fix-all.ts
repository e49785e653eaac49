import type { Range } from "../../engine/base/ranges.ts";
import type { Finding } from "./finding.ts";
import { applyEdits, comparePositions } from "./fixes.ts";
import type { Fix } from "./rule.ts";

/** The findings' fixes that touch no fix before them: they can be made at once. */
export function compatibleFixes(findings: readonly Finding[]): readonly Fix[] {
  const fixes: Fix[] = [];
  const taken: Range[] = [];
  for (const { fix } of findings) {
    if (!fix || fix.edits.some(({ range }) => taken.some((other) => touches(other, range)))) continue;
    fixes.push(fix);
    taken.push(...fix.edits.map(({ range }) => range));
  }
  return fixes;
}

export interface Fixed {
  readonly text: string;
  readonly fixes: number;
  /** Files that fixes make or add to. */
  readonly files: readonly NonNullable<Fix["files"]>[number][];
}

const mostRounds = 20;

/** Fixes and checks again until nothing is left to fix, or the text comes back to what it once was. */
export async function fixAll(
  text: string,
  check: (text: string) => Promise<readonly Finding[]>,
  wanted: (finding: Finding) => boolean,
): Promise<Fixed> {
  const seen = new Set([text]);
  const files = new Map<string, NonNullable<Fix["files"]>[number]>();
  let current = text;
  let count = 0;
  for (let round = 0; round < mostRounds; round += 1) {
    const found = (await check(current)).filter(wanted);
    const fixesOf = (some: readonly Finding[]) =>
      compatibleFixes(some).filter(
        // What was added to a file once is there.
        ({ edits, files: own = [] }) => edits.length > 0 || own.some(({ name }) => !files.has(name)),
      );
    const before = fixesOf(found.filter(({ fix }) => !fix?.isLast));
    const fixes = before.length > 0 ? before : fixesOf(found);
    const next = applyEdits(
      current,
      fixes.flatMap(({ edits }) => edits),
    );
    for (const file of fixes.flatMap((fix) => fix.files ?? [])) if (!files.has(file.name)) files.set(file.name, file);
    if (fixes.length === 0) break;
    const isNew = !seen.has(next);
    if (isNew || next === current) count += fixes.length;
    if (!isNew) break;
    seen.add(next);
    current = next;
  }
  return { text: current, fixes: count, files: [...files.values()] };
}

export function touches(a: Range, b: Range): boolean {
  return comparePositions(a.start, b.end) <= 0 && comparePositions(b.start, a.end) <= 0;
}
