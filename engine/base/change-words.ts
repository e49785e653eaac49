import type { PartChange } from "./build-events.ts";
import { type Message, msg } from "./message.ts";

/** What is different about a step, in half a sentence: the first of several things, and how many more there are. */
export function wordsOfChanges(changes: readonly PartChange[] = []): Message | undefined {
  const [first, ...more] = changes;
  if (!first) return undefined;
  const change = wordsOfChange(first);
  return more.length === 0 ? change : msg("{change} (and {count} more)", { change, count: more.length });
}

function wordsOfChange(change: PartChange): Message {
  const { part, name = "" } = change;
  switch (part) {
    case "ARG":
    case "ENV":
      return valueChange(`${part} ${name}`, change);
    case "USER":
    case "WORKDIR":
    case "SHELL":
      return valueChange(part, change);
    case "option":
      return valueChange(name === "SOURCE_DATE_EPOCH" ? name : `--${name}`, change);
    case "order":
      return msg("Variables are set in another order");
    case "heredoc":
      return msg("The text between << and its end has changed");
    case "blanks":
      return msg("Blanks in the instruction have changed");
    case "source":
    case "destination":
    case "flag":
    case "words":
      return textChange(change);
  }
}

function valueChange(name: string, { from, to }: PartChange): Message {
  if (from !== undefined && to !== undefined)
    return msg("{name} changed from {from} to {to}", { name, from: shown(from), to: shown(to) });
  if (to !== undefined) return msg("{name} is set now, to {to}", { name, to: shown(to) });
  if (from !== undefined) return msg("{name} is not set any more; it was {from}", { name, from: shown(from) });
  return msg("{name} has another value", { name });
}

function textChange({ from, to }: PartChange): Message {
  if (from !== undefined && to !== undefined) return msg("“{from}” became “{to}”", { from, to });
  if (to !== undefined) return msg("“{to}” was added", { to });
  if (from !== undefined) return msg("“{from}” was taken away", { from });
  return msg("Its words have changed");
}

function shown(value: string): string {
  return value === "" ? "“”" : value;
}
