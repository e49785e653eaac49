/** A `$NAME` or `${NAME…}`; `start` is where the name begins. */
export interface VariableUse {
  readonly name: string;
  readonly start: number;
}

/** Variables in a text as a shell and the builder see them: not behind the escape character, not in single quotes. */
export function findVariables(text: string): readonly VariableUse[] {
  const found: VariableUse[] = [];
  let inDouble = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === "\\") at += 1;
    else if (char === '"') inDouble = !inDouble;
    else if (char === "'" && !inDouble) {
      const end = text.indexOf("'", at + 1);
      if (end > 0) at = end;
    } else if (char === "$") {
      const start = at + (text[at + 1] === "{" ? 2 : 1);
      const name = /^[A-Za-z_]\w*/.exec(text.slice(start, start + 200))?.[0];
      if (name) found.push({ name, start });
    }
  }
  return found;
}
