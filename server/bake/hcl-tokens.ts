/** The words of an HCL text, offsets into it. Comments are left out, and nothing is refused. */
export interface HclToken {
  readonly kind: "name" | "text" | "sign" | "line";
  /** Of a text: what stands between the quotes, escapes undone. */
  readonly value: string;
  /** Of a text: between the quotes. */
  readonly start: number;
  readonly end: number;
}

const pattern =
  /[ \t\r]+|(?:#|\/\/)[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|(\n)|<<-?([A-Za-z_][\w-]*)[^\n]*\n[\s\S]*?(?:\n[ \t]*\2(?![\w-])|$)|([A-Za-z_][\w-]*)|(")|[\s\S]/gy;

export function hclTokens(text: string): readonly HclToken[] {
  const tokens: HclToken[] = [];
  pattern.lastIndex = 0;
  for (let at = 0; at < text.length; ) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) break;
    const [whole, line, heredoc, name, quote] = match;
    const end = at + whole.length;
    if (quote) {
      const close = endOfText(text, end);
      tokens.push({ kind: "text", value: unescaped(text.slice(end, close)), start: end, end: close });
      at = close + 1;
      continue;
    }
    if (line) tokens.push({ kind: "line", value: line, start: at, end });
    else if (name) tokens.push({ kind: "name", value: name, start: at, end });
    else if (heredoc) tokens.push({ kind: "sign", value: "<<", start: at, end });
    else if (!/^(?:[ \t\r]|#|\/\/|\/\*)/.test(whole)) tokens.push({ kind: "sign", value: whole, start: at, end });
    at = end;
  }
  return tokens;
}

/** The closing quote, or the end of the line: in `${…}` other texts may stand. */
function endOfText(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (char === "\n") return at;
    if (char === "\\") at += 1;
    else if (char === "{" && (depth > 0 || text[at - 1] === "$")) depth += 1;
    else if (char === "}" && depth > 0) depth -= 1;
    else if (char === '"' && depth === 0) return at;
  }
  return text.length;
}

function unescaped(text: string): string {
  return text.replace(/\\(["\\])/g, "$1");
}
