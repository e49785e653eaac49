import type { Command } from "../shell/model.ts";

/** The exec form of one command, when it does the same without a shell: `["node", "server.js"]`. */
export function execForm({ words, wrappers, assignments, redirects }: Command): string | undefined {
  if (wrappers.length > 0 || assignments.length > 0 || redirects.length > 0) return undefined;
  // `~` and braces are expanded by shells too.
  const isPlain = words.every(({ constant, quoted, raw }) => constant && (quoted || !/^~|[{}]/.test(raw)));
  return isPlain ? `[${words.map(({ text }) => JSON.stringify(text)).join(", ")}]` : undefined;
}
