import { type ParseArgsConfig, parseArgs } from "node:util";
import { type Connection, connect } from "../engines/connection.ts";
import { ensureDaemon } from "../engines/daemon.ts";

export interface Command {
  /** One line, `usage: drydock …`. */
  readonly usage: string;
  /** Returns the exit code. */
  run(args: readonly string[]): Promise<number>;
}

/** What was typed cannot be understood: the usage line is shown and the exit code is 2. */
export class UsageError extends Error {}

/** node:util's parser, with its complaints as UsageError. */
export function parse<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** The running engine, started when there is none. The bundles lie beside each other. */
export async function engineConnection(): Promise<Connection> {
  const { socket } = await ensureDaemon(__dirname);
  return connect(socket);
}
