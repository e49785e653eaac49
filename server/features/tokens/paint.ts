import { numberOf, type TokenType } from "./token.ts";

/** Colours of a text, a byte a character; what is painted later lies on top. */
export class Paint {
  readonly text: string;
  readonly #colours: Uint8Array;

  constructor(text: string) {
    this.text = text;
    this.#colours = new Uint8Array(text.length);
  }

  set(start: number, end: number, type: TokenType): void {
    this.#colours.fill(numberOf(type) + 1, Math.max(0, start), Math.max(0, end));
  }

  /** Nothing is shown here, and it is no gap either. */
  cover(start: number, end: number): void {
    this.#colours.fill(covered, Math.max(0, start), Math.max(0, end));
  }

  /** Quoted texts, and the names of variables in and outside of them. */
  words(start: number, end: number, escapeCharacter = "\\"): void {
    const { text } = this;
    let quote = "";
    let from = start;
    const names: number[] = [];
    for (let at = start; at < end; at += 1) {
      const char = text[at];
      if (quote === "'") {
        if (char === "'") {
          this.set(from, at + 1, "string");
          quote = "";
        }
      } else if (char === escapeCharacter) {
        at += 1;
      } else if (char === "$") {
        name.lastIndex = at;
        const found = name.exec(text);
        if (found && at + found[0].length <= end) {
          names.push(at + (found[1]?.length ?? 0), at + found[0].length);
          at += found[0].length - 1;
        }
      } else if (char === '"' && quote === '"') {
        this.set(from, at + 1, "string");
        quote = "";
      } else if (quote === "" && (char === '"' || char === "'")) {
        quote = char;
        from = at;
      }
    }
    for (let at = 0; at < names.length; at += 2) this.set(names[at] ?? 0, names[at + 1] ?? 0, "variable");
  }

  /** Stretches before `end` where nothing was painted. */
  *gaps(end: number): Iterable<readonly [number, number]> {
    const limit = Math.min(end, this.text.length);
    for (let at = 0; at < limit; ) {
      if (this.#colours[at] !== 0) {
        at += 1;
        continue;
      }
      const from = at;
      while (at < limit && this.#colours[at] === 0) at += 1;
      yield [from, at];
    }
  }

  /** Stretches of one colour: start, end and the type's number. */
  *spans(): Iterable<readonly [number, number, number]> {
    const colours = this.#colours;
    for (let at = 0; at < colours.length; ) {
      const colour = colours[at] ?? 0;
      const from = at;
      while (at < colours.length && colours[at] === colour) at += 1;
      if (colour !== 0 && colour !== covered) yield [from, at, colour - 1];
    }
  }
}

const covered = 255;
/** Group 1 is what stands before the name. */
const name = /(\$\{?)[A-Za-z_]\w*/y;
