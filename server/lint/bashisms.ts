import type { Command, Script } from "../shell/model.ts";
import { replace } from "./fixes.ts";
import type { TextEdit } from "./rule.ts";

/** What bash reads and Debian's sh does not, or reads otherwise. */
export interface Bashism {
  readonly start: number;
  readonly end: number;
  /** As written. */
  readonly what: string;
  /** What says the same in every shell. */
  readonly instead?: string;
}

/** In file order. Texts that other shells read, and texts of heredocs, are left out. */
export function bashismsIn(script: Script): readonly Bashism[] {
  const found = known.get(script) ?? read(script);
  known.set(script, found);
  return found;
}

/** By a script, which is the same object as long as its instruction does not change. */
const known = new WeakMap<Script, readonly Bashism[]>();

function read(script: Script): readonly Bashism[] {
  const found = script.commands.flatMap((command) => (command.nested ? [] : (ofCommand(command) ?? [])));
  // Quotes and heredocs in a script make a text search guess.
  const text = script.text.includes("<<") ? "" : withoutQuotes(script.text);
  for (const { pattern, instead } of signs) {
    for (const match of text.matchAll(pattern)) {
      const what = match[2] ?? "";
      const start = match.index + (match[1]?.length ?? 0);
      found.push({ start, end: start + what.length, what, ...(instead && { instead }) });
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

export function editOf({ rangeOf }: Pick<Script, "rangeOf">, { start, end, instead }: Bashism): TextEdit | undefined {
  return instead === undefined ? undefined : replace(rangeOf(start, end), instead);
}

const builtins = new Set(["pushd", "popd", "declare", "typeset", "shopt", "disown", "mapfile", "readarray", "let"]);

function ofCommand({ name, program, args, start }: Command): Bashism | undefined {
  const { length } = program.raw;
  const own = { start, end: start + length, what: name };
  if (name === "source") {
    // `.` looks for a name without a folder on PATH.
    const isPath = args[0]?.raw.includes("/") || args[0]?.raw.startsWith("~");
    return { ...own, ...(isPath && args.length === 1 && { instead: "." }) };
  }
  if (builtins.has(name)) return own;
  const [flag] = args;
  return name === "echo" && flag && /^-\w*e/.test(flag.text) && /^-[neE]+$/.test(flag.text)
    ? { start: flag.start, end: flag.end, what: `echo ${flag.text}` }
    : undefined;
}

/** The sign is the second group; the first is what has to stand before it. */
const signs: readonly { readonly pattern: RegExp; readonly instead?: string }[] = [
  { pattern: /((?:^|[\s;&|(!])\[\s[^\]\n;&|]{0,200}?\s)(==)(?=\s[^\]\n;&|]{0,200}\])/g, instead: "=" },
  { pattern: /(^|[\s;&|(!])(\[\[)(?=\s)/g },
  { pattern: /(^|[^&\d])(&>>?)(?=[\s\w/])/g },
  { pattern: /(\s)(<\()/g },
  { pattern: /(^|[;&|\n]\s*)(function)(?=\s+\w)/g },
  { pattern: /([\w/])(\{[\w.]*,[\w.,]*\})/g },
  { pattern: /(\s)(\{\w+\.\.\w+\})/g },
];

/** What stands in quotes, behind a backslash or in a comment is blanked out; places stay. */
function withoutQuotes(text: string): string {
  return text.replace(/\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|(?<=^|\s)#[^\n]*/g, (quoted) =>
    "_".repeat(quoted.length),
  );
}
