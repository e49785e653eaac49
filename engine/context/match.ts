/**
 * Go's filepath.Match on `/`-separated names: `*` and `?` do not cross `/`, `[a-c]`, `[^x]`, `\c`. Matching takes time
 * proportional to pattern × name, whatever the pattern is: a regular expression would not give that.
 */
interface Glob {
  matches(name: string): boolean;
}

type Token =
  | { readonly kind: "star" }
  | { readonly kind: "any" }
  | { readonly kind: "char"; readonly char: string }
  | { readonly kind: "class"; readonly negated: boolean; readonly ranges: readonly (readonly [string, string])[] };

/** Undefined for a pattern that Go calls malformed: an open class, a backslash at the end. */
export function compileGlob(pattern: string): Glob | undefined {
  const tokens = tokenize([...pattern]);
  return tokens && { matches: (name) => run(tokens, [...name]) };
}

/** A pattern that matches this name with brackets: `app/[[]slug]` for `app/[slug]`. */
export function escapeBrackets(name: string): string {
  return name.replaceAll("[", "[[]");
}

/** Whether a name has anything to match in it; an escaped metacharacter does not count. */
export function hasWildcards(name: string): boolean {
  return /[*?[]/.test(name.replace(/\\./gs, ""));
}

/** A plain name as the pattern means it: without the backslashes. */
export function unescapeGlob(name: string): string {
  return name.replace(/\\(.)/gs, "$1");
}

function tokenize(chars: readonly string[]): Token[] | undefined {
  const tokens: Token[] = [];
  for (let index = 0; index < chars.length; index += 1) {
    const char = chars[index] ?? "";
    if (char === "*") {
      if (tokens.at(-1)?.kind !== "star") tokens.push({ kind: "star" });
    } else if (char === "?") {
      tokens.push({ kind: "any" });
    } else if (char === "\\") {
      index += 1;
      const escaped = chars[index];
      if (escaped === undefined) return undefined;
      tokens.push({ kind: "char", char: escaped });
    } else if (char === "[") {
      const found = readClass(chars, index + 1);
      if (!found) return undefined;
      tokens.push(found.token);
      index = found.end;
    } else {
      tokens.push({ kind: "char", char });
    }
  }
  return tokens;
}

/** `end` is the index of the closing bracket. */
function readClass(chars: readonly string[], start: number): { token: Token; end: number } | undefined {
  let index = start;
  const negated = chars[index] === "^";
  if (negated) index += 1;
  const ranges: [string, string][] = [];
  const readChar = (): string | undefined => {
    const char = chars[index];
    if (char === undefined || char === "-" || char === "]") return undefined;
    index += char === "\\" ? 2 : 1;
    return char === "\\" ? chars[index - 1] : char;
  };
  while (chars[index] !== "]" || ranges.length === 0) {
    const low = readChar();
    if (low === undefined) return undefined;
    let high: string | undefined = low;
    if (chars[index] === "-") {
      index += 1;
      high = readChar();
      if (high === undefined) return undefined;
    }
    ranges.push([low, high]);
  }
  return { token: { kind: "class", negated, ranges }, end: index };
}

function run(tokens: readonly Token[], name: readonly string[]): boolean {
  let token = 0;
  let at = 0;
  let starToken = -1;
  let starAt = 0;
  while (true) {
    const current = tokens[token];
    if (current?.kind === "star") {
      starToken = token;
      starAt = at;
      token += 1;
    } else if (current === undefined && at === name.length) {
      return true;
    } else if (current !== undefined && at < name.length && matchesOne(current, name[at] ?? "")) {
      token += 1;
      at += 1;
    } else {
      // Only the latest star can help: it takes one more character, but never a separator.
      if (starToken < 0 || starAt >= name.length || name[starAt] === "/") return false;
      starAt += 1;
      token = starToken + 1;
      at = starAt;
    }
  }
}

function matchesOne(token: Token, char: string): boolean {
  if (token.kind === "char") return token.char === char;
  if (token.kind === "any") return char !== "/";
  if (token.kind === "class") {
    const point = char.codePointAt(0) ?? 0;
    const inside = token.ranges.some(
      ([low, high]) => (low.codePointAt(0) ?? 0) <= point && point <= (high.codePointAt(0) ?? 0),
    );
    return inside !== token.negated;
  }
  return false;
}
