import { parse } from "../../engine/analysis.ts";
import { indentOf, lastHeadLine } from "./indentation.ts";
import type { FormatOptions } from "./options.ts";

const usual = [4, 2, 8, 3];

/** How most instructions of the file indent the line below their first one; four blanks when none does. */
export function detectIndent(text: string): Pick<FormatOptions, "indentSize" | "useTabs"> {
  const { instructions, lines } = parse(text);
  const counts = new Map<number, number>();
  let tabs = 0;
  let spaces = 0;
  for (const instruction of instructions) {
    const second = instruction.range.start.line + 1;
    if (second > lastHeadLine(instruction)) continue;
    const indent = indentOf(lines.at(second));
    if (indent.startsWith("\t")) tabs += 1;
    else {
      if (indent !== "") spaces += 1;
      counts.set(indent.length, (counts.get(indent.length) ?? 0) + 1);
    }
  }
  if (tabs > spaces) return { indentSize: 4, useTabs: true };
  const count = (size: number) => counts.get(size) ?? 0;
  return { indentSize: usual.reduce((best, size) => (count(size) > count(best) ? size : best)), useTabs: false };
}
