import type { Span } from "./words.ts";

/** What stands in a JSON array: strings, or the first thing that is not one. */
export type JsonArray =
  | { readonly kind: "strings"; readonly items: readonly JsonItem[] }
  | { readonly kind: "not-strings"; readonly item: Span };

export interface JsonItem extends Span {
  readonly value: string;
}

/**
 * Reads [from, …) of the text. `undefined` when that is no JSON array; then the builder reads it as words or as a shell
 * command.
 */
export function readJsonArray(text: string, from = 0): JsonArray | undefined {
  if (!text.startsWith("[", from)) return undefined;
  let values: unknown;
  try {
    values = JSON.parse(text.slice(from));
  } catch {
    return undefined;
  }
  if (!Array.isArray(values)) return undefined;
  const spans = itemSpans(text, from);
  const items: JsonItem[] = [];
  for (const [index, value] of values.entries()) {
    const span = spans[index] ?? { start: from, end: text.length };
    if (typeof value !== "string") return { kind: "not-strings", item: span };
    items.push({ ...span, value });
  }
  return { kind: "strings", items };
}

/** The places of the elements of an array that is known to be valid JSON. */
function itemSpans(text: string, from: number): Span[] {
  const spans: Span[] = [];
  let depth = 0;
  let start = -1;
  let end = from;
  for (let at = from; at < text.length; at++) {
    const char = text.charAt(at);
    if (/\s/.test(char)) continue;
    const closes = depth === 1 && (char === "]" || char === ",");
    if (closes && start >= 0) {
      spans.push({ start, end });
      start = -1;
    }
    if (depth >= 1 && !closes && start < 0) start = at;
    if (char === "[" || char === "{") depth++;
    else if (char === "]" || char === "}") depth--;
    else if (char === '"') {
      for (at++; text.charAt(at) !== '"'; at++) if (text.charAt(at) === "\\") at++;
    }
    end = at + 1;
  }
  return spans;
}
