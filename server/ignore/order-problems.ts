import { msg } from "../../engine/base/message.ts";
import { deleteLine } from "./line-problems.ts";
import { type IgnoreLine, patternText } from "./lines.ts";
import type { IgnoreMatcher } from "./matcher.ts";
import type { IgnoreProblem } from "./problem.ts";

/** What the order of the lines makes of them; the last one that matches wins. */
export function orderProblems({ lines }: Pick<IgnoreMatcher, "lines">): readonly IgnoreProblem[] {
  const problems: IgnoreProblem[] = [];
  /** Of the same pattern, with or without `!`. */
  const last = new Map<string, IgnoreLine>();
  let ignoresSomething = false;
  let exceptions = 0;
  const exceptionsAt = new Map<IgnoreLine, number>();
  for (const line of lines) {
    const before = last.get(line.pattern);
    if (line.isException && !ignoresSomething) problems.push(nothingToTakeBack(line));
    else if (before && before.isException === line.isException && exceptionsAt.get(before) === exceptions)
      problems.push(repeated(line, before));
    else if (before && before.isException !== line.isException) problems.push(undone(before, line));
    last.set(line.pattern, line);
    if (line.isException) exceptions += 1;
    else ignoresSomething = true;
    exceptionsAt.set(line, exceptions - (line.isException ? 1 : 0));
  }
  return problems;
}

function nothingToTakeBack({ range }: IgnoreLine): IgnoreProblem {
  return {
    code: "dockerignore/exception-first",
    severity: "warning",
    message: msg(
      "This takes nothing back: no line above it ignores anything. Of the lines that match, the last one counts.",
    ),
    range,
  };
}

function repeated(line: IgnoreLine, before: IgnoreLine): IgnoreProblem {
  return {
    code: "dockerignore/repeated",
    severity: "hint",
    message: msg("Line {line} says the same.", { line: before.line + 1 }),
    range: line.range,
    isUnnecessary: true,
    fix: deleteLine(line.range),
  };
}

function undone(before: IgnoreLine, line: IgnoreLine): IgnoreProblem {
  return {
    code: "dockerignore/undone",
    severity: "warning",
    message: msg('Line {line} ("{pattern}") undoes this: of the lines that match, the last one counts.', {
      line: line.line + 1,
      pattern: patternText(line),
    }),
    range: before.range,
    isUnnecessary: true,
    fix: deleteLine(before.range),
  };
}
