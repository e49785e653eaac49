import { badIgnorePattern, loneExclamation } from "./errors.ts";
import { compileGlob } from "./match.ts";

/**
 * .dockerignore as the reference reads and matches it, over strings only. The patterns are ordered and the last that
 * matches wins; `!` takes back; a path matches when it or a folder above it does; everything is anchored at the root.
 */
export interface Ignore {
  /** Whether any `!` pattern exists. */
  readonly hasExceptions: boolean;
  /** `path` is relative to the context root, `/`-separated. */
  ignores(path: string): boolean;
  /**
   * For a walk from the top: the state of a path from that of its folder (undefined at the root).
   * `ignores(path)` is the same as stepping down to it.
   */
  step(path: string, folder: IgnoreState | undefined): IgnoreState;
  /** False when nothing below this ignored folder can be taken back, so that it need not be walked. */
  mayReinclude(folder: string): boolean;
}

export interface IgnoreState {
  readonly ignored: boolean;
  /** By pattern: whether it matched this path or a folder above it. */
  readonly matched: readonly boolean[];
}

interface Pattern {
  readonly exception: boolean;
  /** What every match begins with; `` when nothing is known. */
  readonly prefix: string;
  matches(path: string): boolean;
}

/** The patterns of a .dockerignore file, cleaned, `!` in front of exceptions. */
export function readIgnoreFile(text: string): string[] {
  return text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => (line.startsWith("!") ? `!${cleanLine(line.slice(1).trim())}` : cleanLine(line)));
}

/** @throws EngineError `invalid-argument` for a malformed pattern. `file` is named in the message. */
export function compileIgnore(patterns: readonly string[], file = ".dockerignore"): Ignore {
  const compiled = patterns.map((pattern) => compilePattern(pattern, file)).filter((pattern) => pattern !== undefined);
  const exceptions = compiled.filter((pattern) => pattern.exception);

  const step = (path: string, folder: IgnoreState | undefined): IgnoreState => {
    let ignored = false;
    const matched = compiled.map((pattern, index) => {
      // A pattern that could not change the outcome is not asked, and counts as not matched for everything below: so
      // does the reference, and one can see it (`d`, `!d/f`, `d` keeps d/f).
      const match = folder?.matched[index] || (pattern.exception === ignored && pattern.matches(path));
      if (match) ignored = !pattern.exception;
      return match;
    });
    return { ignored, matched };
  };

  return {
    hasExceptions: exceptions.length > 0,
    step,
    ignores(path) {
      let state: IgnoreState | undefined;
      for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1))
        state = step(path.slice(0, end), state);
      return step(path, state).ignored;
    },
    mayReinclude(folder) {
      const below = `${folder}/`;
      return exceptions.some(({ prefix }) => prefix.startsWith(below) || below.startsWith(prefix));
    },
  };
}

/** Go's filepath.Clean. */
export function cleanPath(path: string): string {
  const rooted = path.startsWith("/");
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (!rooted) parts.push("..");
  }
  return `${rooted ? "/" : ""}${parts.join("/")}` || ".";
}

function cleanLine(line: string): string {
  if (line === "") return line;
  const clean = cleanPath(line);
  return clean.length > 1 && clean.startsWith("/") ? clean.slice(1) : clean;
}

function compilePattern(raw: string, file: string): Pattern | undefined {
  const trimmed = raw.trim();
  if (trimmed === "") return undefined;
  let text = cleanPath(trimmed);
  const exception = text.startsWith("!");
  if (exception) text = text.slice(1);
  if (text === "") throw loneExclamation(file);
  if (!compileGlob(text)) throw badIgnorePattern(raw, file);
  return { exception, prefix: literalPrefix(text), matches: matcherOf(text, raw, file) };
}

/**
 * `**` alone or at an end is a plain prefix or suffix test, other metacharacters make a regular expression. That `|`,
 * `{` and `}` then keep their meaning in regular expressions is a slip of the reference (its table of characters to
 * escape ends before them) which is part of what a .dockerignore means.
 */
function matcherOf(text: string, raw: string, file: string): (path: string) => boolean {
  const chars = [...text];
  let kind: "exact" | "prefix" | "suffix" | "regexp" = "exact";
  let source = "^";
  for (let index = 0; index < chars.length; index += 1) {
    const char = chars[index] ?? "";
    if (char === "*" && chars[index + 1] === "*") {
      const first = index === 0;
      index += chars[index + 2] === "/" ? 2 : 1;
      if (index + 1 < chars.length) {
        source += "(?:.*/)?";
        kind = "regexp";
      } else if (kind === "exact") {
        kind = "prefix";
      } else {
        source += ".*";
        kind = "regexp";
      }
      if (first) kind = "suffix";
    } else if (char === "*" || char === "?") {
      source += char === "*" ? "[^/]*" : "[^/]";
      kind = "regexp";
    } else if (char === "\\") {
      index += 1;
      source += escapeForRegExp(chars[index] ?? "\\");
      kind = "regexp";
    } else if (char === "[") {
      const end = classEnd(chars, index);
      source += classSource(chars.slice(index + 1, end));
      index = end;
      kind = "regexp";
    } else if (char === "]") {
      source += "\\]";
      kind = "regexp";
    } else {
      source += "|{}".includes(char) ? char : escapeForRegExp(char);
    }
  }

  if (kind === "exact") return (path) => path === text;
  if (kind === "prefix") return (path) => path.startsWith(text.slice(0, -2));
  if (kind === "suffix") {
    const suffix = text.slice(2);
    return (path) => path.endsWith(suffix) || (suffix.startsWith("/") && path === suffix.slice(1));
  }
  const expression = tryRegExp(`${source}$`) ?? tryRegExp(`${source.replace(/(?<!\\)[{}]/g, "\\$&")}$`);
  if (!expression) throw badIgnorePattern(raw, file);
  return (path) => expression.test(path);
}

function classEnd(chars: readonly string[], start: number): number {
  let index = start + 1;
  if (chars[index] === "^") index += 1;
  for (let first = true; index < chars.length && (first || chars[index] !== "]"); index += 1, first = false) {
    if (chars[index] === "\\") index += 1;
  }
  return index;
}

function classSource(inside: readonly string[]): string {
  const negated = inside[0] === "^";
  let source = "";
  for (let index = negated ? 1 : 0; index < inside.length; index += 1) {
    const char = inside[index] ?? "";
    if (char === "\\") {
      index += 1;
      source += inside[index] === "-" ? "\\-" : escapeForRegExp(inside[index] ?? "");
    } else {
      source += escapeForRegExp(char);
    }
  }
  return `[${negated ? "^" : ""}${source}]`;
}

function escapeForRegExp(char: string): string {
  return /[\\^$.*+?()[\]{}|]/.test(char) ? `\\${char}` : char;
}

function tryRegExp(source: string): RegExp | undefined {
  try {
    return new RegExp(source, "su");
  } catch {
    return undefined;
  }
}

function literalPrefix(text: string): string {
  if (/[|{}]/.test(text)) return "";
  const end = text.search(/[*?[\]\\]/);
  return end < 0 ? text : text.slice(0, end);
}
