import type { Instruction } from "./model.ts";
import type { Span } from "./words.ts";

/** `name=value` of ENV, LABEL and ARG; places are offsets in `instruction.rest.text`. */
export interface Pair {
  /** As written: quotes and variables left in. */
  readonly name: string;
  readonly nameSpan: Span;
  /** `undefined`: no `=` (ARG only). */
  readonly value?: string;
  readonly valueSpan?: Span;
}

export interface Pairs {
  readonly pairs: readonly Pair[];
  /** `ENV name rest of the line`: the form without `=`. */
  readonly legacy: boolean;
}

/** Reads ENV and LABEL, with their old form, and ARG. Words without `=` are left out for ENV and LABEL. */
export function readPairs(instruction: Instruction): Pairs {
  const { keyword, words, rest } = instruction;
  const first = words[0];
  if (first === undefined) return { pairs: [], legacy: false };
  // The first word alone decides between the two forms.
  if (keyword !== "ARG" && !first.text.includes("=")) {
    const match = /^([^\t\v\f\r ]+)([\t\v\f\r ]+)/.exec(rest.text);
    if (match === null) return { pairs: [], legacy: true };
    const [whole, name = ""] = match;
    const value = rest.text.slice(whole.length);
    const pair: Pair = {
      name,
      nameSpan: { start: 0, end: name.length },
      value,
      valueSpan: { start: whole.length, end: rest.text.length },
    };
    return { pairs: [pair], legacy: true };
  }
  const pairs: Pair[] = [];
  for (const word of words) {
    const equals = word.text.indexOf("=");
    const end = word.offset + word.text.length;
    if (equals >= 0) {
      pairs.push({
        name: word.text.slice(0, equals),
        nameSpan: { start: word.offset, end: word.offset + equals },
        value: word.text.slice(equals + 1),
        valueSpan: { start: word.offset + equals + 1, end },
      });
    } else if (keyword === "ARG") {
      pairs.push({ name: word.text, nameSpan: { start: word.offset, end } });
    }
  }
  return { pairs, legacy: false };
}
