import type { Instruction } from "../engine/analysis.ts";
import { type Message, msg } from "../engine/base/message.ts";
import type { Range } from "../engine/base/ranges.ts";
import type { Analysis } from "./analysis.ts";
import { baseValidate } from "./base-language.ts";

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

/** Only these are worth a call, which costs far more than our own parse. */
function isCandidate(analysis: Analysis, { keyword, keywordWord, range }: Instruction): boolean {
  if (/^(?:EXPOSE|STOPSIGNAL|MAINTAINER)$/.test(keyword) || keywordWord.text !== keyword) return true;
  return range.end.line > range.start.line && /\n[ \t\r]*\n/.test(analysis.textOf(range));
}

const cache = new Map<string, ReturnType<typeof baseValidate>>();
const cacheSize = 500;

/** What the library says of one instruction alone depends on its text only. */
function validateAlone(text: string): ReturnType<typeof baseValidate> {
  const found = cache.get(text) ?? baseValidate(text);
  if (cache.size >= cacheSize) cache.clear();
  cache.set(text, found);
  return found;
}

export function baseFindings(analysis: Analysis): readonly BaseFinding[] {
  const { dockerfile } = analysis;
  const wrong = new Set(dockerfile.problems.map(({ range }) => range.start.line));
  const head = dockerfile.escape === "`" ? "# escape=`\n" : "";
  return dockerfile.instructions.flatMap((instruction) => {
    const { start, end } = instruction.range;
    if (wrong.has(start.line) || instruction.heredocs.length > 0 || !isCandidate(analysis, instruction)) return [];
    if (end.line - start.line > 100) return [];
    const text = analysis.textOf({ start: { line: start.line, character: 0 }, end });
    const down = start.line - (head ? 1 : 0);
    return validateAlone(head + text).flatMap(({ code, range }) => {
      const entry = known.get(code);
      if (!entry) return [];
      const shifted = {
        start: { line: range.start.line + down, character: range.start.character },
        end: { line: range.end.line + down, character: range.end.character },
      };
      return [{ ...entry, code, range: shifted, isDeprecated: code === 45 }];
    });
  });
}
