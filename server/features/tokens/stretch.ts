import type { Token } from "./token.ts";

/** Colours of lines that belong together, a stage's or those above all stages, as the protocol writes them. */
export interface Stretch {
  /** Of the first and the last token, counted from the stretch's first line. */
  readonly firstLine: number;
  readonly lastLine: number;
  /** All numbers but the first, which says how far below the token before the first one stands: that depends on the place. */
  readonly json: string;
  /** With the first. */
  readonly count: number;
}

/** Numbers of a token in a list that is kept: line, start, length, type, modifiers. Objects would take twice the room. */
const size = 5;

export function flat(tokens: readonly Token[]): readonly number[] {
  const numbers: number[] = new Array(tokens.length * size);
  let at = 0;
  for (const { line, start, length, type, modifiers } of tokens) {
    numbers[at++] = line;
    numbers[at++] = start;
    numbers[at++] = length;
    numbers[at++] = type;
    numbers[at++] = modifiers;
  }
  return numbers;
}

/** Takes tokens in file order and writes them down. They may not overlap: the first one wins. */
export class Encoder {
  #json = "";
  #count = 0;
  #first = 0;
  #line = 0;
  #start = 0;
  #end = 0;

  finish(): Stretch {
    return { firstLine: this.#first, lastLine: this.#line, json: flattened(this.#json), count: this.#count };
  }

  token({ line, start, length, type, modifiers }: Token): void {
    this.#add(line, start, length, type, modifiers);
  }

  /** An instruction's own tokens, from line `top` on. `known` lie on top of them; the first one behind the instruction is returned. */
  merge(own: readonly number[], top: number, known: readonly Token[], from: number): number {
    let next = from;
    for (let at = 0; at < own.length; at += size) {
      const line = (own[at] ?? 0) + top;
      let start = own[at + 1] ?? 0;
      const end = start + (own[at + 2] ?? 0);
      const type = own[at + 3] ?? 0;
      const modifiers = own[at + 4] ?? 0;
      for (let over = known[next]; over && startsBefore(over, line, end); over = known[++next]) {
        if (over.line === line && over.start > start) this.#add(line, start, over.start - start, type, modifiers);
        this.token(over);
        if (over.line === line) start = Math.max(start, over.start + over.length);
      }
      if (start < end) this.#add(line, start, end - start, type, modifiers);
    }
    return next;
  }

  #add(line: number, start: number, length: number, type: number, modifiers: number): void {
    const isFirst = this.#count === 0;
    const down = line - this.#line;
    if (!isFirst && (down < 0 || (down === 0 && start < this.#end))) return;
    if (isFirst) this.#first = line;
    const across = down === 0 && !isFirst ? start - this.#start : start;
    this.#json += `${isFirst ? "" : `,${down},`}${across},${length},${type},${modifiers}`;
    this.#count += size;
    this.#line = line;
    this.#start = start;
    this.#end = start + length;
  }
}

function startsBefore(over: Token, line: number, end: number): boolean {
  return over.line < line || (over.line === line && over.start < end);
}

/** A text that was put together piece by piece keeps all the pieces until something reads it. */
function flattened(text: string): string {
  text.charCodeAt(0);
  return text;
}
