/** A word of a command: `text` without its quotes, offsets into the script. */
export interface ShellWord {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** One simple command of a script. */
export interface ShellCommand {
  /** Without leading assignments and reserved words such as `if` or `then`. */
  readonly words: readonly ShellWord[];
  readonly start: number;
  readonly end: number;
  /** The operator before and after it: `&&`, `||`, `;`, `|`, `&`, a line end, a bracket, or nothing. */
  readonly before: string;
  readonly after: string;
}

export interface ShellScript {
  readonly commands: readonly ShellCommand[];
  /** True when running the words without a shell does the same: no expansion, redirection, assignment, glob, comment. */
  readonly plain: boolean;
}

const reserved = new Set(["if", "then", "else", "elif", "do", "while", "until", "!", "{", "time", "exec", "sudo"]);
const operator = /^(?:&&|\|\||;;|\|&|[;|&()\n])/;
const redirection = /^(?:\d*(?:<<-|<<|>>|<&|>&|<>|>\||<|>)|&>>?)/;

/**
 * Splits POSIX shell text into simple commands. It does not check grammar: case patterns and functions give words that
 * no rule knows, which is silence and not a false alarm.
 */
export function splitShell(text: string): ShellScript {
  const commands: ShellCommand[] = [];
  let words: ShellWord[] = [];
  let before = "";
  let plain = true;
  let at = 0;

  const finish = (after: string) => {
    const kept = words.slice(words.findIndex((word) => !isPrefix(word.text)));
    if (kept.length !== words.length) plain = false;
    const first = words[0];
    const last = words.at(-1);
    if (first && last && kept.length > 0 && !words.every((word) => isPrefix(word.text))) {
      commands.push({ words: kept, start: kept[0]?.start ?? first.start, end: last.end, before, after });
    }
    words = [];
    before = after;
  };

  while (at < text.length) {
    const rest = text.slice(at, at + 4);
    if (rest[0] === " " || rest[0] === "\t" || rest[0] === "\r") {
      at += 1;
      continue;
    }
    if (rest[0] === "#") {
      plain = false;
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
      continue;
    }
    const redirect = redirection.exec(rest)?.[0];
    if (redirect) {
      plain = false;
      at = skipBlanks(text, at + redirect.length);
      at = readWord(text, at).end;
      continue;
    }
    const op = operator.exec(rest)?.[0];
    if (op) {
      plain = false;
      finish(op);
      at += op.length;
      continue;
    }
    const word = readWord(text, at);
    if (word.expands) plain = false;
    words.push({ text: word.text, start: at, end: word.end });
    at = Math.max(word.end, at + 1);
  }
  finish("");
  return { commands, plain: plain && commands.length === 1 };
}

function isPrefix(word: string): boolean {
  return reserved.has(word) || /^[A-Za-z_]\w*=/.test(word);
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\t") at += 1;
  return at;
}

/** Reads to the end of a word: quotes removed, `$…` kept as written. */
function readWord(text: string, start: number): { text: string; end: number; expands: boolean } {
  let at = start;
  let word = "";
  let expands = false;
  while (at < text.length) {
    const char = text[at] as string;
    if (/[\s;|&()<>]/.test(char)) break;
    if (char === "'") {
      const end = text.indexOf("'", at + 1);
      const close = end < 0 ? text.length : end;
      word += text.slice(at + 1, close);
      at = close + 1;
    } else if (char === '"') {
      const end = closingQuote(text, at + 1);
      const inside = text.slice(at + 1, end);
      if (/[$`]/.test(inside.replace(/\\./g, ""))) expands = true;
      word += inside.replace(/\\([$`"\\])/g, "$1");
      at = end + 1;
    } else if (char === "\\") {
      word += text[at + 1] ?? "";
      at += 2;
    } else if (char === "$" || char === "`") {
      expands = true;
      const end = expansionEnd(text, at);
      word += text.slice(at, end);
      at = end;
    } else {
      if (/[*?[\]{}~]/.test(char)) expands = true;
      word += char;
      at += 1;
    }
  }
  return { text: word, end: Math.min(at, text.length), expands };
}

function closingQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

/** The end of `$name`, `${…}`, `$(…)` or a backquoted command that starts at `from`. */
function expansionEnd(text: string, from: number): number {
  if (text[from] === "`") {
    const end = text.indexOf("`", from + 1);
    return end < 0 ? text.length : end + 1;
  }
  const open = text[from + 1];
  const close = open === "(" ? ")" : open === "{" ? "}" : undefined;
  if (!open || !close) return from + 1;
  let depth = 0;
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === open) depth += 1;
    else if (text[at] === close) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

/** The exec form of a command line, when it means the same: `["node", "server.js"]`. */
export function jsonForm(text: string): string | undefined {
  const { commands, plain } = splitShell(text);
  const words = commands[0]?.words;
  return plain && words ? `[${words.map((word) => JSON.stringify(word.text)).join(", ")}]` : undefined;
}
