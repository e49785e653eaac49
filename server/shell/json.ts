import type { Span } from "./core.ts";

/** A string in a JSON array: its value, and where each of its characters stands. */
export interface PlacedString extends Span {
  readonly value: string;
  /** One more than the value has characters: the last is the closing quote. */
  readonly places: readonly number[];
}

/** The strings of an array that is known to be valid JSON and to hold nothing but strings. */
export function readStrings(text: string, from: number): readonly PlacedString[] {
  const strings: PlacedString[] = [];
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at)) {
    const string = readString(text, at);
    strings.push(string);
    at = string.end;
  }
  return strings;
}

const escapes: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

function readString(text: string, start: number): PlacedString {
  const places: number[] = [];
  let value = "";
  let at = start + 1;
  while (at < text.length && text.charAt(at) !== '"') {
    places.push(at);
    if (text.charAt(at) !== "\\") value += text.charAt(at++);
    else if (text.charAt(at + 1) === "u") {
      value += String.fromCharCode(Number.parseInt(text.slice(at + 2, at + 6), 16));
      at += 6;
    } else {
      const char = text.charAt(at + 1);
      value += escapes[char] ?? char;
      at += 2;
    }
  }
  places.push(at);
  return { value, places, start, end: Math.min(at + 1, text.length) };
}
