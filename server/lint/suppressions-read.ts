import type { Range } from "../../engine/base/ranges.ts";
import type { Comment, Directive, Dockerfile } from "../../engine/dockerfile/model.ts";

/** Whose way of writing an ignore comment it is. */
export type IgnoreDialect = "drydock" | "hadolint" | "buildkit" | "dockerfile-utils";

/** One comment, or one `check=skip=` directive, that silences findings. */
export interface IgnoreComment {
  readonly dialect: IgnoreDialect;
  /** `here`: the instruction below it, or inside an instruction the line below it. */
  readonly scope: "here" | "stage" | "file";
  readonly codes: readonly IgnoredCode[];
  readonly line: number;
  /** The last line of the comments that follow each other without a gap. */
  readonly blockEnd: number;
  /** What has to go when all its codes go: its line, or its part of a directive. */
  readonly whole: Range;
}

export interface IgnoredCode {
  readonly name: string;
  readonly range: Range;
}

/** `# hadolint shell=…`: what runs the scripts below it; before everything else in the file: of all stages. */
export interface ShellComment {
  readonly shell: string;
  readonly line: number;
}

export interface ControlComments {
  readonly ignores: readonly IgnoreComment[];
  readonly shells: readonly ShellComment[];
}

const candidate = /^#[ \t]*(?:drydock|hadolint|check|dockerfile-utils)\b/i;
const list = /^(#[ \t]*(drydock|hadolint)[ \t]+(?:(global|file|stage)[ \t]+)?ignore[ \t]*=[ \t]*)/i;
const shell = /^#[ \t]*(?:drydock|hadolint)[ \t]+shell[ \t]*=[ \t]*([^\s#]+)/i;
const check = /^(#[ \t]*check[ \t]*=[ \t]*)(\S+)/i;
const nextLine = /^#[ \t]*dockerfile-utils[ \t]*:[ \t]*ignore(?![\w-])/i;

const known = new WeakMap<readonly Comment[], ControlComments>();

/** What the comments say, worked out once for a list of comments. Directives are read by `directiveIgnores`. */
export function controlComments({ comments }: Pick<Dockerfile, "comments">): ControlComments {
  const kept = known.get(comments) ?? readComments(comments);
  known.set(comments, kept);
  return kept;
}

function readComments(comments: readonly Comment[]): ControlComments {
  const ignores: IgnoreComment[] = [];
  const shells: ShellComment[] = [];
  let below = Number.NaN;
  let blockEnd = Number.NaN;
  // From the last to the first, so that the end of a block is known when its comments are read.
  for (let index = comments.length - 1; index >= 0; index -= 1) {
    const { text, range } = comments[index] as Comment;
    const { line } = range.start;
    if (line + 1 !== below) blockEnd = line;
    below = line;
    if (!candidate.test(text)) continue;
    const ignore = readIgnore(text, range, blockEnd);
    if (ignore) ignores.push(ignore);
    const named = shell.exec(text)?.[1];
    if (named) shells.push({ shell: named, line });
  }
  return { ignores: ignores.reverse(), shells: shells.reverse() };
}

function readIgnore(text: string, range: Range, blockEnd: number): IgnoreComment | undefined {
  const { line, character } = range.start;
  const whole = { start: { line, character: 0 }, end: { line: line + 1, character: 0 } };
  const place = { line, blockEnd, whole };
  const listed = list.exec(text);
  if (listed?.[1]) {
    const dialect = listed[2]?.toLowerCase() === "hadolint" ? "hadolint" : "drydock";
    const scope = listed[3] === undefined ? "here" : listed[3].toLowerCase() === "stage" ? "stage" : "file";
    return { dialect, scope, codes: readList(text, listed[1].length, { line, character }), ...place };
  }
  const checked = check.exec(text);
  if (checked?.[1] && checked[2]) {
    const options = readOptions(checked[2], { line, character: character + checked[1].length });
    const codes = options.filter(({ name }) => name === "skip").flatMap((option) => option.values);
    return { dialect: "buildkit", scope: "here", codes, ...place };
  }
  const next = nextLine.exec(text)?.[0];
  if (!next) return undefined;
  const end = character + next.length;
  const word = { start: { line, character: end - "ignore".length }, end: { line, character: end } };
  return { dialect: "dockerfile-utils", scope: "here", codes: [{ name: "dockerfile-utils", range: word }], ...place };
}

/** `a,b , c reason`: names go on as long as commas do. */
function readList(text: string, from: number, start: Range["start"]): readonly IgnoredCode[] {
  const item = /([^\s,#]+)[ \t]*(,?)[ \t]*/y;
  item.lastIndex = from;
  const codes: IgnoredCode[] = [];
  for (;;) {
    const at = start.character + item.lastIndex;
    const [, name, comma] = item.exec(text) ?? [];
    if (!name) return codes;
    codes.push({ name, range: span(start.line, at, at + name.length) });
    if (!comma) return codes;
  }
}

interface CheckOption {
  readonly name: string;
  readonly values: readonly IgnoredCode[];
  readonly range: Range;
}

/** `skip=A,B;error=true`, as BuildKit reads it. */
function readOptions(text: string, start: Range["start"]): readonly CheckOption[] {
  const options: CheckOption[] = [];
  let at = 0;
  for (const part of text.split(";")) {
    const equals = part.indexOf("=");
    const values: IgnoredCode[] = [];
    for (const { 0: name, index } of part.slice(equals + 1).matchAll(/[^\s,]+/g)) {
      const from = start.character + at + equals + 1 + index;
      values.push({ name, range: span(start.line, from, from + name.length) });
    }
    const range = span(start.line, start.character + at, start.character + at + part.length);
    if (equals > 0) options.push({ name: part.slice(0, equals).trim().toLowerCase(), values, range });
    at += part.length + 1;
  }
  return options;
}

export interface CheckDirective {
  readonly ignore?: IgnoreComment;
  /** `error=true`: a build fails when a check reports. */
  readonly isError: boolean;
  /** Checks that BuildKit has off by default and that are asked for. */
  readonly experimental: readonly string[];
}

/** `# check=…` among the parser directives. */
export function checkDirective({ directives }: Pick<Dockerfile, "directives">): CheckDirective {
  const directive = directives.find(({ name }) => name === "check");
  if (!directive) return { isError: false, experimental: [] };
  const options = readOptions(directive.value, directive.valueRange.start);
  const values = (name: string) => options.find((option) => option.name === name)?.values ?? [];
  const skip = options.find(({ name }) => name === "skip");
  return {
    isError: values("error")[0]?.name.toLowerCase() === "true",
    experimental: values("experimental").map(({ name }) => name),
    ...(skip && { ignore: directiveIgnore(directive, options, skip) }),
  };
}

function directiveIgnore(directive: Directive, options: readonly CheckOption[], skip: CheckOption): IgnoreComment {
  const { line } = directive.range.start;
  const at = options.indexOf(skip);
  const [before, after] = [options[at - 1], options[at + 1]];
  const whole =
    before || after
      ? { start: before?.range.end ?? skip.range.start, end: before ? skip.range.end : (after ?? skip).range.start }
      : { start: { line, character: 0 }, end: { line: line + 1, character: 0 } };
  return { dialect: "buildkit", scope: "file", codes: skip.values, line, blockEnd: line, whole };
}

function span(line: number, from: number, to: number): Range {
  return { start: { line, character: from }, end: { line, character: to } };
}
