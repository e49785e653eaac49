import type { TextEdit } from "../../../server/lint/rule.ts";

const around = 3;

interface Change {
  /** Lines [from, to) of the old text, and what stands there afterwards. */
  readonly from: number;
  readonly to: number;
  readonly lines: readonly string[];
}

/** A unified diff, from edits in the order of the file. */
export function unifiedDiff(file: string, text: string, edits: readonly TextEdit[]): string {
  const old = linesOf(text);
  const changes = changesOf(old, edits);
  if (changes.length === 0) return "";
  const hunks = grouped(changes);
  let moved = 0;
  let output = `--- ${file}\n+++ ${file}\n`;
  for (const hunk of hunks) {
    const start = Math.max(0, (hunk[0]?.from ?? 0) - around);
    const end = Math.min(old.length, (hunk.at(-1)?.to ?? 0) + around);
    let body = "";
    let at = start;
    let added = 0;
    for (const { from, to, lines } of hunk) {
      body += written(" ", old.slice(at, from)) + written("-", old.slice(from, to)) + written("+", lines);
      added += lines.length - (to - from);
      at = to;
    }
    body += written(" ", old.slice(at, end));
    output += `@@ -${place(start, end - start)} +${place(start + moved, end - start + added)} @@\n${body}`;
    moved += added;
  }
  return output;
}

/** With their line ends. */
function linesOf(text: string): string[] {
  const lines = text.split(/(?<=\n)/);
  return text === "" ? [] : lines;
}

function changesOf(old: readonly string[], edits: readonly TextEdit[]): Change[] {
  const changes: Change[] = [];
  for (let at = 0; at < edits.length; ) {
    const from = edits[at]?.range.start.line ?? 0;
    let last = from;
    let text = "";
    let place = { line: from, character: 0 };
    // All edits of these lines.
    for (; at < edits.length && (edits[at]?.range.start.line ?? 0) <= last; at += 1) {
      const { range, newText } = edits[at] as TextEdit;
      text += between(old, place, range.start) + newText;
      place = range.end;
      last = Math.max(last, range.end.line);
    }
    const to = Math.min(last + 1, old.length);
    text += between(old, place, { line: to, character: 0 });
    const change = trimmed({ from, to, lines: linesOf(text) }, old);
    const before = changes.at(-1);
    if (before?.to === change.from) changes[changes.length - 1] = joined(before, change);
    else changes.push(change);
  }
  return changes;
}

function joined({ from, lines }: Change, next: Change): Change {
  return { from, to: next.to, lines: [...lines, ...next.lines] };
}

function between(old: readonly string[], from: Place, to: Place): string {
  if (from.line === to.line) return (old[from.line] ?? "").slice(from.character, to.character);
  const inner = old.slice(from.line + 1, to.line).join("");
  return (old[from.line] ?? "").slice(from.character) + inner + (old[to.line] ?? "").slice(0, to.character);
}

type Place = TextEdit["range"]["start"];

/** Without the lines that are the same at both ends. */
function trimmed({ from, to, lines }: Change, old: readonly string[]): Change {
  let top = 0;
  while (top < lines.length && from + top < to && lines[top] === old[from + top]) top += 1;
  let bottom = 0;
  while (bottom < lines.length - top && to - bottom > from + top && lines.at(-1 - bottom) === old[to - 1 - bottom]) {
    bottom += 1;
  }
  return { from: from + top, to: to - bottom, lines: lines.slice(top, lines.length - bottom) };
}

function grouped(changes: readonly Change[]): Change[][] {
  const hunks: Change[][] = [];
  for (const change of changes) {
    const last = hunks.at(-1);
    if (last && change.from - (last.at(-1)?.to ?? 0) <= 2 * around) last.push(change);
    else hunks.push([change]);
  }
  return hunks;
}

/** An empty stretch is placed behind the line before it. */
function place(start: number, count: number): string {
  return count === 1 ? `${start + 1}` : `${count === 0 ? start : start + 1},${count}`;
}

function written(sign: string, lines: readonly string[]): string {
  return lines.map((line) => `${sign}${line}${line.endsWith("\n") ? "" : "\n\\ No newline at end of file\n"}`).join("");
}
