import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { readCsv, writeCsv } from "../../engine/base/csv.ts";
import { msg } from "../../engine/base/message.ts";
import { UsageError } from "./command.ts";
import { text } from "./text.ts";

export const outputFlags = {
  output: { type: "string", short: "o", multiple: true },
  push: { type: "boolean" },
  load: { type: "boolean" },
} as const;

export const outputUsage = "[-o FOLDER|-|type=…]… [--push] [--load]";

interface Flags {
  readonly output?: string[] | undefined;
  readonly push?: boolean | undefined;
  readonly load?: boolean | undefined;
}

export interface OpenedOutputs {
  /** For the engine: every path absolute. */
  readonly texts: readonly string[];
  /** Then nothing else may be written there. */
  readonly usesStdout: boolean;
  /** Resolves when standard output has everything. */
  written(): Promise<void>;
  close(): Promise<void>;
}

/** `-o`, `--push` and `--load`. What goes to standard output comes from the engine over a socket of ours. */
export async function openOutputs({ output = [], push, load }: Flags): Promise<OpenedOutputs> {
  const stdout = new StdoutSocket();
  const texts: string[] = [];
  for (const one of output) texts.push(await resolved(one, stdout));
  if (push) texts.push("type=registry");
  if (load) texts.push("type=docker");
  if (stdout.wanted && process.stdout.isTTY) {
    throw new UsageError(text(msg("a tar is not written to a terminal: add > and a file, or name one with dest=")));
  }
  return {
    texts,
    usesStdout: stdout.wanted,
    written: () => stdout.written,
    close: () => stdout.close(),
  };
}

async function resolved(output: string, stdout: StdoutSocket): Promise<string> {
  const fields = readCsv(output);
  // What cannot be read is the engine's to complain of.
  if (!fields) return output;
  const isPlain = fields.length === 1 && !output.includes("=");
  const parts = isPlain ? [output === "-" ? "type=tar" : "type=local", `dest=${output}`] : fields;
  const placed: string[] = [];
  for (const part of parts) {
    const dest = /^\s*dest=(.*)$/is.exec(part)?.[1];
    if (dest === undefined || dest === "") placed.push(part);
    else placed.push(`dest=${dest === "-" ? await stdout.open() : path.resolve(dest)}`);
  }
  return writeCsv(placed);
}

class StdoutSocket {
  wanted = false;
  written: Promise<void> = Promise.resolve();
  #folder: string | undefined;
  #server: Server | undefined;

  /** The address that the engine writes to. */
  async open(): Promise<string> {
    if (this.wanted) throw new UsageError(text(msg("only one output can go to standard output")));
    this.wanted = true;
    this.#folder = await mkdtemp(path.join(tmpdir(), "drydock-"));
    const socket = path.join(this.#folder, "out");
    const server = createServer({ allowHalfOpen: false });
    this.#server = server;
    this.written = new Promise((resolve, reject) => {
      server.once("connection", (client) => {
        pipeline(client, process.stdout, { end: false }).then(resolve, reject);
      });
    });
    this.written.catch(() => undefined);
    await new Promise<void>((resolve, reject) => server.listen(socket, resolve).once("error", reject));
    return `unix:${socket}`;
  }

  async close(): Promise<void> {
    this.#server?.close();
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }
}
