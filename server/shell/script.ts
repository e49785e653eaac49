import type { Range } from "../../engine/base/ranges.ts";
import type { Heredoc, Instruction } from "../../engine/dockerfile/model.ts";
import { analyse } from "./analyse.ts";
import { type Core, type CoreWord, noCommands } from "./core.ts";
import {
  baseName,
  dialectOf,
  type Interpreter,
  inlineScript,
  interpreterOf,
  setOptions,
  shebangOf,
} from "./dialect.ts";
import { locateIn } from "./heredocs.ts";
import { type PlacedString, readStrings } from "./json.ts";
import type { Script } from "./model.ts";
import { type Locate, PlacedScript } from "./placed.ts";
import { unwrap } from "./wrappers.ts";

export interface ScriptContext {
  /** SHELL in effect; `isDefault`: nobody set it. */
  readonly shell: { readonly words: readonly string[]; readonly isDefault: boolean };
  readonly escape: "\\" | "`";
  /** The Dockerfile. */
  readonly text: string;
}

/** More than anybody writes; each is looked for among the words. */
const heredocLimit = 64;

const shellForms = new Set(["RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"]);

/** The script of an instruction; of one that has none, an empty script. `prepareShell()` must have resolved before. */
export function scriptOf(instruction: Instruction, context: ScriptContext): Script {
  if (!shellForms.has(instruction.keyword)) return emptyScript(instruction);
  const from = commandStart(instruction);
  if (from === undefined) return emptyScript(instruction);
  if (instruction.json) return execScript(instruction, from);
  const shell = shellOf(context);
  if (instruction.keyword === "RUN" && instruction.heredocs.length > 0)
    return heredocScript(instruction, shell, context);
  const { rest } = instruction;
  const text = from === 0 ? rest.text : rest.text.slice(from);
  const { dialect, options } = shell;
  const rangeOf: Locate = (start, end) => rest.rangeOf(start + from, end + from);
  return new PlacedScript(analyse({ text, dialect }), { dialect, text, rangeOf, options });
}

function emptyScript(instruction: Instruction): Script {
  const rangeOf: Locate = (start, end) => instruction.rest.rangeOf(start, end);
  return new PlacedScript(noCommands, { dialect: "unknown", text: "", rangeOf, options: [] });
}

/** HEALTHCHECK has its command behind CMD, or NONE. */
function commandStart({ keyword, rest }: Instruction): number | undefined {
  return keyword === "HEALTHCHECK" ? /^CMD(?:\s+|$)/i.exec(rest.text)?.[0].length : 0;
}

/** With the escape character of Windows and no SHELL, the base image is a Windows one and its shell is cmd. */
function shellOf({ shell, escape: escapeCharacter }: ScriptContext): Interpreter {
  if (shell.isDefault && escapeCharacter === "`") return { dialect: "cmd", options: [] };
  return interpreterOf(shell.words);
}

function heredocScript(instruction: Instruction, shell: Interpreter, { text: file }: ScriptContext): Script {
  const { rest, heredocs, words } = instruction;
  const [first] = heredocs;
  const alone = /^<<-?$/.test(words[0]?.text ?? "") ? 2 : 1;
  if (first && heredocs.length === 1 && words.length === alone && samePlace(words[0]?.range, first.range)) {
    // The builder makes a file of a body with `#!` and runs it; any other body is the script of the shell.
    const { dialect, options } = shebangOf(first.content) ?? shell;
    const text = first.content;
    return new PlacedScript(analyse({ text, dialect }), { dialect, text, rangeOf: locateIn(first, file), options });
  }
  if (heredocs.length > heredocLimit) return emptyScript(instruction);
  // Anything else goes to the shell as it stands: the line, then the bodies.
  let text = rest.text;
  const parts: { start: number; end: number; rangeOf: Locate }[] = [];
  const bodies: { operator: number; start: number; end: number }[] = [];
  for (const heredoc of heredocs) {
    const start = text.length + 1;
    const end = start + heredoc.content.length;
    const word = words.find((candidate) => samePlace(candidate.range, heredoc.range));
    if (word) bodies.push({ operator: word.offset + (/^\d*/.exec(word.text)?.[0].length ?? 0), start, end });
    parts.push({ start, end, rangeOf: locateIn(heredoc, file) });
    text += `\n${heredoc.content}${heredoc.delimiter}`;
  }
  const rangeOf: Locate = (start, end) => {
    const part = parts.find((candidate) => start >= candidate.start && start <= candidate.end);
    return part ? part.rangeOf(start - part.start, Math.min(end, part.end) - part.start) : rest.rangeOf(start, end);
  };
  const { dialect, options } = shell;
  const core =
    bodies.length === heredocs.length ? analyse({ text, dialect, bodies, lineEnd: rest.text.length }) : noCommands;
  return new PlacedScript(core, { dialect, text, rangeOf, options });
}

function samePlace(a: Range | undefined, b: Heredoc["range"]): boolean {
  return a?.start.line === b.start.line && a.start.character === b.start.character;
}

function execScript(instruction: Instruction, from: number): Script {
  const { rest } = instruction;
  const strings = readStrings(rest.text, from);
  const texts = strings.map((string) => string.value);
  const program = texts[0] ?? "";
  const dialect = dialectOf(program);
  const posix = dialect === "sh" || dialect === "bash";
  const index = posix ? inlineScript(texts) : -1;
  const script = strings[index];
  if (script) {
    const options = setOptions(texts.slice(1, index));
    return inlinePlaced(script, { dialect, options }, rest.rangeOf.bind(rest));
  }
  const rangeOf: Locate = (start, end) => rest.rangeOf(start, end);
  return new PlacedScript(execCore(strings), { dialect: "exec", text: "", source: rest.text, rangeOf, options: [] });
}

function inlinePlaced(script: PlacedString, { dialect, options }: Interpreter, locate: Locate): Script {
  const { value: text, places } = script;
  const place = (offset: number) => places[Math.max(0, Math.min(offset, text.length))] ?? script.end;
  const rangeOf: Locate = (start, end) => locate(place(start), Math.max(place(start), place(end)));
  return new PlacedScript(analyse({ text, dialect }), { dialect, text, rangeOf, options, inJson: true });
}

/** One command without a shell: its words are what they are. */
function execCore(strings: readonly PlacedString[]): Core {
  const words: readonly CoreWord[] = strings.map(({ value, start, end }) => ({
    text: value,
    start,
    end,
    constant: true,
    quoted: true,
  }));
  const { wrappers, assignments, from } = unwrap(words);
  const [program, ...args] = words.slice(from);
  const first = words[0];
  if (!program || !first) return noCommands;
  const end = args.at(-1)?.end ?? program.end;
  const command = {
    name: baseName(program.text),
    words: [program, ...args] as const,
    wrappers,
    assignments,
    redirects: [],
    before: "",
    after: "",
    context: "top" as const,
    nested: false,
    start: program.start,
    end,
    wholeStart: first.start,
    wholeEnd: end,
  };
  return { ...noCommands, commands: [command], simple: true, plain: true };
}
