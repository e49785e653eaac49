import { readCmd } from "./cmd.ts";
import { type Body, type Core, noCommands } from "./core.ts";
import { grammarWanted, isPrepared } from "./grammar.ts";
import type { Dialect } from "./model.ts";
import { readPosix } from "./posix.ts";
import { readPowershell } from "./powershell.ts";

export interface Source {
  readonly text: string;
  readonly dialect: Dialect;
  /** Heredocs of the Dockerfile behind the first line, and where that line ends. */
  readonly bodies?: readonly Body[];
  readonly lineEnd?: number;
}

/** Most files have fewer scripts than this, and most servers fewer than ten files open. */
const maxEntries = 4000;
const maxCharacters = 4_000_000;

const known = new Map<string, Core>();
let characters = 0;

/** What is known of the text alone. The same text is read once; what was used least lately is forgotten first. */
export function analyse(source: Source): Core {
  const { dialect, text, bodies } = source;
  if (dialect === "unknown" || dialect === "exec" || text === "") return noCommands;
  if (dialect === "powershell" && !isPrepared("powershell")) return { ...noCommands, complete: false };
  const language = dialect === "bash" ? "sh" : dialect;
  const key = `${language}:${bodies ? bodies.map(({ operator, start }) => `${operator},${start}`).join(";") : ""}:${text}`;
  const found = known.get(key);
  if (found) {
    known.delete(key);
    known.set(key, found);
    return found;
  }
  const core = read(source);
  // What was read without the grammar is read again.
  if (!grammarWanted()) remember(key, core);
  return core;
}

function read({ dialect, text, bodies, lineEnd }: Source): Core {
  if (dialect === "cmd") return readCmd(text);
  return dialect === "powershell" ? readPowershell(text) : readPosix(text, bodies, lineEnd);
}

function remember(key: string, core: Core): void {
  if (key.length > maxCharacters / 2) return;
  known.set(key, core);
  characters += key.length;
  for (const oldest of known.keys()) {
    if (known.size <= maxEntries && characters <= maxCharacters) break;
    known.delete(oldest);
    characters -= oldest.length;
  }
}
