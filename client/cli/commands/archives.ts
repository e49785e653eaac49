import { randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { EngineError, type ErrorBody } from "../../../engine/base/errors.ts";
import { msg } from "../../../engine/base/message.ts";
import { linesOf, send } from "../../engines/http.ts";
import { type Command, engineConnection, parse, UsageError } from "../command.ts";
import { text } from "../text.ts";

export const save: Command = {
  usage: "usage: drydock save [-o FILE] IMAGE…",
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { output: { type: "string", short: "o" } },
    });
    if (positionals.length === 0) throw new UsageError(text(msg("which image?")));
    if (values.output === undefined && process.stdout.isTTY) {
      throw new UsageError(text(msg("an archive is not written to a terminal: add -o and a file")));
    }
    const { transport } = await engineConnection();
    const query = new URLSearchParams(positionals.map((name): [string, string] => ["names", name]));
    const response = await send(transport, "GET", `/images/get?${query}`);
    if (values.output === undefined) await pipeline(response, process.stdout, { end: false });
    else await writeAside(path.resolve(values.output), response);
    return 0;
  },
};

export const load: Command = {
  usage: "usage: drydock load [-i FILE] [-q]",
  async run(args) {
    const { values } = parse({
      args: [...args],
      options: { input: { type: "string", short: "i" }, quiet: { type: "boolean", short: "q" } },
    });
    if (values.input === undefined && process.stdin.isTTY) {
      throw new UsageError(text(msg("name the archive with -i, or send it with < and a file")));
    }
    if (values.input !== undefined) await readable(values.input);
    const { transport } = await engineConnection();
    const source = values.input === undefined ? process.stdin : createReadStream(values.input);
    const response = await send(transport, "POST", "/images/load?quiet=1", source);
    for await (const line of linesOf<{ stream?: string; error?: string; drydock?: ErrorBody["drydock"] }>(response)) {
      if (line.error !== undefined) {
        throw new EngineError(line.drydock ?? { code: "internal", message: msg("{text}", { text: line.error }) });
      }
      if (line.stream && !values.quiet) process.stdout.write(line.stream);
    }
    return 0;
  },
};

async function readable(file: string): Promise<void> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => error.code ?? "");
  if (typeof found !== "string" && !found.isDirectory()) return;
  throw new EngineError({
    code: "invalid-argument",
    message: msg("the archive {file} cannot be read", { file }),
    hint: msg("Check the path; a folder has to be made a tar first."),
  });
}

/** The old file or the whole new one. What is no plain file (/dev/null, a pipe) is written to as it is. */
async function writeAside(file: string, source: NodeJS.ReadableStream): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  const direct = there !== undefined && !there.isFile() && !there.isDirectory();
  const aside = direct ? file : `${file}.${randomBytes(6).toString("hex")}`;
  try {
    await pipeline(source, createWriteStream(aside, { mode: 0o600 }));
    if (!direct) await rename(aside, file);
  } catch (error) {
    if (!direct) await rm(aside, { force: true });
    const reason = (error as NodeJS.ErrnoException).code;
    if (reason === undefined || (error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new EngineError({
      code: reason === "ENOSPC" ? "disk-full" : "forbidden",
      message: msg("the archive {file} cannot be written ({reason})", { file, reason }),
      hint: msg("Choose a place that you may write to. What was there before is unchanged."),
      cause: error,
    });
  }
}
