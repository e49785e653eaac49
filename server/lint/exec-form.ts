import { msg } from "../../engine/base/message.ts";
import type { Command } from "../shell/model.ts";
import { replace } from "./fixes.ts";
import type { Fix } from "./rule.ts";
import { commandRange } from "./start-command.ts";
import type { InstructionView } from "./views.ts";

/** Writes CMD or ENTRYPOINT as a list, where that does the same without a shell. */
export function asList({ instruction, script }: InstructionView): Fix | undefined {
  const [command] = script.commands;
  const list = script.plain && command ? execForm(command) : undefined;
  return list === undefined
    ? undefined
    : { title: msg("Write it as a JSON list"), edits: [replace(commandRange(instruction), list)] };
}

/** The exec form of one command, when it does the same without a shell: `["node", "server.js"]`. */
export function execForm({ words, wrappers, assignments, redirects }: Command): string | undefined {
  if (wrappers.length > 0 || assignments.length > 0 || redirects.length > 0) return undefined;
  // `~` and braces are expanded by shells too.
  const isPlain = words.every(({ constant, quoted, raw }) => constant && (quoted || !/^~|[{}]/.test(raw)));
  return isPlain ? `[${words.map(({ text }) => JSON.stringify(text)).join(", ")}]` : undefined;
}
