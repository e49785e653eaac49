/** A stretch of a text: [start, end). */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const blank = /\s/;

/**
 * Splits at blanks outside quotes. Quotes and escapes stay in the word; an unclosed quote runs to the end.
 * The escape character works outside quotes and in double quotes, never in single quotes.
 */
export function splitWords(text: string, escapeChar: string): Span[] {
  const words: Span[] = [];
  let at = 0;
  while (at < text.length) {
    if (blank.test(text.charAt(at))) {
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
    else if (blank.test(char)) break;
  }
  return Math.min(at, text.length);
}

/** Splits at blanks and nothing else, as the builder does for FROM, EXPOSE, COPY, ADD and VOLUME. */
export function splitAtBlanks(text: string): Span[] {
  const words: Span[] = [];
  for (const match of text.matchAll(/[^\t\v\f\r ]+/g)) {
    words.push({ start: match.index, end: match.index + match[0].length });
  }
  return words;
}

/** A flag word with quotes and escapes taken away. */
export interface FlagSpan extends Span {
  readonly text: string;
}

/**
 * The leading words that start with `--`, and where the arguments begin. A word `--` ends the flags and is dropped.
 * Escapes in flags are always `\`, whatever the escape directive says.
 */
export function readFlags(text: string): { flags: FlagSpan[]; rest: number } {
  const flags: FlagSpan[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && blank.test(text.charAt(at))) at++;
    if (!text.startsWith("--", at)) return { flags, rest: at };
    const start = at;
    let word = "";
    let quote = "";
    for (; at < text.length; at++) {
      const char = text.charAt(at);
      if (quote === "" && blank.test(char)) break;
      if (char === quote) quote = "";
      else if (quote === "" && (char === "'" || char === '"')) quote = char;
      else if (char === "\\") word += text.charAt(++at);
      else word += char;
    }
    at = Math.min(at, text.length);
    if (word !== "--") {
      flags.push({ start, end: at, text: word });
      continue;
    }
    while (at < text.length && blank.test(text.charAt(at))) at++;
    return { flags, rest: at };
  }
}
