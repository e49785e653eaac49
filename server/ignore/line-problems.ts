import { msg } from "../../engine/base/message.ts";
import { hasMetacharacters, type IgnoreLine } from "./lines.ts";
import type { IgnoreMatcher } from "./matcher.ts";
import type { IgnoreFix, IgnoreProblem } from "./problem.ts";

/** What a single line shows by itself: patterns that builders refuse, or read otherwise than .gitignore. */
export function lineProblems({ lines, bad }: Pick<IgnoreMatcher, "lines" | "bad">): readonly IgnoreProblem[] {
  return [...bad.map(badPattern), ...lines.flatMap((line) => trapIn(line) ?? [])];
}

function badPattern(line: IgnoreLine): IgnoreProblem {
  const message =
    line.pattern === ""
      ? msg("There is no pattern behind the exclamation mark: no image can be built with this file.")
      : msg(
          "This is no pattern, and no image can be built with this file: a [ needs its ], a backslash a character after it.",
        );
  return { code: "dockerignore/bad-pattern", severity: "error", message, range: line.range };
}

/** At most one a line: the first thing to put right. */
function trapIn(line: IgnoreLine): IgnoreProblem | undefined {
  return (
    indentedComment(line) ??
    trailingComment(line) ??
    outside(line) ??
    everything(line) ??
    negatedClass(line) ??
    braces(line) ??
    alternation(line) ??
    suffix(line)
  );
}

function indentedComment({ written, isException, range }: IgnoreLine): IgnoreProblem | undefined {
  if (isException || !written.startsWith("#")) return undefined;
  const { line } = range.start;
  const indent = { start: { line, character: 0 }, end: range.start };
  return {
    code: "dockerignore/indented-comment",
    severity: "warning",
    message: msg(
      "A comment begins in the first column. With a blank before it, this is a pattern that matches nothing.",
    ),
    range,
    fix: { title: msg("Remove the blanks before the comment"), range: indent, newText: "" },
  };
}

function trailingComment(line: IgnoreLine): IgnoreProblem | undefined {
  const found = /^(\S+)\s+(#.*)$/.exec(line.written);
  if (!found) return undefined;
  const [, pattern = "", comment = ""] = found;
  return {
    code: "dockerignore/trailing-comment",
    severity: "warning",
    message: msg("A comment needs a line of its own. Here it is part of the pattern, which matches nothing."),
    range: line.range,
    fix: {
      title: msg("Move the comment to its own line above"),
      range: line.range,
      newText: `${comment}\n${line.isException ? "!" : ""}${pattern}`,
    },
  };
}

function outside({ pattern, range }: IgnoreLine): IgnoreProblem | undefined {
  if (pattern !== ".." && !pattern.startsWith("../")) return undefined;
  return {
    code: "dockerignore/outside",
    severity: "warning",
    message: msg("This lies outside the build context, where nothing is sent from: the pattern matches nothing."),
    range,
    isUnnecessary: true,
    fix: deleteLine(range),
  };
}

function everything(line: IgnoreLine): IgnoreProblem | undefined {
  if (line.isException || (line.pattern !== "." && line.pattern !== "/")) return undefined;
  return {
    code: "dockerignore/root",
    severity: "warning",
    message: msg('"{pattern}" ignores nothing. To ignore everything and take single things back, write *.', {
      pattern: line.written,
    }),
    range: line.range,
    fix: replace(line, "*"),
  };
}

function negatedClass(line: IgnoreLine): IgnoreProblem | undefined {
  if (!/(?<!\\)\[!./.test(line.pattern)) return undefined;
  return {
    code: "dockerignore/negated-class",
    severity: "warning",
    message: msg("[!a] means an exclamation mark or an a here. Not an a is [^a]."),
    range: line.range,
    fix: replace(line, line.written.replace(/(?<!\\)\[!/g, "[^")),
  };
}

function braces(line: IgnoreLine): IgnoreProblem | undefined {
  const found = /^([^{}]*)\{([^{}]*,[^{}]*)\}([^{}]*)$/.exec(line.written);
  if (!found) return undefined;
  const [, before = "", choices = "", behind = ""] = found;
  const sign = line.isException ? "!" : "";
  const newText = choices
    .split(",")
    .map((choice) => `${sign}${before}${choice.trim()}${behind}`)
    .join("\n");
  return {
    code: "dockerignore/braces",
    severity: "warning",
    message: msg("There is no choice in braces here: they stand for themselves. Write a line for each choice."),
    range: line.range,
    fix: { title: msg("Write a line for each choice"), range: line.range, newText },
  };
}

/** A slip of the builders that is part of what such files mean: the bar, unlike all other characters, keeps its meaning. */
function alternation(line: IgnoreLine): IgnoreProblem | undefined {
  const { pattern, range } = line;
  if (!pattern.includes("|") || !hasMetacharacters(pattern)) return undefined;
  const [first = ""] = pattern.split("|");
  return {
    code: "dockerignore/alternation",
    severity: "warning",
    message: msg(
      'Beside a wildcard, | splits the pattern in two: this also matches every path that begins with "{first}".',
      {
        first,
      },
    ),
    range,
    fix: replace(line, line.written.replaceAll("|", "\\|")),
  };
}

function suffix(line: IgnoreLine): IgnoreProblem | undefined {
  const name = /^\*\*([^?/[\]*\\]+)$/.exec(line.pattern)?.[1];
  // A dot or a dash in front is how one writes the end of a name.
  if (name === undefined || /^[.\-_~]/.test(name)) return undefined;
  return {
    code: "dockerignore/suffix",
    severity: "info",
    message: msg('Without a slash after ** this matches every path that ends in "{name}", also "other{name}".', {
      name,
    }),
    range: line.range,
    fix: replace(line, `**/${name}`),
  };
}

export function replace({ patternRange }: IgnoreLine, newText: string): IgnoreFix {
  return { title: msg("Replace with {text}", { text: newText }), range: patternRange, newText };
}

export function deleteLine({ start }: IgnoreLine["range"]): IgnoreFix {
  const range = { start: { line: start.line, character: 0 }, end: { line: start.line + 1, character: 0 } };
  return { title: msg("Delete the line"), range, newText: "" };
}
