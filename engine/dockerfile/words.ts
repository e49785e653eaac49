/** A stretch of a text: [start, end). */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Blanks of the Dockerfile syntax; the rare ones beyond ASCII are those of Unicode. */
export function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || (code >= 0x80 && /\s/.test(String.fromCharCode(code)));
}

/**
 * Splits at blanks outside quotes. Quotes and escapes stay in the word; an unclosed quote runs to the end.
 * The escape character works outside quotes and in double quotes, never in single quotes.
 */
export function splitWords(text: string, escapeChar: string): Span[] {
  const words: Span[] = [];
  let at = 0;
  while (at < text.length) {
    if (isBlank(text.charCodeAt(at))) {
      at++;
      continue;
    }
    const start = at;
    at = endOfWord(text, at, escapeChar);
    words.push({ start, end: at });
  }
  return words;
}

function endOfWord(text: string, from: number, escapeChar: string): number {
  let quote = "";
  let at = from;
  for (; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === escapeChar && quote !== "'") at++;
    else if (quote !== "") {
      if (char === quote) quote = "";
    } else if (char === "'" || char === '"') quote = char;
    else if (isBlank(text.charCodeAt(at))) break;
  }
  return Math.min(at, text.length);
}

/** Splits at blanks and nothing else, as the builder does for FROM, EXPOSE, COPY, ADD and VOLUME. */
export function splitAtBlanks(text: string): Span[] {
  const words: Span[] = [];
  let start = -1;
  for (let at = 0; at <= text.length; at++) {
    const code = text.charCodeAt(at);
    const ends = at === text.length || code === 32 || code === 9 || (code >= 11 && code <= 13);
    if (!ends && start < 0) start = at;
    else if (ends && start >= 0) {
      words.push({ start, end: at });
      start = -1;
    }
  }
  return words;
}

/** A flag word with quotes and escapes taken away. */
export interface FlagSpan extends Span {
  readonly text: string;
}

const noFlags: readonly FlagSpan[] = [];

/**
 * The leading words of [from, to) that start with `--`, and where the arguments begin. A word `--` ends the flags and is dropped.
 * Escapes in flags are always `\`, whatever the escape directive says.
 */
export function readFlags(text: string, from: number, to: number): { flags: readonly FlagSpan[]; rest: number } {
  let flags: FlagSpan[] | undefined;
  for (let at = from; ; ) {
    while (at < to && isBlank(text.charCodeAt(at))) at++;
    if (!text.startsWith("--", at)) return { flags: flags ?? noFlags, rest: Math.min(at, to) };
    const start = at;
    let word = "";
    let quote = "";
    for (; at < to; at++) {
      const char = text.charAt(at);
      if (quote === "" && isBlank(text.charCodeAt(at))) break;
      if (char === quote) quote = "";
      else if (quote === "" && (char === "'" || char === '"')) quote = char;
      else if (char === "\\") word += at + 1 < to ? text.charAt(++at) : "";
      else word += char;
    }
    if (word !== "--") {
      flags ??= [];
      flags.push({ start, end: at, text: word });
      continue;
    }
    while (at < to && isBlank(text.charCodeAt(at))) at++;
    return { flags: flags ?? noFlags, rest: at };
  }
}
