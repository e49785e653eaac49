import type { Span } from "./words.ts";

/** `<<EOF` as it stands in a line; the body comes from the lines below. */
export interface HeredocStart extends Span {
  readonly delimiter: string;
  readonly stripTabs: boolean;
  readonly expand: boolean;
  readonly fd?: number;
}

const form = /^(\d*)<<(-?)\s*([^<]*)$/;

/**
 * The heredocs that a joined line opens, in order. A heredoc is a whole word: `"<<EOF"`, `<<<word` and `$((1<<3))` are
 * none, while blanks may stand between `<<` and the delimiter. A line with an unclosed quote opens none.
 */
export function findHeredocs(text: string): HeredocStart[] {
  if (!text.includes("<<")) return [];
  const found: HeredocStart[] = [];
  for (const span of wordsWithHeredocs(text) ?? []) {
    const match = form.exec(text.slice(span.start, span.end));
    const written = match?.[3] ?? "";
    if (match === null || written === "") continue;
    const { text: delimiter, quoted } = unquote(written);
    if (delimiter === "") continue;
    found.push({
      ...span,
      delimiter,
      stripTabs: match[2] === "-",
      expand: !quoted,
      ...(match[1] ? { fd: Number(match[1]) } : {}),
    });
  }
  return found;
}

function wordsWithHeredocs(text: string): Span[] | undefined {
  const words: Span[] = [];
  let start = -1;
  let at = 0;
  for (; at < text.length; at++) {
    const char = text.charAt(at);
    if (/\s/.test(char)) {
      if (start >= 0) words.push({ start, end: at });
      start = -1;
      continue;
    }
    if (start < 0) start = at;
    if (char === "\\") at++;
    else if (char === "'" || char === '"') {
      at = endOfQuote(text, at);
      if (at < 0) return undefined;
    } else if (text.startsWith("<<", at)) {
      at++;
      if (/-\s/.test(text.slice(at + 1, at + 3))) at++;
      while (/\s/.test(text.charAt(at + 1))) at++;
    }
  }
  if (start >= 0) words.push({ start, end: Math.min(at, text.length) });
  return words;
}

function endOfQuote(text: string, from: number): number {
  const quote = text.charAt(from);
  if (quote === "'") return text.indexOf("'", from + 1);
  for (let at = from + 1; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === quote) return at;
    if (char === "\\") at++;
  }
  return -1;
}

/** A backslash makes the delimiter shorter but, unlike in a shell, does not turn expansion off. */
function unquote(written: string): { text: string; quoted: boolean } {
  let text = "";
  let quote = "";
  let quoted = false;
  for (let at = 0; at < written.length; at++) {
    const char = written.charAt(at);
    if (char === quote) quote = "";
    else if (quote === "" && (char === "'" || char === '"')) {
      quote = char;
      quoted = true;
    } else if (char === "\\" && (quote === "" || (quote === '"' && /["$\\]/.test(written.charAt(at + 1))))) {
      text += written.charAt(++at);
    } else text += char;
  }
  return { text, quoted };
}
