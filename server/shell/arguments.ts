import type { Command, ShellWord } from "./model.ts";

export interface FlagForm {
  /** Flags whose value is the next word when it is not written with `=`: `["-t", "--target-release"]`. */
  readonly valued?: readonly string[];
}

export interface CommandFlag {
  /** As written, with its dashes and without its value: `--no-cache`, `-y`. Of `-yq` there are two: `-y` and `-q`. */
  readonly name: string;
  readonly value?: string;
  /** The word that it stands in; its value may be the next one. */
  readonly word: ShellWord;
}

export interface Arguments {
  readonly flags: readonly CommandFlag[];
  /** What is neither a flag nor a flag's value; after `--` everything is. */
  readonly operands: readonly ShellWord[];
}

/**
 * Tells a command's flags from its operands. Without a list a flag takes no value: `-t stable` is then a flag and an
 * operand. A short flag with a value takes the rest of its word: `-tstable`, `-ostdout`.
 */
export function flagsOf(command: Pick<Command, "args">, { valued = [] }: FlagForm = {}): Arguments {
  const flags: CommandFlag[] = [];
  const operands: ShellWord[] = [];
  const { args } = command;
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] as ShellWord;
    const { text } = word;
    if (text === "--") {
      operands.push(...args.slice(at + 1));
      break;
    }
    if (text === "-" || !text.startsWith("-")) {
      operands.push(word);
      continue;
    }
    const next = args[at + 1]?.text;
    const found = readFlag(text, valued);
    for (const { name, value } of found.flags) flags.push({ name, word, ...(value !== undefined && { value }) });
    if (!found.wantsValue || next === undefined) continue;
    const last = flags.pop() as CommandFlag;
    flags.push({ ...last, value: next });
    at += 1;
  }
  return { flags, operands };
}

interface FoundFlags {
  readonly flags: readonly { readonly name: string; readonly value?: string }[];
  /** The last one's value is the next word. */
  readonly wantsValue: boolean;
}

function readFlag(text: string, valued: readonly string[]): FoundFlags {
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : text.slice(0, equals);
  const value = equals < 0 ? undefined : text.slice(equals + 1);
  if (text.startsWith("--") || name.length === 2 || valued.includes(name)) {
    const known = value === undefined ? { name } : { name, value };
    return { flags: [known], wantsValue: value === undefined && valued.includes(name) };
  }
  const flags: { name: string; value?: string }[] = [];
  for (let at = 1; at < text.length; at += 1) {
    const short = `-${text.charAt(at)}`;
    const rest = text.slice(at + 1);
    if (valued.includes(short)) {
      flags.push(rest === "" ? { name: short } : { name: short, value: rest.replace(/^=/, "") });
      return { flags, wantsValue: rest === "" };
    }
    if (rest.startsWith("=")) {
      flags.push({ name: short, value: rest.slice(1) });
      break;
    }
    flags.push({ name: short });
  }
  return { flags, wantsValue: false };
}

/** Is one of these given, alone (`--yes`, `--yes=true`) or among combined short flags (`-y` in `-yq`)? What follows `--` does not count. */
export function hasFlag(command: Pick<Command, "args">, ...names: readonly string[]): boolean {
  for (const { text } of command.args) {
    if (text === "--") return false;
    if (!text.startsWith("-")) continue;
    const equals = text.indexOf("=");
    const name = equals < 0 ? text : text.slice(0, equals);
    if (names.includes(name)) return true;
    if (name.startsWith("--")) continue;
    for (const letter of name.slice(1)) if (names.includes(`-${letter}`)) return true;
  }
  return false;
}

/** The first operand, `install` of `apt-get -y install curl`; name the flags whose value may stand before it. */
export function subcommand(command: Pick<Command, "args">, form: FlagForm = {}): ShellWord | undefined {
  return flagsOf(command, form).operands[0];
}
