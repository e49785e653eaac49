import * as problem from "./errors.ts";
import type { Directive, Problem } from "./model.ts";

const form = /^(\s*#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*)(.+?)\s*$/;
const names = new Set(["syntax", "escape", "check"]);

/** The parser directives: they stand at the very top, and the first line that is anything else ends them. */
export class DirectiveZone {
  readonly directives: Directive[] = [];
  escape: "\\" | "`" = "\\";
  private open = true;
  private readonly problems: Problem[];

  constructor(problems: Problem[]) {
    this.problems = problems;
  }

  /** True when the line is a directive. `indent` counts what was dropped before `text`. */
  take(text: string, line: number, indent: number): boolean {
    if (!this.open) return false;
    const match = form.exec(text);
    const name = match?.[2]?.toLowerCase() ?? "";
    if (match === null || !names.has(name)) {
      this.open = false;
      return false;
    }
    const value = match[3] ?? "";
    const valueAt = indent + (match[1]?.length ?? 0);
    const valueRange = { start: { line, character: valueAt }, end: { line, character: valueAt + value.length } };
    const hash = indent + text.indexOf("#");
    const range = { start: { line, character: hash }, end: valueRange.end };
    if (this.directives.some((other) => other.name === name))
      this.problems.push(problem.duplicateDirective(range, name));
    else if (name === "escape") {
      if (value === "\\" || value === "`") this.escape = value;
      else this.problems.push(problem.badEscapeDirective(valueRange, value));
    }
    this.directives.push({ name, value, range, valueRange });
    return true;
  }
}
