import type { Range } from "../base/ranges.ts";
import { flagText } from "./flag-text.ts";
import type { Flag, MappedText } from "./model.ts";
import { partOf } from "./text.ts";

/** One part of `--mount=type=cache,target=/x,ro`. */
export interface MountField {
  /** Lower case, as the builder compares it. */
  readonly key: string;
  /** Absent when there is no `=`. */
  readonly value?: string;
  /** As written, without the quotes of its own. */
  readonly text: string;
  /** Of an empty field: the comma before it. */
  readonly range: Range;
  readonly keyRange: Range;
  /** Of the field when there is no `=`. */
  readonly valueRange: Range;
  /** `value` with places; empty when there is no `=`. */
  readonly mapped: MappedText;
}

export interface MountFields {
  /** Up to the mistake, if there is one. */
  readonly fields: readonly MountField[];
  /** A field whose quotes do not fit: the builder refuses the file. */
  readonly badQuotes?: Range;
}

export const mountTypes = ["bind", "cache", "tmpfs", "secret", "ssh"] as const;
export const sharingModes = ["shared", "private", "locked"] as const;

/** All keys, each with the one that means the same and is shown to people. */
export const mountKeys: Readonly<Record<string, string>> = {
  type: "type",
  from: "from",
  source: "source",
  src: "source",
  target: "target",
  dst: "target",
  destination: "target",
  readonly: "readonly",
  ro: "readonly",
  readwrite: "readwrite",
  rw: "readwrite",
  id: "id",
  sharing: "sharing",
  required: "required",
  size: "size",
  mode: "mode",
  uid: "uid",
  gid: "gid",
  env: "env",
};

/**
 * The fields of a `--mount`, which are comma-separated values: a field that begins with a quote may hold commas, and `""` in
 * it is a quote. The flag's own quotes are gone by then, so those that are left were written escaped or in other quotes.
 */
export function readMountFields(flag: Flag): MountFields {
  const whole = flagText(flag);
  const { text: value } = whole;
  const fields: MountField[] = [];
  for (let at = 0; ; at++) {
    const start = at;
    const isQuoted = value[at] === '"';
    if (isQuoted) at = endOfQuoted(value, at);
    else while (at < value.length && value[at] !== ",") at++;
    const written = value.slice(start, at);
    const isComplete = at <= value.length && (at === value.length || value[at] === ",");
    if (!isComplete || (!isQuoted && written.includes('"'))) {
      return { fields, badQuotes: whole.rangeOf(start, Math.min(at, value.length)) };
    }
    const field = isQuoted ? quotedField(whole, start, at) : fieldOf(written, partOf(whole, start, at));
    fields.push(written === "" && start > 0 ? { ...field, range: whole.rangeOf(start - 1, start) } : field);
    if (at >= value.length) return { fields };
  }
}

/** Behind the closing quote; behind the text when there is none. */
function endOfQuoted(value: string, from: number): number {
  for (let at = from + 1; at < value.length; at++) {
    if (value[at] !== '"') continue;
    if (value[at + 1] !== '"') return at + 1;
    at++;
  }
  return value.length + 1;
}

function quotedField(whole: MappedText, start: number, end: number): MountField {
  const inside = partOf(whole, start + 1, end - 1);
  const text = inside.text.replaceAll('""', '"');
  // Places in a text with doubled quotes are those of the field.
  const range = whole.rangeOf(start, end);
  const mapped = text === inside.text ? inside : { text, rangeOf: () => range };
  return { ...fieldOf(text, mapped), range };
}

function fieldOf(text: string, mapped: MappedText): MountField {
  const equals = text.indexOf("=");
  const keyEnd = equals < 0 ? text.length : equals;
  const range = mapped.rangeOf(0, text.length);
  const valueStart = equals < 0 ? text.length : equals + 1;
  return {
    key: text.slice(0, keyEnd).toLowerCase(),
    ...(equals < 0 ? {} : { value: text.slice(valueStart) }),
    text,
    range,
    keyRange: mapped.rangeOf(0, keyEnd),
    valueRange: equals < 0 ? range : mapped.rangeOf(valueStart, text.length),
    mapped: partOf(mapped, valueStart, text.length),
  };
}
