import type { Span } from "./core.ts";

export interface Unquoted {
  readonly text: string;
  /** False when it holds an expansion, a substitution or a glob. */
  readonly constant: boolean;
  readonly quoted: boolean;
  /** Where each character of `text` stands, when that is not simply `start` and on. */
  readonly places?: readonly number[];
}

/** Characters that make reading a word worth while; all other words are what they look like. */
const special = /[\\'"$`*?[{~]/;

/**
 * Takes quotes and escapes of a POSIX word away. `holes` are its expansions and substitutions, in order: they stay as written.
 * With `placed`, it also says where each character comes from.
 */
export function unquote(source: string, { start, end }: Span, holes: readonly Span[] = [], placed = false): Unquoted {
  const raw = source.slice(start, end);
  if (holes.length === 0 && !special.test(raw)) return { text: raw, constant: true, quoted: false };
  const places: number[] = [];
  let text = "";
  let quote = "";
  let quoted = false;
  let constant = holes.length === 0;
  let hole = 0;
  const has = (other: string) => raw.includes(other);
  const take = (from: number, to: number) => {
    text += source.slice(from, to);
    if (placed) for (let at = from; at < to; at += 1) places.push(at);
  };
  for (let at = start; at < end; ) {
    const next = holes[hole];
    if (next && at >= next.start) {
      take(next.start, next.end);
      at = Math.max(at + 1, next.end);
      hole += 1;
      continue;
    }
    const char = source.charAt(at);
    const follower = source.charAt(at + 1);
    if (quote === "'") {
      if (char === "'") quote = "";
      else take(at, at + 1);
    } else if (quote === "$'") {
      if (char === "'") quote = "";
      else {
        if (char === "\\") {
          constant = false;
          take(at, at + 1);
          at += 1;
        }
        take(at, at + 1);
      }
    } else if (char === '"') {
      quote = quote === "" ? char : "";
      quoted = true;
    } else if (char === "\\" && (quote === "" || /[$`"\\\n]/.test(follower))) {
      if (follower !== "\n" && at + 1 < end) take(at + 1, at + 2);
      quoted = true;
      at += 2;
      continue;
    } else if (quote === "" && char === "'") {
      quote = char;
      quoted = true;
    } else if (quote === "" && char === "$" && (follower === "'" || follower === '"')) {
      quote = follower === '"' ? '"' : "$'";
      quoted = true;
      at += 2;
      continue;
    } else {
      if (quote === "" && constant && isPattern(char, at === start, has)) constant = false;
      take(at, at + 1);
    }
    at += 1;
  }
  return placed ? { text, constant, quoted, places } : { text, constant, quoted };
}

/** Is it, unquoted, a glob, a brace expansion or a home folder? `has` tells whether the word has the other half. */
function isPattern(char: string, isFirst: boolean, has: (text: string) => boolean): boolean {
  switch (char) {
    case "*":
    case "?":
      return true;
    case "~":
      return isFirst;
    case "[":
      return has("]");
    case "{":
      return has("}") && (has(",") || has(".."));
    default:
      return false;
  }
}

/** Where a character of an unquoted word stands; the end is right behind the last one. */
export function placeIn(places: Unquoted["places"], { start, end }: Span, offset: number): number {
  if (!places) return start + offset;
  const place = places[offset];
  if (place !== undefined) return place;
  const last = places.at(-1);
  return last === undefined ? end : last + 1;
}
