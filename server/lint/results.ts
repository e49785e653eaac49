import type { Position, Range } from "../../engine/base/ranges.ts";
import type { Finding } from "./finding.ts";
import type { Fix } from "./rule.ts";

/** What checks said of something that stood at `line`. */
export interface Results {
  readonly line: number;
  readonly findings: readonly Finding[];
  /** The parser's problems in here were said in better words. */
  readonly covers: readonly Range[];
}

/** Wherever it stood. */
export const noResults: Results = { line: 0, findings: [], covers: [] };

/** The same at another line. */
export function movedTo(results: Results, line: number): Results {
  const by = line - results.line;
  if (by === 0 || results === noResults) return results;
  const { findings, covers } = results;
  return {
    line,
    findings: findings.map((finding) => moveFinding(finding, by)),
    covers: covers.map((range) => moveRange(range, by)),
  };
}

/** Both of what stands at the same place. */
export function joined(one: Results, other: Results): Results {
  if (one === noResults || other === noResults) return one === noResults ? other : one;
  const { line, findings, covers } = one;
  return { line, findings: [...findings, ...other.findings], covers: [...covers, ...other.covers] };
}

function moveFinding(finding: Finding, by: number): Finding {
  const { range, fix, alternatives, related } = finding;
  return {
    ...finding,
    range: moveRange(range, by),
    ...(fix && { fix: moveFix(fix, by) }),
    ...(alternatives && { alternatives: alternatives.map((one) => moveFix(one, by)) }),
    ...(related && { related: related.map((one) => ({ ...one, range: moveRange(one.range, by) })) }),
  };
}

function moveFix<T extends Fix>(fix: T, by: number): T {
  return { ...fix, edits: fix.edits.map((edit) => ({ ...edit, range: moveRange(edit.range, by) })) };
}

function moveRange({ start, end }: Range, by: number): Range {
  return { start: move(start, by), end: move(end, by) };
}

function move({ line, character }: Position, by: number): Position {
  return { line: line + by, character };
}
