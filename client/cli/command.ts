import { type ParseArgsConfig, parseArgs } from "node:util";
import { type Message, msg } from "../../engine/base/message.ts";
import { type Connection, connect } from "../engines/connection.ts";
import { ensureDaemon } from "../engines/daemon.ts";
import { text } from "./text.ts";

export interface Command {
  /** `usage: drydock …`; lines that go on begin below the first option. */
  readonly usage: string;
  /** Returns the exit code. */
  run(args: readonly string[]): Promise<number>;
}

/** What was typed cannot be understood: the usage is shown, or where it is, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** By its name: commands that are programs of their own have a class of their own. */
export function isUsageError(error: unknown): error is UsageError {
  return error instanceof Error && error.name === "UsageError";
}

/** node:util's parser, with its complaints as UsageError. */
export function parse<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(text(complaint(error as NodeJS.ErrnoException)));
  }
}

/** Node's words are English and longer than the usage line below them. What is quoted in them is what was typed. */
function complaint({ code, message }: NodeJS.ErrnoException): Message {
  const typed = /'(.*?)(?: <value>)?'/.exec(message)?.[1] ?? "";
  switch (code) {
    case "ERR_PARSE_ARGS_UNKNOWN_OPTION":
      return msg("there is no option {option}", { option: typed });
    case "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL":
      return msg("{argument} is one argument too many", { argument: typed });
    case "ERR_PARSE_ARGS_INVALID_OPTION_VALUE":
      return message.includes("does not take")
        ? msg("{option} takes no value", { option: typed })
        : msg("{option} needs a value", { option: typed });
    default:
      return msg("{text}", { text: message });
  }
}

/** The socket of the running engine, started when there is none. */
export async function engineSocket(): Promise<string> {
  return (await ensureDaemon(__dirname)).socket;
}

/** The running engine, started when there is none. The bundles lie beside each other. */
export async function engineConnection(): Promise<Connection> {
  return connect(await engineSocket());
}
