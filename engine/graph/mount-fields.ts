import type { Range } from "../base/ranges.ts";
import type { Flag, Problem } from "../dockerfile/model.ts";
import * as problem from "./problems.ts";

/** One part of `--mount=type=cache,target=/x,ro`. */
export interface MountField {
  /** Lower case. */
  readonly key: string;
  /** Absent when there is no `=`. */
  readonly value?: string;
  /** As written, without quotes. */
  readonly text: string;
  readonly range: Range;
  readonly valueRange: Range;
}

/**
 * The fields of a `--mount`, which are comma-separated values: one that begins with a quote may hold commas, and `""` in
 * it is a quote. The flag's own quotes are gone by then, so those that are left were written escaped or in other quotes.
 */
export function readMountFields(
  flag: Flag,
): { readonly fields: readonly MountField[] } | { readonly problem: Problem } {
  const value = flag.value ?? "";
  const placed = placesIn(flag);
  const fields: MountField[] = [];
  for (let at = 0; ; ) {
    const start = at;
    let text = "";
    const isQuoted = value[at] === '"';
    if (isQuoted) {
      for (at += 1; value[at] !== '"' || value[at + 1] === '"'; at += 1) {
        if (at >= value.length) return { problem: problem.mountQuotes(placed(start, value.length)) };
        if (value[at] === '"') at += 1;
        text += value[at];
      }
      at += 1;
    } else {
      while (at < value.length && value[at] !== ",") at += 1;
      text = value.slice(start, at);
    }
    const hasEnd = at >= value.length || value[at] === ",";
    if (!hasEnd || (!isQuoted && text.includes('"'))) return { problem: problem.mountQuotes(placed(start, at)) };
    const equals = text.indexOf("=");
    const range = placed(start, at);
    fields.push({
      key: (equals < 0 ? text : text.slice(0, equals)).toLowerCase(),
      ...(equals < 0 ? {} : { value: text.slice(equals + 1) }),
      text,
      range,
      valueRange: equals < 0 || isQuoted ? range : placed(start + equals + 1, at),
    });
    if (at >= value.length) return { fields };
    at += 1;
  }
}

/** What `from=` names; a name with a variable is none, because it would have to be known before anything is expanded. */
export function mountFrom(flag: Flag): { readonly name: string; readonly range: Range } | undefined {
  const read = readMountFields(flag);
  const field = "fields" in read ? read.fields.findLast(({ key }) => key === "from") : undefined;
  if (!field?.value || hasVariable(field.value) || isNumber(field.value)) return undefined;
  return { name: field.value, range: field.valueRange };
}

export function hasVariable(name: string): boolean {
  return /\$./.test(name);
}

/** Stages are not counted here, unlike in COPY --from. */
export function isNumber(name: string): boolean {
  return /^\d+$/.test(name);
}

/** Offsets of a flag's value, whose quotes and escapes are taken away, as places in the file. */
function placesIn({ value = "", rawValue, valueRange, range }: Flag): (start: number, end: number) => Range {
  if (rawValue === undefined) return () => valueRange ?? range;
  const raw = rawValue.text;
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
  if (offsets.length !== value.length) return () => rawValue.rangeOf(0, raw.length);
  return (start, end) => {
    const first = offsets[start] ?? raw.length;
    return rawValue.rangeOf(first, end > start ? (offsets[end] ?? raw.length) : first);
  };
}
