import type { Instruction, MappedText } from "../../engine/analysis.ts";
import type { Heredoc } from "../../engine/dockerfile/model.ts";
import { dialectOf, inlineScript, interpreterOf, isPosix, shebangOf } from "../shell/dialect.ts";
import { readStrings } from "../shell/json.ts";
import type { Dialect } from "../shell/model.ts";

/** A text in which a shell puts variables in. */
export interface ShellText extends MappedText {
  readonly dialect: Dialect;
  /** False for the body of a heredoc that is a command's input. */
  readonly isScript: boolean;
}

export interface Shell {
  readonly words: readonly string[];
  readonly isDefault: boolean;
}

const nothing: readonly never[] = [];

/** The shell's texts of RUN, CMD, ENTRYPOINT and HEALTHCHECK, in file order. A shell that nobody knows is read like sh. */
export function shellTextsOf(instruction: Instruction, dialect: Dialect): readonly ShellText[] {
  const { keyword, rest, json, heredocs } = instruction;
  if (keyword !== "RUN" && keyword !== "CMD" && keyword !== "ENTRYPOINT" && keyword !== "HEALTHCHECK") return nothing;
  const from = keyword === "HEALTHCHECK" ? /^CMD(?:\s+|$)/i.exec(rest.text)?.[0].length : 0;
  if (from === undefined) return nothing;
  if (json) return inlineTexts(rest, from);
  const line = scriptText(from === 0 ? rest.text : rest.text.slice(from), dialect, (start, end) =>
    rest.rangeOf(start + from, end + from),
  );
  if (keyword !== "RUN" || heredocs.length === 0) return [line];
  const [only] = heredocs;
  if (only && heredocs.length === 1 && /^<<-?\s*\S+\s*$/.test(rest.text)) return bodyTexts(only, dialect, true);
  const isRead = /^\s*(?:\S*\/)?(?:ba|da|a|z|k)?sh\b/.test(rest.text);
  return [line, ...heredocs.flatMap((heredoc) => bodyTexts(heredoc, dialect, isRead))];
}

/** The dialect of SHELL's words; with the escape character of Windows and no SHELL it is that of cmd. */
export function dialectIn({ words, isDefault }: Shell, escapeCharacter: "\\" | "`"): Dialect {
  if (isDefault && escapeCharacter === "`") return "cmd";
  const dialect = known.get(words) ?? interpreterOf(words).dialect;
  known.set(words, dialect);
  return dialect;
}

/** Asked for every RUN of every version. */
const known = new WeakMap<readonly string[], Dialect>();

function scriptText(text: string, dialect: Dialect, rangeOf: MappedText["rangeOf"]): ShellText {
  return { text, dialect, isScript: true, rangeOf };
}

/** `["sh", "-c", "…"]`; any other array runs without a shell. */
function inlineTexts(rest: MappedText, from: number): readonly ShellText[] {
  const strings = readStrings(rest.text, from);
  const words = strings.map(({ value }) => value);
  const dialect = dialectOf(words[0] ?? "");
  const string = isPosix(dialect) ? strings[inlineScript(words)] : undefined;
  if (!string) return nothing;
  const { value, places, end } = string;
  const place = (offset: number) => places[Math.min(offset, value.length)] ?? end;
  return [scriptText(value, dialect, (start, stop) => rest.rangeOf(place(start), place(stop)))];
}

function bodyTexts({ body, content, expand }: Heredoc, dialect: Dialect, isScript: boolean): readonly ShellText[] {
  if (!isScript && !expand) return nothing;
  const own = isScript ? (shebangOf(content)?.dialect ?? dialect) : dialect;
  // Python and its like have variables of their own.
  if (own === "unknown" && shebangOf(content)) return nothing;
  return [{ text: body.text, dialect: own, isScript, rangeOf: (start, end) => body.rangeOf(start, end) }];
}
