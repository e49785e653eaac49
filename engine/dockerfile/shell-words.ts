/** A word of a shell command as written; `value` has plain quotes and escapes taken away, variables left in. */
export interface ShellWord {
  readonly text: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** A simple command of a POSIX shell line. */
export interface ShellCommand {
  /** `VAR=x` in front of the command. */
  readonly assignments: readonly ShellWord[];
  /** The command and its arguments. Wrappers like env, exec and sudo are ordinary words. */
  readonly words: readonly ShellWord[];
  /** `> file`, `2>&1`, `<<EOF`, with their targets. */
  readonly redirects: readonly ShellWord[];
  /** `&&`, `||`, `;`, `|`, `&`, `(`, `$(`, a newline …; empty for the first. */
  readonly operatorBefore: string;
}

/**
 * Finds the commands of a shell text, also those in `$(…)`, `` `…` `` and `(…)`, which follow the command around them.
 * Lenient: made to recognise commands, not to check syntax. Words like `if`, `then`, `do` before a command are left out.
 */
export function splitCommands(text: string, escapeChar = "\\"): ShellCommand[] {
  const scanner = new Scanner(text, escapeChar);
  scanner.commands(0, text.length, "", 0);
  return scanner.found;
}

const deepestNesting = 20;
const reserved = new Set([
  "if",
  "then",
  "elif",
  "else",
  "fi",
  "while",
  "until",
  "do",
  "done",
  "esac",
  "{",
  "}",
  "!",
  "time",
]);

class Scanner {
  readonly found: ShellCommand[] = [];
  private readonly text: string;
  private readonly escapeChar: string;
  /** Substitutions inside the word being read: looked into once its command is complete. */
  private inner: { start: number; end: number; operator: string }[] = [];

  constructor(text: string, escapeChar: string) {
    this.text = text;
    this.escapeChar = escapeChar;
  }

  commands(from: number, to: number, operator: string, depth: number): void {
    let at = from;
    let before = operator;
    while (at < to) {
      const words: ShellWord[] = [];
      const redirects: ShellWord[] = [];
      this.inner = [];
      let next = "";
      while (at < to && next === "") {
        const char = this.text.charAt(at);
        if (char === "\n") next = char;
        else if (/\s/.test(char)) at++;
        else if (char === "#") at = this.endOfLine(at, to);
        else {
          const redirect = this.redirect(at, to);
          if (redirect !== undefined) {
            redirects.push(redirect);
            at = redirect.end;
            continue;
          }
          next = /^(?:&&|\|\||;;|\|&|[;|&()])/.exec(this.text.slice(at, at + 2))?.[0] ?? "";
          if (next !== "") continue;
          const word = this.word(at, to);
          words.push(word);
          at = word.end;
        }
      }
      const nested = this.inner;
      this.add(words, redirects, before);
      if (depth < deepestNesting)
        for (const part of nested) this.commands(part.start, part.end, part.operator, depth + 1);
      at += next.length;
      if (next !== "") before = next;
    }
  }

  private add(all: ShellWord[], redirects: ShellWord[], operatorBefore: string): void {
    let first = 0;
    while (reserved.has(all[first]?.text ?? "")) first++;
    let command = first;
    while (/^[A-Za-z_]\w*\+?=/.test(all[command]?.text ?? "")) command++;
    if (first === all.length && redirects.length === 0) return;
    this.found.push({ assignments: all.slice(first, command), words: all.slice(command), redirects, operatorBefore });
  }

  private redirect(from: number, to: number): ShellWord | undefined {
    const sign = /^(?:\d*(?:<<<|<<-?|>>|[<>]&|>\||<>|[<>])|&>>?)/.exec(
      this.text.slice(from, Math.min(to, from + 12)),
    )?.[0];
    if (sign === undefined || /[<>]\($/.test(this.text.slice(from, from + sign.length + 1))) return undefined;
    let at = from + sign.length;
    while (at < to && /[ \t]/.test(this.text.charAt(at))) at++;
    const target = this.word(at, to);
    const end = Math.max(target.end, from + sign.length);
    return { text: this.text.slice(from, end), value: sign + target.value, start: from, end };
  }

  private word(from: number, to: number): ShellWord {
    let value = "";
    let at = from;
    while (at < to) {
      const char = this.text.charAt(at);
      const isSubstitution = this.text.startsWith("$(", at) || char === "`" || (at === from && /[<>]/.test(char));
      if (/[\s;&|()]/.test(char) || (/[<>]/.test(char) && at > from)) break;
      const start = at;
      if (char === this.escapeChar) {
        value += this.text.charAt(at + 1);
        at = Math.min(at + 2, to);
      } else if (char === "'") {
        at = this.closing("'", at + 1, to);
        value += this.text.slice(start + 1, at);
        at = Math.min(at + 1, to);
      } else if (char === '"') {
        at = this.doubleQuoted(at, to);
        value += this.text.slice(start + 1, Math.max(start + 1, at - 1));
      } else if (isSubstitution) {
        at = this.substitution(at, to);
        value += this.text.slice(start, at);
      } else if (this.text.startsWith("${", at)) {
        at = Math.min(this.closing("}", at + 2, to) + 1, to);
        value += this.text.slice(start, at);
      } else {
        value += char;
        at++;
      }
    }
    return { text: this.text.slice(from, at), value, start: from, end: at };
  }

  private doubleQuoted(from: number, to: number): number {
    let at = from + 1;
    while (at < to) {
      const char = this.text.charAt(at);
      if (char === '"') return at + 1;
      if (char === this.escapeChar && char !== "`") at += 2;
      else if (this.text.startsWith("$(", at) || char === "`") at = this.substitution(at, to);
      else at++;
    }
    return to;
  }

  /** Notes what stands inside `$(…)`, `<(…)` or backticks and goes behind it. Arithmetic `$((…))` holds no commands. */
  private substitution(from: number, to: number): number {
    if (this.text.charAt(from) === "`") {
      const end = this.closing("`", from + 1, to);
      this.inner.push({ start: from + 1, end, operator: "`" });
      return Math.min(end + 1, to);
    }
    const open = from + 2;
    let depth = 1;
    let at = open;
    while (at < to && depth > 0) {
      const char = this.text.charAt(at);
      if (char === this.escapeChar) at++;
      else if (char === "'" || char === '"') at = this.closing(char, at + 1, to);
      else if (char === "(") depth++;
      else if (char === ")") depth--;
      at++;
    }
    const end = Math.min(at, to);
    const isArithmetic = this.text.startsWith("$((", from);
    if (!isArithmetic)
      this.inner.push({ start: open, end: depth === 0 ? end - 1 : end, operator: this.text.slice(from, open) });
    return end;
  }

  private closing(quote: string, from: number, to: number): number {
    for (let at = from; at < to; at++) {
      const char = this.text.charAt(at);
      if (char === quote) return at;
      if (char === this.escapeChar && quote !== "'" && quote !== this.escapeChar) at++;
    }
    return to;
  }

  private endOfLine(from: number, to: number): number {
    const end = this.text.indexOf("\n", from);
    return end < 0 ? to : Math.min(end, to);
  }
}
