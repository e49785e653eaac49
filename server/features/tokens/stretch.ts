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

/** Numbers of a token: line, start, length, type, modifiers. */
const size = 5;

/** Tokens of one instruction, to be kept: as numbers they would take five times the room, as objects ten times. */
export function packed(tokens: readonly Token[]): string {
  return tokens.map((one) => `${one.line},${one.start},${one.length},${one.type},${one.modifiers}`).join(",");
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
  merge(tokens: string, top: number, known: readonly Token[], from: number): number {
    const own: number[] = JSON.parse(`[${tokens}]`);
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
