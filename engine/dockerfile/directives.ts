import * as problem from "./errors.ts";
import type { LineIndex } from "./line-index.ts";
import type { Directive, Problem } from "./model.ts";

const form = /^(\s*#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*)(.+?)\s*$/;
const names = new Set(["syntax", "escape", "check"]);

export interface DirectiveZone {
  readonly directives: readonly Directive[];
  readonly escape: "\\" | "`";
  readonly problems: readonly Problem[];
  /** The first line below the directives. */
  readonly end: number;
}

/** The parser directives: they stand at the very top, and the first line that is anything else ends them. */
export function readDirectives(lines: LineIndex): DirectiveZone {
  const directives: Directive[] = [];
  const problems: Problem[] = [];
  let escapeChar: "\\" | "`" = "\\";
  let line = 0;
  for (; line < lines.count; line++) {
    const written = lines.at(line);
    // A byte order mark keeps its column.
    const indent = line === 0 && written.startsWith("\uFEFF") ? 1 : 0;
    const text = written.slice(indent);
    const match = form.exec(text);
    const name = match?.[2]?.toLowerCase() ?? "";
    if (match === null || !names.has(name)) break;
    const value = match[3] ?? "";
    const valueAt = indent + (match[1]?.length ?? 0);
    const valueRange = { start: { line, character: valueAt }, end: { line, character: valueAt + value.length } };
    const range = { start: { line, character: indent + text.indexOf("#") }, end: valueRange.end };
    if (directives.some((other) => other.name === name)) problems.push(problem.duplicateDirective(range, name));
    else if (name === "escape") {
      if (value === "\\" || value === "`") escapeChar = value;
      else problems.push(problem.badEscapeDirective(valueRange, value));
    }
    directives.push({ name, value, range, valueRange });
  }
  return { directives, escape: escapeChar, problems, end: line };
}
