type Open = '"' | "'" | "`" | "(" | "$(" | "{";

/**
 * Follows quotes, substitutions and expansions through the lines of one instruction, to tell at a line's end whether blanks
 * between this line and the next one mean nothing. When it is not sure it says that they do.
 */
export class Quoting {
  readonly #escape: "\\" | "`";
  readonly #open: Open[] = [];
  /** How many of `#open` are double quotes. */
  #quotes = 0;
  #isUnsure = false;
  /** The last character; escaped ones are "x": they are part of a word. */
  #last = " ";

  constructor(escapeCharacter: "\\" | "`") {
    this.#escape = escapeCharacter;
  }

  /** More of the joined text. */
  feed(text: string): void {
    for (let at = 0; at < text.length; at += 1) {
      const char = text[at] ?? "";
      const top = this.#open.at(-1);
      if (top === "'") {
        if (char === "'") this.#open.pop();
        this.#last = "x";
        continue;
      }
      if (char === this.#escape) {
        at += 1;
        this.#last = "x";
        continue;
      }
      // In a file for Windows it may be the end of a path or, in a script for another shell, an escape.
      this.#last = char === "\\" ? "x" : char;
      this.#take(char, text[at + 1] ?? "", top);
      if (char === "$" && (text[at + 1] === "(" || text[at + 1] === "{")) {
        this.#last = text[at + 1] ?? "";
        at += 1;
      }
      // Its patterns have a closing parenthesis without an opening one.
      if (char === "c" && this.#quotes > 0 && text.startsWith("case", at)) this.#isUnsure = true;
    }
  }

  #take(char: string, next: string, top: Open | undefined): void {
    switch (char) {
      case '"':
        if (top === '"') this.#pop();
        else this.#push('"');
        return;
      case "'":
        if (top !== '"' && top !== "{") this.#push("'");
        return;
      case "`":
        if (this.#escape === "`") return;
        if (top === "`") this.#pop();
        else this.#push("`");
        return;
      case "$":
        if (next === "(") this.#push("$(");
        else if (next === "{") this.#push("{");
        return;
      case "(":
        if (top !== '"' && top !== "{") this.#push("(");
        return;
      case ")":
        if (top === "(" || top === "$(") this.#pop();
        return;
      case "}":
        if (top === "{") this.#pop();
    }
  }

  #push(open: Open): void {
    this.#open.push(open);
    if (open === '"') this.#quotes += 1;
  }

  #pop(): void {
    if (this.#open.pop() === '"') this.#quotes -= 1;
  }

  /** May blanks be put or taken at this place, when `next` follows? */
  isFree(next: string): boolean {
    const top = this.#open.at(-1);
    if (this.#isUnsure || this.#quotes > 0 || top === "'" || top === "{") return false;
    const first = next[0] ?? " ";
    if (isBlank(this.#last) || isBlank(first)) return true;
    return isOperator(this.#last) !== isOperator(first);
  }
}

function isBlank(char: string): boolean {
  return char === " " || char === "\t";
}

function isOperator(char: string): boolean {
  return char === "&" || char === "|" || char === ";";
}
