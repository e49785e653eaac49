import type { Dockerfile, Instruction } from "../../engine/analysis.ts";
import type { TextEdit } from "../lint/rule.ts";

/** The line end that the file has. */
export function lineEndOf({ lines }: Dockerfile): "\r\n" | "\n" {
  return lines.raw(0).endsWith("\r\n") ? "\r\n" : "\n";
}

/** So many empty lines above each stage but the first; comments right above its FROM belong to it. */
export function betweenStages(dockerfile: Dockerfile, count: number): TextEdit[] {
  const { lines, instructions } = dockerfile;
  const lineEnd = lineEndOf(dockerfile);
  const edits: TextEdit[] = [];
  // The first FROM, with the ARGs that it uses, stands where it stands.
  const first = instructions.findIndex(({ keyword }) => keyword !== "ARG");
  instructions.forEach(({ keyword, range }, at) => {
    const before = instructions[at - 1];
    if (keyword !== "FROM" || !before || at === first || isOpen(before, dockerfile)) return;
    const above = before.range.end.line + 1;
    let top = range.start.line;
    while (top > above && lines.at(top - 1).trim() !== "") top -= 1;
    let last = top;
    while (last > above && lines.at(last - 1).trim() === "") last -= 1;
    // Comments that stand right below the stage before belong to neither for sure.
    if (last === top && top < range.start.line && last === above) return;
    if (top - last === count && !hasBlanks(dockerfile, last, top)) return;
    edits.push({
      range: { start: { line: last, character: 0 }, end: { line: top, character: 0 } },
      newText: lineEnd.repeat(count),
    });
  });
  return edits;
}

function hasBlanks({ lines }: Dockerfile, from: number, to: number): boolean {
  for (let line = from; line < to; line += 1) if (lines.at(line) !== "") return true;
  return false;
}

/** The file ends with one line end, unless its end is the inside of a heredoc. */
export function fileEnd(dockerfile: Dockerfile, lastText: number): TextEdit[] {
  const { lines, text } = dockerfile;
  const last = dockerfile.instructions.at(-1);
  if (lastText < 0 || (last && isOpen(last, dockerfile))) return [];
  // Half of a line end is no place that an edit could name.
  if (text.endsWith("\r")) return [];
  const lineEnd = lineEndOf(dockerfile);
  if (text.slice(lines.endOf(lastText)) === lineEnd) return [];
  const start = { line: lastText, character: lines.endOf(lastText) - lines.startOf(lastText) };
  return [{ range: { start, end: lines.positionAt(text.length) }, newText: lineEnd }];
}

/** What stands below it is the inside of its heredoc. */
function isOpen(instruction: Instruction, { lines }: Dockerfile): boolean {
  const heredoc = (instruction.trigger ?? instruction).heredocs.at(-1);
  if (!heredoc) return false;
  const line = lines.at(heredoc.contentRange.end.line);
  return (heredoc.stripTabs ? line.replace(/^\t+/, "") : line) !== heredoc.delimiter;
}
