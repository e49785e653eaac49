import type { Body, Core, CoreCommand } from "./core.ts";
import { setOptions } from "./dialect.ts";
import { parseTree } from "./grammar.ts";
import { plainCommands } from "./posix-plain.ts";
import { PosixReader } from "./posix-reader.ts";
import { isSimple } from "./posix-tree.ts";

/** The commands of POSIX or bash text. `bodies` are heredocs that stand behind the line that opens them. */
export function readPosix(text: string, bodies: readonly Body[] = [], lineEnd = text.length): Core {
  return (bodies.length === 0 ? readPlain(text) : undefined) ?? readGrammar(text, bodies, lineEnd);
}

function readPlain(text: string): Core | undefined {
  const read = plainCommands(text);
  if (!read) return undefined;
  const { commands } = read;
  const [only] = commands;
  const simple = commands.length === 1;
  return {
    ...read,
    comments: [],
    complete: true,
    simple,
    plain: simple && only !== undefined && isPlain(only),
    options: leadingOptions(commands),
  };
}

/** The same from the grammar, for any text. */
export function readGrammar(text: string, bodies: readonly Body[] = [], lineEnd = text.length): Core {
  const reader = new PosixReader(text, (offset) => offset, "top", 0, bodies);
  const root = parseTree("bash", bodies.length > 0 ? masked(text.slice(0, lineEnd), bodies) : text);
  reader.read(root);
  const commands = reader.commands.sort((a, b) => a.wholeStart - b.wholeStart);
  const simple = commands.length === 1 && isSimple(root) && reader.complete;
  const [only] = commands;
  return {
    commands,
    pipelines: reader.pipelines,
    comments: reader.comments,
    complete: reader.complete,
    simple,
    plain: simple && only !== undefined && isPlain(only) && reader.comments.length === 0,
    options: leadingOptions(commands),
  };
}

/** `<<EOF` becomes `< EOF`, which keeps every offset: the grammar reads several heredocs, and words after them, as plain redirects. */
function masked(text: string, bodies: readonly Body[]): string {
  let line = text;
  for (const { operator } of bodies) {
    const length = line.startsWith("<<-", operator) ? 3 : 2;
    line = line.slice(0, operator) + "<".padEnd(length) + line.slice(operator + length);
  }
  return line;
}

const builtins = new Set(
  ". : [ alias break cd continue eval exit export local read readonly return set shift source trap typeset declare ulimit umask unalias unset wait".split(
    " ",
  ),
);

function isPlain({ name, words, wrappers, assignments, redirects, after }: CoreCommand): boolean {
  const bare = wrappers.length === 0 && assignments.length === 0 && redirects.length === 0 && after !== "&";
  return bare && words.every((word) => word.constant) && !builtins.has(name);
}

/** `set -e` and its like that stand before everything else. */
function leadingOptions(commands: readonly CoreCommand[]): ReadonlySet<string> {
  const options = new Set<string>();
  for (const { name, words, context, after } of commands) {
    if (name !== "set" || context !== "top" || after === "|") break;
    for (const option of setOptions(words.slice(1).map((word) => word.text))) options.add(option);
  }
  return options;
}
