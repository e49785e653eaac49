import { type Message, msg } from "../base/message.ts";
import { readPattern, replace, trimEnd, trimStart } from "./pattern.ts";

export interface ExpandOptions {
  /** The file's escape character; `\` by default. Heredoc bodies always use `\`. */
  readonly escape?: "\\" | "`";
  /** False for heredoc bodies, where quotes are ordinary characters. */
  readonly quotes?: boolean;
  /** Leaves variables that have no value as they are written, instead of making them empty. */
  readonly keepUnset?: boolean;
}

export type Variables = ReadonlyMap<string, string>;

export interface ExpandError {
  readonly error: Message;
  /** Where the expression that failed starts in the text. */
  readonly offset: number;
}

/** `$name` or `${name…}` in a text; offsets are those of the text. */
export interface VariableUse {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly nameStart: number;
  readonly nameEnd: number;
  /** What stands behind the name: `:-`, `-`, `:+`, `+`, `:?`, `?`, `#`, `%`, `/`; empty for the plain forms. */
  readonly operator: string;
}

/** The text with variables replaced and quotes and escapes taken away; blanks stay. */
export function expandWord(
  text: string,
  variables: Variables,
  options: ExpandOptions = {},
): { text: string } | ExpandError {
  const result = run(text, variables, options);
  return "error" in result ? result : { text: result.text };
}

/** The same, split at the blanks that are not quoted, after expansion. */
export function expandWords(
  text: string,
  variables: Variables,
  options: ExpandOptions = {},
): { words: readonly string[] } | ExpandError {
  const result = run(text, variables, options);
  return "error" in result ? result : { words: result.words };
}

/** All variables a text uses, also those in defaults, in the order in which they end. Stops at a syntax error. */
export function variablesIn(text: string, options: Omit<ExpandOptions, "keepUnset"> = {}): readonly VariableUse[] {
  return readVariables(text, options).uses;
}

/** The same, with the error that no values can take away: a brace or a quote that is not closed, an unknown operator. */
export function readVariables(
  text: string,
  options: Omit<ExpandOptions, "keepUnset"> = {},
): { readonly uses: readonly VariableUse[]; readonly failed?: ExpandError } {
  const uses: VariableUse[] = [];
  if (!isExpandable(text)) return { uses };
  try {
    new Expander(text, undefined, options, uses).all();
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    return { uses, failed: { error: failure.reason, offset: failure.offset } };
  }
  return { uses };
}

/** False for most words: then expansion changes nothing. */
export function isExpandable(text: string): boolean {
  return /[$'"\\`]/.test(text);
}

/** Far above every real value; doubling (`ENV A=$A$A`) would otherwise eat all memory. */
const longestResult = 1 << 20;
const deepestNesting = 100;

function run(text: string, variables: Variables, options: ExpandOptions): Result | ExpandError {
  // Most words have nothing to expand.
  if (!/[$'"\\`\s]/.test(text)) return { text, words: text === "" ? [] : [text] };
  try {
    return new Expander(text, variables, options, undefined).all();
  } catch (failure) {
    if (failure instanceof Failure) return { error: failure.reason, offset: failure.offset };
    throw failure;
  }
}

interface Result {
  readonly text: string;
  readonly words: readonly string[];
}

/** Leaves the recursive descent; never leaves this module. */
class Failure extends Error {
  readonly reason: Message;
  readonly offset: number;

  constructor(reason: Message, offset: number) {
    super(reason.template);
    this.reason = reason;
    this.offset = offset;
  }
}

class Expander {
  private readonly text: string;
  /** `undefined`: only looks for variables. */
  private readonly variables: Variables | undefined;
  private readonly escapeChar: string;
  private readonly quotes: boolean;
  private readonly keepUnset: boolean;
  private readonly uses: VariableUse[] | undefined;
  private at = 0;
  private depth = 0;
  private rawEscapes = false;

  constructor(text: string, variables: Variables | undefined, options: ExpandOptions, uses: VariableUse[] | undefined) {
    this.text = text;
    this.variables = variables;
    this.escapeChar = options.escape ?? "\\";
    this.quotes = options.quotes ?? true;
    this.keepUnset = options.keepUnset ?? false;
    this.uses = uses;
  }

  all(): Result {
    const words = new WordList();
    const text = this.until("", words);
    return { text, words: words.finish() };
  }

  /** Up to `stop`, which is taken too; the empty string stands for the end of the text. */
  private until(stop: string, words?: WordList): string {
    const from = this.at;
    let out = "";
    while (this.at < this.text.length) {
      const char = this.text.charAt(this.at);
      if (char === stop) {
        this.at++;
        return out;
      }
      let piece: string;
      if (char === "$") {
        piece = this.dollar();
        words?.addSplit(piece);
      } else if (this.quotes && (char === "'" || char === '"')) {
        piece = char === "'" ? this.singleQuoted() : this.doubleQuoted();
        words?.addWhole(piece);
      } else if (char === this.escapeChar) {
        this.at++;
        const next = this.takeChar();
        piece = this.rawEscapes ? char + next : next;
        if (piece !== "") words?.addWhole(piece);
      } else {
        piece = this.takeChar();
        words?.addSplit(piece);
      }
      out = this.append(out, piece);
    }
    if (stop === "") return out;
    const missing = stop === "}" ? notClosed() : msg('The second "/" is missing: name/pattern/new.');
    throw new Failure(missing, from);
  }

  private singleQuoted(): string {
    const end = this.text.indexOf("'", this.at + 1);
    if (end < 0) throw new Failure(msg("The single quote is not closed. Add ' at the end."), this.at);
    const inside = this.text.slice(this.at + 1, end);
    this.at = end + 1;
    return inside;
  }

  private doubleQuoted(): string {
    const from = this.at++;
    let out = "";
    for (;;) {
      const char = this.text.charAt(this.at);
      if (char === "") throw new Failure(msg('The double quote is not closed. Add " at the end.'), from);
      if (char === '"') {
        this.at++;
        return out;
      }
      if (char === "$") {
        out = this.append(out, this.dollar());
        continue;
      }
      const next = this.text.charAt(this.at + 1);
      if (char === this.escapeChar && next !== "" && (next === '"' || next === "$" || next === this.escapeChar)) {
        out += this.rawEscapes ? char + next : next;
        this.at += 2;
      } else out = this.append(out, this.takeChar());
    }
  }

  private dollar(): string {
    const start = this.at++;
    if (this.text.charAt(this.at) !== "{") {
      const nameStart = this.at;
      const name = this.name();
      if (name === "") return "$";
      this.note({ name, start, end: this.at, nameStart, nameEnd: this.at, operator: "" });
      return this.value(name) ?? (this.keepUnset ? `$${name}` : "");
    }
    this.at++;
    if (/[{}:]/.test(this.text.charAt(this.at))) throw new Failure(badSubstitution(), start);
    const nameStart = this.at;
    const name = this.name();
    const nameEnd = this.at;
    if (++this.depth > deepestNesting) throw new Failure(msg("Variables are nested too deeply."), start);
    const rawBefore = this.rawEscapes;
    const value = this.value(name);
    const result = this.operation(name, value, start, (operator) =>
      this.note({ name, start, end: this.at, nameStart, nameEnd, operator }),
    );
    this.rawEscapes = rawBefore;
    this.depth--;
    if (this.keepUnset && value === undefined && this.variables) return this.text.slice(start, this.at);
    return result;
  }

  /** Behind the name of `${name`, up to and with the `}`. */
  private operation(name: string, value: string | undefined, start: number, note: (operator: string) => void): string {
    const first = this.takeChar();
    if (first === "") throw new Failure(notClosed(), start);
    if (first === "}") {
      note("");
      return value ?? "";
    }
    if (first === "/") return this.replacement(value, start, note);
    const colon = first === ":";
    const operator = colon ? this.takeChar() : first;
    const allowed = colon ? "+-?" : "+-?#%";
    if (operator === "" || !allowed.includes(operator))
      throw new Failure(unknownOperator(first + (colon ? operator : "")), start);
    const isPattern = operator === "#" || operator === "%";
    this.rawEscapes = isPattern;
    const word = this.until("}");
    note(colon ? first + operator : operator);
    const isUnset = value === undefined || (colon && value === "");
    switch (operator) {
      case "-":
        return isUnset ? word : (value ?? "");
      case "+":
        return isUnset ? "" : word;
      case "?":
        if (isUnset && this.variables && !this.keepUnset) throw new Failure(required(name, word, value), start);
        return value ?? "";
      default:
        return this.trimmed(value ?? "", operator, word, start);
    }
  }

  private trimmed(value: string, operator: string, word: string, start: number): string {
    const longest = word.startsWith(operator);
    const pattern = this.pattern(longest ? word.slice(1) : word, start);
    return operator === "#" ? trimStart(value, pattern, longest) : trimEnd(value, pattern, longest);
  }

  private replacement(value: string | undefined, start: number, note: (operator: string) => void): string {
    const all = this.text.charAt(this.at) === "/";
    if (all) this.at++;
    this.rawEscapes = true;
    const pattern = this.pattern(this.until("/"), start);
    const replacement = this.until("}");
    note("/");
    return replace(value ?? "", pattern, replacement, all);
  }

  private pattern(text: string, start: number): ReturnType<typeof readPattern> & object {
    const pattern = readPattern(text);
    if (pattern === undefined) {
      throw new Failure(
        msg('The pattern "{pattern}" has an escape that is not possible. Only \\*, \\? and \\\\ are.', {
          pattern: text,
        }),
        start,
      );
    }
    return pattern;
  }

  private name(): string {
    const form = /\p{Nd}+|[@*#?\-$!]|[\p{L}_][\p{L}\p{Nd}_]*/uy;
    form.lastIndex = this.at;
    const name = form.exec(this.text)?.[0] ?? "";
    this.at += name.length;
    return name;
  }

  private value(name: string): string | undefined {
    return this.variables?.get(name);
  }

  private takeChar(): string {
    const code = this.text.codePointAt(this.at);
    const char = code === undefined ? "" : String.fromCodePoint(code);
    this.at += char.length;
    return char;
  }

  private append(out: string, piece: string): string {
    if (out.length + piece.length > longestResult)
      throw new Failure(msg("The value becomes longer than 1 MiB."), this.at);
    return out + piece;
  }

  private note(use: VariableUse): void {
    this.uses?.push(use);
  }
}

class WordList {
  private readonly words: string[] = [];
  private word = "";

  /** Blanks end a word. */
  addSplit(piece: string): void {
    if (!/\s/.test(piece)) {
      this.word += piece;
      return;
    }
    for (const [index, part] of piece.split(/\s+/).entries()) {
      if (index > 0) this.end();
      this.word += part;
    }
  }

  addWhole(piece: string): void {
    this.word += piece;
  }

  finish(): string[] {
    this.end();
    return this.words;
  }

  /** Quoted nothing makes no word, as in the reference. */
  private end(): void {
    if (this.word !== "") this.words.push(this.word);
    this.word = "";
  }
}

const notClosed = (): Message => msg("The variable is not closed. Add the closing brace.");

const badSubstitution = (): Message => msg("The variable has no name. Write its name inside the braces.");

const unknownOperator = (operator: string): Message =>
  msg('"{operator}" is not possible behind the name of a variable. Use :-, :+, :?, #, % or /.', { operator });

const required = (name: string, word: string, value: string | undefined): Message =>
  word !== ""
    ? msg("{name}: {reason}", { name, reason: word })
    : value === undefined
      ? msg("{name} must have a value, but it is not set.", { name })
      : msg("{name} must have a value, but it is empty.", { name });
