import type { Dockerfile, Instruction } from "../engine/analysis.ts";
import { type Message, msg } from "../engine/base/message.ts";
import type { Range } from "../engine/base/ranges.ts";
import type { Analysis } from "./analysis.ts";
import { baseValidate } from "./base-language.ts";
import { rules } from "./rules/rules.ts";

/** A finding of dockerfile-language-service where our parser is silent, in our words. `code` is the library's. */
export interface BaseFinding {
  readonly code: number;
  readonly message: Message;
  /** What its quick fix is called, where the library has one. */
  readonly fixTitle?: Message;
  readonly range: Range;
  readonly severity: "warning" | "hint";
  readonly isDeprecated: boolean;
}

interface Known {
  readonly message: Message;
  readonly fixTitle?: Message;
  readonly severity: "warning" | "hint";
}

/** dockerfile-utils' ValidationCode; the other codes are ours already or wrong too often. */
const known: ReadonlyMap<number, Known> = new Map<number, Known>([
  [
    0,
    {
      message: msg("Instructions are usually written in upper case"),
      fixTitle: msg("Write it in upper case"),
      severity: "hint",
    },
  ],
  [
    11,
    {
      message: msg("An empty line inside a continued instruction: the builder skips it, and warns"),
      fixTitle: msg("Remove the empty line"),
      severity: "warning",
    },
  ],
  [
    24,
    {
      message: msg("This is not a port that EXPOSE takes: write a number, or a range like 8000-8010"),
      severity: "warning",
    },
  ],
  [25, { message: msg("The protocol of a port is tcp, udp or sctp"), severity: "warning" }],
  [27, { message: msg("This is not a signal: write a name like SIGTERM or a number"), severity: "warning" }],
  [45, { message: msg("MAINTAINER is deprecated: use LABEL org.opencontainers.image.authors="), severity: "warning" }],
]);

/** Codes that one of our rules says in better words. */
const ours = new Set(rules.flatMap(({ sameAs }) => sameAs));

/** Only these are worth a call, which costs far more than our own parse. */
function isCandidate({ keyword, keywordWord, range }: Instruction, text: () => string): boolean {
  if (/^(?:EXPOSE|STOPSIGNAL|MAINTAINER)$/.test(keyword) || keywordWord.text !== keyword) return true;
  return range.end.line > range.start.line && /\n[ \t\r]*\n/.test(text());
}

const longest = 100;

/** By content: what the library says of one instruction alone depends on its text only. Lines count from its first. */
const byContent = new WeakMap<object, readonly BaseFinding[]>();
/** At its place, so that findings stay the same objects while nothing moves. */
const byInstruction = new WeakMap<Instruction, readonly BaseFinding[]>();

const nothing: readonly BaseFinding[] = [];

export function baseFindings({ dockerfile }: Analysis): readonly BaseFinding[] {
  let wrong: Set<number> | undefined;
  return dockerfile.instructions.flatMap((instruction) => {
    const found = ofInstruction(dockerfile, instruction);
    if (found.length === 0) return found;
    wrong ??= new Set(dockerfile.problems.map(({ range }) => range.start.line));
    return wrong.has(instruction.range.start.line) ? nothing : found;
  });
}

function ofInstruction(dockerfile: Dockerfile, instruction: Instruction): readonly BaseFinding[] {
  const placed = byInstruction.get(instruction);
  if (placed) return placed;
  const { content } = instruction;
  const alone = byContent.get(content) ?? validateAlone(dockerfile, instruction);
  byContent.set(content, alone);
  const { line } = instruction.range.start;
  const found =
    alone.length === 0 ? nothing : alone.map((finding) => ({ ...finding, range: moved(finding.range, line) }));
  byInstruction.set(instruction, found);
  return found;
}

function validateAlone(
  { lines, escape: escapeCharacter }: Dockerfile,
  instruction: Instruction,
): readonly BaseFinding[] {
  const { start, end } = instruction.range;
  const text = () => lines.text.slice(lines.startOf(start.line), lines.offsetAt(end));
  if (instruction.heredocs.length > 0 || end.line - start.line > longest || !isCandidate(instruction, text))
    return nothing;
  const head = escapeCharacter === "`" ? "# escape=`\n" : "";
  return baseValidate(head + text()).flatMap(({ code, range }) => {
    const entry = ours.has(`dockerfile-utils:${code}`) ? undefined : known.get(code);
    return entry ? [{ ...entry, code, range: moved(range, head ? -1 : 0), isDeprecated: code === 45 }] : [];
  });
}

function moved({ start, end }: Range, by: number): Range {
  return {
    start: { line: start.line + by, character: start.character },
    end: { line: end.line + by, character: end.character },
  };
}
