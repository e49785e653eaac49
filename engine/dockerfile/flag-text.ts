import type { Flag, MappedText } from "./model.ts";

/** The value of a flag, its quotes and escapes taken away, with the places of its characters. Empty without a value. */
export function flagText({ value = "", rawValue, valueRange, range }: Flag): MappedText {
  const whole = valueRange ?? range;
  if (rawValue === undefined) return { text: value, rangeOf: () => whole };
  const raw = rawValue.text;
  if (raw === value) return rawValue;
  const offsets: number[] = [];
  let quote = "";
  for (let at = 0; at < raw.length; at++) {
    const char = raw.charAt(at);
    if (char === quote) quote = "";
    else if (quote === "" && (char === "'" || char === '"')) quote = char;
    else if (char !== "\\") offsets.push(at);
    else if (at + 1 < raw.length) offsets.push(at++);
  }
  // A quote that was opened before the `=`.
  if (offsets.length !== value.length) return { text: value, rangeOf: () => whole };
  return {
    text: value,
    rangeOf: (start, end) => {
      const first = offsets[start] ?? raw.length;
      return rawValue.rangeOf(first, end > start ? (offsets[end - 1] ?? raw.length - 1) + 1 : first);
    },
  };
}
