import { parse } from "../../../engine/analysis.ts";
import type { Range } from "../../../engine/base/ranges.ts";
import type { Command, Script } from "../../../server/shell/model.ts";
import { scriptOf } from "../../../server/shell/script.ts";

/** Scripts of all instructions below the first line; `shell` is SHELL in effect. */
export function scriptsOf(text: string, shell?: readonly string[]): readonly Script[] {
  const dockerfile = parse(text);
  const context = {
    shell: { words: shell ?? ["/bin/sh", "-c"], isDefault: shell === undefined },
    escape: dockerfile.escape,
    text,
  };
  return dockerfile.instructions.slice(1).map((instruction) => scriptOf(instruction.trigger ?? instruction, context));
}

export function scriptIn(text: string, shell?: readonly string[]): Script {
  const [script] = scriptsOf(`FROM x\n${text}`, shell);
  if (!script) throw new Error("there is no instruction");
  return script;
}

/** The text of a place; a range over lines is their text with line ends. */
export function textOf(text: string, { start, end }: Range): string {
  const lines = text.split("\n");
  const picked = lines.slice(start.line, end.line + 1);
  picked[picked.length - 1] = (picked.at(-1) ?? "").slice(0, end.character);
  picked[0] = (picked[0] ?? "").slice(start.character);
  return picked.join("\n");
}

/** One line a command: operator before, context, words, operator after, then what else it has. */
export function show(script: Script): readonly string[] {
  return script.commands.map(showCommand);
}

function showCommand(command: Command): string {
  const words = command.words.map((word) => (word.constant ? word.text : `${word.text}~`)).join(" ");
  const parts = [
    command.before.replace("\n", "⏎"),
    `${command.context === "top" ? "" : `${command.context}:`}[${words}]`,
    command.after.replace("\n", "⏎"),
    ...command.wrappers.map((wrapper) => `wrapper:${wrapper.name}`),
    ...command.assignments.map(({ name, value }) => `${name}=${value}`),
    ...command.redirects.map(({ operator, target }) => `redirect:${operator}${target?.text ?? ""}`),
    command.nested ? "nested" : "",
  ];
  return parts.filter((part) => part !== "").join(" ");
}
