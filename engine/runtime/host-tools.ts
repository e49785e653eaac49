import { toolMissing } from "./errors.ts";
import { installCommand } from "./install-command.ts";
import type { ToolName } from "./tools.ts";
import type { HostFacts } from "./types.ts";

/** @throws EngineError `runtime-unavailable` */
export function need(facts: HostFacts, tool: ToolName): string {
  const found = facts.tools[tool];
  if (found === undefined) throw toolMissing(tool, installCommand([tool]));
  return found;
}

/** For sh. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A command for sh. */
export function words(argv: readonly string[]): string {
  return argv.map(quote).join(" ");
}
