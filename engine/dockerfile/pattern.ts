/** A shell pattern of `${name#pattern}` and its kin: `*`, `?`, literal characters; brackets are literal. */
export type Pattern = readonly Token[];

type Token = { readonly kind: "star" } | { readonly kind: "any" } | { readonly kind: "char"; readonly char: string };

/** `undefined` when a backslash stands before a character that needs none; `\}` and `\/` only protect from the `${}`. */
export function readPattern(text: string): Pattern | undefined {
  const tokens: Token[] = [];
  const chars = [...text];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? "";
    if (char === "*") {
      if (tokens.at(-1)?.kind !== "star") tokens.push({ kind: "star" });
    } else if (char === "?") tokens.push({ kind: "any" });
    else if (char === "\\") {
      const next = chars[at + 1];
      if (next === "}" || next === "/") continue;
      if (next !== "*" && next !== "?" && next !== "\\") return undefined;
      tokens.push({ kind: "char", char: next });
      at++;
    } else tokens.push({ kind: "char", char });
  }
  return tokens;
}

export function trimStart(value: string, pattern: Pattern, longest: boolean): string {
  const chars = [...value];
  const end = matchEnds(chars, pattern, longest)[0] ?? -1;
  return end < 0 ? value : chars.slice(end).join("");
}

export function trimEnd(value: string, pattern: Pattern, longest: boolean): string {
  const chars = [...value].reverse();
  const end = matchEnds(chars, pattern.toReversed(), longest)[0] ?? -1;
  return end < 0 ? value : chars.slice(end).reverse().join("");
}

/** Replaces the first or every match, leftmost and longest. */
export function replace(value: string, pattern: Pattern, replacement: string, all: boolean): string {
  const chars = [...value];
  const ends = matchEnds(chars, pattern, true);
  const out: string[] = [];
  let at = 0;
  let afterMatch = -1;
  while (at <= chars.length) {
    const end = ends[at] ?? -1;
    // An empty match directly behind another match does not count, as in Go's regexp.
    if (end < 0 || (end === at && at === afterMatch)) {
      out.push(chars[at] ?? "");
      at++;
      continue;
    }
    out.push(replacement);
    if (!all) return out.join("") + chars.slice(end).join("");
    if (end === at) out.push(chars[at++] ?? "");
    else at = afterMatch = end;
  }
  return out.join("");
}

/**
 * For each start the end of its longest or shortest match, -1 for none. A table over (token, position), because
 * patterns come from untrusted files and a backtracking matcher can be made to run for hours.
 */
function matchEnds(chars: readonly string[], pattern: Pattern, longest: boolean): Int32Array {
  const size = chars.length + 1;
  let next = Int32Array.from({ length: size }, (_, at) => at);
  for (let index = pattern.length - 1; index >= 0; index--) {
    const token = pattern[index];
    const ends = new Int32Array(size).fill(-1);
    for (let at = size - 1; at >= 0; at--) {
      const char = chars[at];
      const canStep = char !== undefined && (token?.kind === "char" ? char === token.char : char !== "\n");
      if (token?.kind === "star") {
        const stay = next[at] ?? -1;
        const step = canStep ? (ends[at + 1] ?? -1) : -1;
        ends[at] = longest ? Math.max(stay, step) : stay >= 0 ? stay : step;
      } else if (canStep) ends[at] = next[at + 1] ?? -1;
    }
    next = ends;
  }
  return next;
}
