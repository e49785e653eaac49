import type { Dialect } from "../shell/model.ts";

/** A variable in a script; `start` is where its name begins. */
export interface ShellUse {
  readonly name: string;
  readonly start: number;
}

/** The variables that a script takes from its environment or from itself, in order. One pass, whatever the text. */
export function findShellUses(text: string, dialect: Dialect): readonly ShellUse[] {
  if (dialect === "powershell") return matches(text, /\$\{?env:([A-Za-z_]\w*)/gi);
  if (dialect === "cmd") return matches(text, /%([A-Za-z_]\w*)(?=[%:])/g);
  return text.includes("$") ? new PosixScan(text).all() : nothing;
}

/** Those of a heredoc's body, where quotes and `#` are ordinary characters. */
export function findBodyUses(text: string): readonly ShellUse[] {
  return text.includes("$") ? new PosixScan(text, false).all() : nothing;
}

const nothing: readonly never[] = [];
const noNames: ReadonlySet<string> = new Set();

/** Everything that looks as if a script assigned it. */
export function assignedNames(text: string): ReadonlySet<string> {
  if (!/=|\b(?:for|read|select|getopts|printf)\b/.test(text)) return namedBare(text);
  const names = new Set(namedBare(text));
  for (const [, name = ""] of text.matchAll(/\b([A-Za-z_]\w*)\+?=/g)) names.add(name);
  for (const [, words = ""] of text.matchAll(/\b(?:for|read|select|getopts)\b([^;&|\n]*)/g)) {
    for (const word of words.split(/\s+/)) names.add(word);
  }
  for (const [, name = ""] of text.matchAll(/\bprintf\s+-v\s*["']?([A-Za-z_]\w*)/g)) names.add(name);
  return names;
}

/** What looks as if it were asked for by its name: `[[ -v A ]]`, `env -u A …`. */
export function askedBare(text: string): ReadonlySet<string> {
  if (!/\benv\s+-|\s-v\s/.test(text)) return noNames;
  const names = new Set<string>();
  for (const [, name = ""] of text.matchAll(/(?:\[|!|\btest|&&|\|\||\()\s*-v\s+["']?([A-Za-z_]\w*)/g)) names.add(name);
  for (const [, words = ""] of text.matchAll(/\benv\s([^;&|()\n]*)/g)) {
    for (const [, name = ""] of words.matchAll(/(?:^|\s)(?:-[i0v]*u\s*|--unset[\s=]\s*)([A-Za-z_]\w*)/g))
      names.add(name);
  }
  return names;
}

/** What looks as if it stood behind `unset` or `export` without a value. */
export function namedBare(text: string): ReadonlySet<string> {
  if (!/\b(?:unset|export|readonly|declare|typeset|local)\s/.test(text)) return noNames;
  const names = new Set<string>();
  for (const [, words = ""] of text.matchAll(/\b(?:unset|export|readonly|declare|typeset|local)\s([^;&|()\n]*)/g)) {
    for (const word of words.split(/\s+/)) if (/^[A-Za-z_]\w*$/.test(word)) names.add(word);
  }
  return names;
}

function matches(text: string, form: RegExp): readonly ShellUse[] {
  return [...text.matchAll(form)].map(({ 0: whole, 1: name = "", index }) => ({
    name,
    start: index + whole.length - name.length,
  }));
}

const mostHeredocs = 64;
/** What stands in front of a text that a shell is given: `bash -euo pipefail -c `. */
const startsScript = /(?:^|[\s;&|()/])(?:ba|da|a|z|k)?sh\s+(?:[-+]?\w+\s+)*?-\w*c\s+$/;
const farthestShell = 60;
const plainName = /[A-Za-z_]\w*/y;
const bracedName = /\{[#!]?([A-Za-z_]\w*)/y;
const heredocStart = /<<(-?)[ \t]*(?:'([^'\n]*)'|"([^"\n]*)"|(\\?)([\w.-]+))/y;

interface OpenHeredoc {
  readonly delimiter: string;
  readonly stripTabs: boolean;
  readonly expands: boolean;
}

/**
 * Looks for `$name` where a shell would: not in single quotes, comments and quoted heredocs. It knows brackets, because in
 * `"$(echo '$x')"` the single quotes count. Far cheaper than a tree, and never wrong about what comes behind a mistake.
 */
class PosixScan {
  readonly #text: string;
  readonly #quotes: boolean;
  readonly #found: ShellUse[] = [];
  /** For each open bracket: was it in double quotes? */
  readonly #around: boolean[] = [];
  #inDouble = false;
  #heredocs: OpenHeredoc[] = [];
  #heredocCount = 0;
  #at = 0;

  constructor(text: string, quotes = true) {
    this.#text = text;
    this.#quotes = quotes;
  }

  all(): readonly ShellUse[] {
    const text = this.#text;
    for (; this.#at < text.length; this.#at += 1) {
      const char = text[this.#at];
      if (char === "\\") this.#at += 1;
      else if (char === "$") this.#dollar();
      else if (!this.#quotes) continue;
      else if (char === '"') this.#inDouble = !this.#inDouble;
      else if (!this.#inDouble) this.#bare(char);
      else if (char === "\n") this.#lineEnd();
    }
    return this.#found;
  }

  #bare(char: string | undefined): void {
    const text = this.#text;
    if (char === "'") {
      const end = text.indexOf("'", this.#at + 1);
      if (end > 0) this.#quoted(end);
    } else if (char === "#" && /^[\s;&|()]?$/.test(text.charAt(this.#at - 1))) {
      const end = text.indexOf("\n", this.#at);
      this.#at = (end < 0 ? text.length : end) - 1;
    } else if (char === "(") this.#open();
    else if (char === ")") this.#inDouble = this.#around.pop() ?? false;
    else if (char === "<") this.#heredoc();
    else if (char === "\n") this.#lineEnd();
  }

  /** `sh -c '…'` is a script of another shell, which has the same environment; what it sets itself is its own. */
  #quoted(end: number): void {
    const start = this.#at + 1;
    this.#at = end;
    if (!startsScript.test(this.#text.slice(Math.max(0, start - 1 - farthestShell), start - 1))) return;
    const inner = this.#text.slice(start, end);
    const own = assignedNames(inner);
    for (const { name, start: at } of new PosixScan(inner).all()) {
      if (!own.has(name)) this.#found.push({ name, start: start + at });
    }
  }

  #dollar(): void {
    const text = this.#text;
    const next = this.#at + 1;
    if (text.startsWith("((", next)) this.#arithmetic(next + 2);
    if (text[next] === "(" && this.#quotes) {
      this.#at = next;
      this.#open();
      return;
    }
    const form = text[next] === "{" ? bracedName : plainName;
    form.lastIndex = next;
    const match = form.exec(text);
    if (!match) return;
    const name = match[1] ?? match[0];
    const start = form.lastIndex - name.length;
    this.#found.push({ name, start });
    this.#at = form.lastIndex - 1;
  }

  /** In `$((port + 1))` a bare name is a variable; those with `$` are found on the way through it. */
  #arithmetic(from: number): void {
    const end = this.#text.indexOf("))", from);
    if (end < 0 || end - from > 1000) return;
    for (const match of this.#text.slice(from, end).matchAll(/(?<![\w${#!])[A-Za-z_]\w*/g)) {
      this.#found.push({ name: match[0], start: from + match.index });
    }
  }

  #open(): void {
    this.#around.push(this.#inDouble);
    this.#inDouble = false;
  }

  #heredoc(): void {
    const text = this.#text;
    if (text[this.#at + 1] !== "<") return;
    if (text[this.#at + 2] === "<") {
      this.#at += 2;
      return;
    }
    heredocStart.lastIndex = this.#at;
    const match = heredocStart.exec(text);
    if (!match || this.#heredocCount >= mostHeredocs) return;
    const [whole, dash, single, double, escaped, plain] = match;
    const delimiter = single ?? double ?? plain ?? "";
    this.#heredocs.push({ delimiter, stripTabs: dash === "-", expands: plain !== undefined && escaped === "" });
    this.#heredocCount += 1;
    this.#at += whole.length - 1;
  }

  /** The bodies of the heredocs that were opened in the line. One without an end is taken for none. */
  #lineEnd(): void {
    if (this.#heredocs.length === 0) return;
    for (const { delimiter, stripTabs, expands } of this.#heredocs) {
      const start = this.#at + 1;
      const end = this.#endOf(start, delimiter, stripTabs);
      if (end === undefined) continue;
      if (expands) {
        for (const { name, start: at } of findBodyUses(this.#text.slice(start, end))) {
          this.#found.push({ name, start: start + at });
        }
      }
      const lineEnd = this.#text.indexOf("\n", end);
      this.#at = lineEnd < 0 ? this.#text.length : lineEnd;
    }
    this.#heredocs = [];
  }

  #endOf(from: number, delimiter: string, stripTabs: boolean): number | undefined {
    for (let start = from; start < this.#text.length; ) {
      const next = this.#text.indexOf("\n", start);
      const line = this.#text.slice(start, next < 0 ? this.#text.length : next);
      if ((stripTabs ? line.replace(/^\t+/, "") : line) === delimiter) return start;
      if (next < 0) return undefined;
      start = next + 1;
    }
    return undefined;
  }
}
