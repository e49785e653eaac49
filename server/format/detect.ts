import { parse } from "../../engine/analysis.ts";
import { leftmost } from "./indentation.ts";
import { defaultFormat, type FormatOptions } from "./options.ts";

const usual = [4, 2, 8, 3];

/** How most instructions of the file indent their continued lines; four blanks when none does. */
export function detectIndent(text: string): Pick<FormatOptions, "indentSize" | "useTabs"> {
  const dockerfile = parse(text);
  const { indentSize } = defaultFormat;
  const counts = new Map<number, number>();
  let tabs = 0;
  let spaces = 0;
  for (const instruction of dockerfile.instructions) {
    const indent = leftmost(instruction, dockerfile, indentSize);
    if (!indent) continue;
    if (indent.startsWith("\t")) {
      tabs += 1;
    } else {
      spaces += 1;
      counts.set(indent.length, (counts.get(indent.length) ?? 0) + 1);
    }
  }
  if (tabs > 0 && tabs >= spaces) return { indentSize, useTabs: true };
  const count = (size: number) => counts.get(size) ?? 0;
  return { indentSize: usual.reduce((best, size) => (count(size) > count(best) ? size : best)), useTabs: false };
}
