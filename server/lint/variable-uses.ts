import type { Range } from "../../engine/base/ranges.ts";
import type { Instruction } from "../../engine/dockerfile/model.ts";
import type { Script } from "../shell/model.ts";

const nothing: readonly string[] = [];
const known = new WeakMap<object, readonly string[]>();

/** Names that stand behind a `$` in an instruction, whatever reads it. Read once for an instruction's text. */
export function usedNames({ content, rest, heredocs, flags }: Instruction): readonly string[] {
  const found = known.get(content);
  if (found) return found;
  const texts = [rest.text, ...heredocs.map((heredoc) => heredoc.content), ...flags.map(({ value }) => value ?? "")];
  const names = new Set(texts.flatMap((text) => text.match(/(?<=\$\{?)[A-Za-z_]\w*/g) ?? nothing));
  const list = names.size === 0 ? nothing : [...names];
  known.set(content, list);
  return list;
}

/** Where a shell puts in a variable that the script itself does not set: `$NAME`, `${NAME}`, without a default. */
export function shellUses({ text, dialect, rangeOf }: Script, name: string): readonly Range[] {
  if ((dialect !== "sh" && dialect !== "bash") || isSetIn(text, name)) return [];
  const ranges: Range[] = [];
  // What is escaped or stands in single quotes is passed over; double quotes do not hide a variable.
  const pattern = /\\[\s\S]|"(?:\\[\s\S]|[^"\\])*"|'[^']*'|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:\}|[#%/:]))/g;
  const search = (part: string, offset: number) => {
    for (const match of part.matchAll(pattern)) {
      const [whole, plain, braced] = match;
      const start = offset + match.index;
      if (whole.startsWith('"')) search(`${whole.slice(1, -1).replaceAll("'", " ")}`, start + 1);
      else if ((plain ?? braced) === name && isBare(whole, part, match.index)) {
        const end = part.indexOf("}", match.index);
        ranges.push(rangeOf(start, braced === undefined ? start + whole.length : offset + end + 1));
      }
    }
  };
  search(text, 0);
  return ranges;
}

/** `${NAME:-…}` has an answer for an empty variable; `${NAME:1}` has none. */
function isBare(whole: string, text: string, at: number): boolean {
  return !whole.endsWith(":") || !/^[-+?=]/.test(text.slice(at + whole.length));
}

/** The script gives the variable a value of its own. */
export function isSetIn(text: string, name: string): boolean {
  return new RegExp(`(?:^|[\\s;&|(])${name}\\+?=|\\b(?:for|read(?:\\s+-\\w+)*|select|local)\\s+${name}\\b`).test(text);
}
