import { createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import type { BuildRequest } from "../../engine/base/build-events.ts";
import { EngineError } from "../../engine/base/errors.ts";
import { msg } from "../../engine/base/message.ts";
import { UsageError } from "./command.ts";
import { text } from "./text.ts";

const address = /^(?:https?|git|ssh):\/\/|^[\w.-]+@[\w.-]+:/i;
const mostDockerfileBytes = 4 * 1024 * 1024;

interface Asked {
  readonly context: string;
  readonly file: string | undefined;
  /** `NAME=where` */
  readonly buildContexts: readonly string[];
}

type Parts = Pick<BuildRequest, "contextPath" | "dockerfile" | "dockerfileText" | "buildContexts">;

/** The words of the command line as parts of a request; `close` removes what standard input was kept in. */
export async function readContext(asked: Asked): Promise<{ readonly parts: Parts; close(): Promise<void> }> {
  const { context, file } = asked;
  if (context === "-" && file === "-") throw new UsageError(text(msg("only one of both can come from standard input")));
  const named = namedContexts(asked.buildContexts);
  const dockerfile = await dockerfileParts(context, file);
  if (context !== "-") {
    return {
      parts: { contextPath: await contextPath(context), ...dockerfile, ...named },
      close: async () => undefined,
    };
  }
  const folder = await mkdtemp(path.join(tmpdir(), "drydock-"));
  const close = () => rm(folder, { recursive: true, force: true });
  try {
    const kept = path.join(folder, "context");
    await pipeline(process.stdin, createWriteStream(kept, { mode: 0o600 }));
    return { parts: { contextPath: kept, ...dockerfile, ...named }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function contextPath(context: string): Promise<string> {
  if (address.test(context)) return context;
  const resolved = path.resolve(context);
  if (await stat(resolved).catch(() => undefined)) return resolved;
  throw new EngineError({
    code: "invalid-argument",
    message: msg("The context {path} does not exist.", { path: resolved }),
    hint: msg("Give the folder that holds the files of your app."),
  });
}

/** In a folder the Dockerfile may be anywhere on this machine; in all else it is inside. */
async function dockerfileParts(context: string, file: string | undefined): Promise<Partial<Parts>> {
  if (file === undefined) return {};
  if (file === "-") return { dockerfileText: await readAll() };
  const isInside = context === "-" || address.test(context) || (await stat(context).catch(() => undefined))?.isFile();
  return { dockerfile: isInside ? file : path.resolve(file) };
}

async function readAll(): Promise<string> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    total += chunk.length;
    if (total > mostDockerfileBytes) throw new UsageError(text(msg("what comes from standard input is no Dockerfile")));
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** `--build-context NAME=where`: every path absolute. */
export function namedContexts(given: readonly string[]): Pick<BuildRequest, "buildContexts"> {
  return given.length === 0 ? {} : { buildContexts: Object.fromEntries(given.map(namedContext)) };
}

function namedContext(argument: string): [string, string] {
  const at = argument.indexOf("=");
  if (at <= 0 || at === argument.length - 1) {
    throw new UsageError(text(msg("--build-context is written NAME=FOLDER, not {argument}", { argument })));
  }
  const where = argument.slice(at + 1);
  const layout = /^oci-layout:\/\/(?!\/)(.+)$/.exec(where)?.[1];
  if (layout !== undefined) return [argument.slice(0, at), `oci-layout://${path.resolve(layout)}`];
  const isPath = !address.test(where) && !/^(?:docker-image|oci-layout):\/\//.test(where);
  return [argument.slice(0, at), isPath ? path.resolve(where) : where];
}
