import { compileIgnore, type Ignore, type IgnoreState } from "../../engine/context/ignore.ts";
import { type IgnoreLine, patternText } from "./lines.ts";

/** The patterns of one text, the bad ones left out, and which of them decides about a path. */
export interface IgnoreMatcher {
  readonly lines: readonly IgnoreLine[];
  /** Lines that no builder takes. */
  readonly bad: readonly IgnoreLine[];
  readonly ignore: Ignore;
  /** Each pattern by itself, as if it stood alone and without `!`. */
  readonly single: readonly Ignore[];
}

export interface Decision {
  readonly ignored: boolean;
  /** Undefined when no pattern says anything about the path. */
  readonly line?: IgnoreLine;
  /** The path itself, or the folder above it that the pattern matches. */
  readonly through?: string;
}

export function ignoreMatcher(lines: readonly IgnoreLine[]): IgnoreMatcher {
  const good: IgnoreLine[] = [];
  const single: Ignore[] = [];
  const bad: IgnoreLine[] = [];
  for (const line of lines) {
    try {
      compileIgnore([patternText(line)]);
      single.push(compileIgnore([line.pattern.replace(/^!/, "\\!")]));
      good.push(line);
    } catch {
      bad.push(line);
    }
  }
  return { lines: good, bad, single, ignore: compileIgnore(good.map(patternText)) };
}

/** Which line decides whether a path of the context, `/`-separated, is part of it. */
export function decide({ ignore, lines }: IgnoreMatcher, path: string): Decision {
  const states: IgnoreState[] = [];
  const folders = path.split("/").map((_, at, parts) => parts.slice(0, at + 1).join("/"));
  for (const folder of folders) states.push(ignore.step(folder, states.at(-1)));
  const last = states.at(-1);
  const rule = decidingRule(last);
  const line = rule === undefined ? undefined : lines[rule];
  if (!last || rule === undefined || !line) return { ignored: false };
  const through = folders[states.findIndex(({ matched }) => matched[rule])] ?? path;
  return { ignored: last.ignored, line, through };
}

/** Of the patterns that could change the outcome the last one that matched: it alone decides. */
export function decidingRule(state: IgnoreState | undefined): number | undefined {
  const rule = state?.matched.lastIndexOf(true) ?? -1;
  return rule < 0 ? undefined : rule;
}
