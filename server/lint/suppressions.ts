import { nearest } from "../../engine/analysis.ts";
import { type Message, msg } from "../../engine/base/message.ts";
import type { Range } from "../../engine/base/ranges.ts";
import type { Dockerfile } from "../../engine/dockerfile/model.ts";
import { shellCheckCode } from "./config.ts";
import type { Finding } from "./finding.ts";
import { replace } from "./fixes.ts";
import type { Severity } from "./rule.ts";
import { checkDirective, controlComments, type IgnoreComment, type IgnoredCode } from "./suppressions-read.ts";

/** What can be ignored: a rule, or a kind of problem of the parser. */
export interface Ignorable {
  readonly id: string;
  readonly sameAs: readonly string[];
}

/** Which findings a person has silenced by comments; it remembers which comments were of use. */
export interface Suppressions {
  /** `line`: where the finding starts. */
  silences(id: string, sameAs: readonly string[], line: number): boolean;
  /** Findings of `ignore/unused`; asked after everything was asked of `silences`. */
  unused(asking: UnusedAsking): readonly Finding[];
}

export interface UnusedAsking {
  /** A code of a rule that is off says nothing about the comment: it may be there for another tool. */
  isOn(id: string): boolean;
  /** Whether findings of ShellCheck were among those asked for. */
  readonly hasShellCheck: boolean;
  readonly severity: Severity;
}

export const unusedRule = "ignore/unused";

const none: Suppressions = { silences: () => false, unused: () => [] };

/** A code of a comment, and whether it has silenced something. */
interface Entry {
  readonly comment: IgnoreComment;
  readonly code: IgnoredCode;
  isUsed: boolean;
}

/** By name; `*` in front of a dialect stands for all that it knows. */
type Names = Map<string, Entry[]>;

export function suppressionsOf(dockerfile: Dockerfile, ignorable: readonly Ignorable[]): Suppressions {
  const comments = [...controlComments(dockerfile).ignores];
  const directive = checkDirective(dockerfile).ignore;
  if (directive) comments.unshift(directive);
  if (comments.length === 0) return none;

  const { instructions, stages } = dockerfile;
  const inFile: Names = new Map();
  const inStage = new Map<number, Names>();
  const onLine = new Map<number, Names>();
  const entries: Entry[] = [];
  for (const comment of comments) {
    const names = place(comment);
    for (const code of comment.codes) {
      const entry = { comment, code, isUsed: false };
      entries.push(entry);
      const name = nameOf(comment, code);
      names?.set(name, [...(names.get(name) ?? []), entry]);
    }
  }

  /** Undefined: it stands above nothing, and silences nothing. */
  function place(comment: IgnoreComment): Names | undefined {
    if (comment.scope === "file") return inFile;
    const below = instructions[firstFrom(instructions, comment.line)];
    const isInside = below !== undefined && below.range.start.line <= comment.line;
    const isAbove = below !== undefined && below.range.start.line === comment.blockEnd + 1;
    if (comment.scope === "stage") {
      const next = isAbove && below.keyword === "FROM" ? below.range.start.line : comment.line;
      const stage = firstFrom(stages, next);
      return (stages[stage]?.range.start.line ?? Number.POSITIVE_INFINITY) <= next ? at(inStage, stage) : undefined;
    }
    return isInside || isAbove ? at(onLine, comment.blockEnd + 1) : undefined;
  }

  /** The places whose comments hold for a line. */
  function placesOf(line: number): readonly Names[] {
    const { range } = instructions[firstFrom(instructions, line)] ?? {};
    const places = [range && onLine.get(range.start.line), inStage.get(firstFrom(stages, line)), inFile];
    if (range?.start.line !== line) places.push(onLine.get(line));
    return places.filter((names) => names !== undefined);
  }

  return {
    silences(id, sameAs, line) {
      const places = placesOf(line);
      const names = namesOf(id, sameAs);
      const found = places.flatMap((place) => names.flatMap((name) => place.get(name) ?? []));
      for (const entry of found) entry.isUsed = true;
      return found.length > 0;
    },
    unused: (asking) =>
      unusedFindings(entries, ignorable, asking).filter(
        ({ range }) => !placesOf(range.start.line).some((place) => place.has(unusedRule)),
      ),
  };
}

function at(places: Map<number, Names>, key: number): Names {
  const names = places.get(key) ?? new Map();
  places.set(key, names);
  return names;
}

/** The index of the first of them, in file order, that ends on `line` or later. */
function firstFrom(ranges: readonly { readonly range: Range }[], line: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle]?.range.end.line ?? 0) < line) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Under what a code is looked up. BuildKit's `all` and dockerfile-utils' comment mean what those tools report. */
function nameOf({ dialect }: IgnoreComment, { name }: IgnoredCode): string {
  if (dialect === "dockerfile-utils") return "*dockerfile-utils";
  return dialect === "buildkit" && name === "all" ? "*buildkit" : name;
}

/** All names under which a finding may be ignored: `hadolint:DL3025` also as `DL3025`. */
function namesOf(id: string, sameAs: readonly string[]): readonly string[] {
  return ["all", id, ...sameAs.flatMap((twin) => [twin, bare(twin), `*${twin.slice(0, twin.indexOf(":"))}`])];
}

function bare(twin: string): string {
  return twin.slice(twin.indexOf(":") + 1);
}

const knownNames = new WeakMap<readonly Ignorable[], ReadonlyMap<string, readonly string[]>>();

/** For each name that may be written the rules that it stands for. */
function idsByName(ignorable: readonly Ignorable[]): ReadonlyMap<string, readonly string[]> {
  const known = knownNames.get(ignorable);
  if (known) return known;
  const ids = new Map<string, string[]>();
  for (const { id, sameAs } of ignorable) {
    for (const name of new Set(namesOf(id, sameAs))) ids.set(name, [...(ids.get(name) ?? []), id]);
  }
  knownNames.set(ignorable, ids);
  return ids;
}

function unusedFindings(
  entries: readonly Entry[],
  ignorable: readonly Ignorable[],
  { isOn, hasShellCheck, severity }: UnusedAsking,
): readonly Finding[] {
  const ids = idsByName(ignorable);
  const idle = entries.filter((entry) => {
    if (entry.isUsed) return false;
    const name = nameOf(entry.comment, entry.code);
    if (name === unusedRule) return false;
    if (shellCheckCode(name) !== undefined) return hasShellCheck;
    return ids.get(name)?.some(isOn) ?? true;
  });
  const idleOf = new Map<IgnoreComment, number>();
  for (const { comment } of idle) idleOf.set(comment, (idleOf.get(comment) ?? 0) + 1);
  return idle.map(({ comment, code }): Finding => {
    const name = nameOf(comment, code);
    const isKnown = ids.has(name) || shellCheckCode(name) !== undefined;
    const meant = isKnown ? undefined : meantBy(code.name, ids);
    const all = idleOf.get(comment) === comment.codes.length;
    const remove = {
      title: all ? msg("Remove the comment") : msg("Remove {code} from the comment", { code: code.name }),
      edits: [{ range: all ? comment.whole : codeRange(comment, code), newText: "" }],
    };
    const rename =
      meant === undefined
        ? undefined
        : { title: msg("Write {code}", { code: meant }), edits: [replace(code.range, meant)] };
    return {
      rule: unusedRule,
      severity,
      message: isKnown ? unusedMessage(comment, code) : unknownMessage(code.name, meant),
      ...(!isKnown && comment.dialect === "hadolint" && { why: voidList(code.name) }),
      range: code.range,
      sameAs: [],
      tag: "unnecessary",
      fix: { ...(rename ?? remove), kind: "suggestion" },
      ...(rename && { alternatives: [remove] }),
    };
  });
}

function unusedMessage({ dialect }: IgnoreComment, { name }: IgnoredCode): Message {
  return dialect === "dockerfile-utils"
    ? msg("Nothing is ignored by this comment")
    : msg("{code} is not reported here: there is nothing to ignore", { code: name });
}

function unknownMessage(code: string, meant: string | undefined): Message {
  return meant === undefined
    ? msg("There is no rule {code}", { code })
    : msg("There is no rule {code}. Did you mean {meant}?", { code, meant });
}

function meantBy(code: string, ids: ReadonlyMap<string, readonly string[]>): string | undefined {
  const lower = code.toLowerCase();
  const names = [...ids.keys()].filter((name) => !name.startsWith("*"));
  // Between numbers there is no "nearly the same".
  const near = () => nearest(code, /\d{2}/.test(code) ? [] : names.filter((name) => !/[\d:]/.test(name)));
  return names.find((name) => name.toLowerCase() === lower) ?? near();
}

/** hadolint reads a list only as far as its own kind of names goes. */
function voidList(code: string): Message {
  return /^[DLSC0-9]+$/.test(code)
    ? msg("It may be a rule that hadolint once had.")
    : msg("hadolint ignores the whole list when one name in it is none of its own.");
}

/** The code with the comma that belongs to it. */
function codeRange({ codes }: IgnoreComment, code: IgnoredCode): Range {
  const index = codes.indexOf(code);
  const before = codes[index - 1];
  const after = codes[index + 1];
  if (before) return { start: before.range.end, end: code.range.end };
  return { start: code.range.start, end: after?.range.start ?? code.range.end };
}

/** The shell that `# hadolint shell=` names for the instruction on `line`, if any. */
export function shellComment(dockerfile: Dockerfile, line: number): string | undefined {
  const { shells } = controlComments(dockerfile);
  if (shells.length === 0) return undefined;
  const stage = dockerfile.stages[firstFrom(dockerfile.stages, line)];
  const from = stage?.range.start.line ?? 0;
  const inStage = shells.findLast((one) => one.line < line && one.line >= from)?.shell;
  const first = dockerfile.instructions[0]?.range.start.line ?? 0;
  return inStage ?? shells.findLast((one) => one.line < first)?.shell;
}
