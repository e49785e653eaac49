import { type IncomingMessage, request } from "node:http";
import { Readable } from "node:stream";
import { EngineError, type ErrorBody } from "../../engine/base/errors.ts";
import { msg } from "../../engine/base/message.ts";
import type { Transport } from "./transport.ts";

/** A unix socket's path, or an opened way to another engine. */
export type Way = string | Pick<Transport, "request">;

/** Sends a request, with JSON, bytes or a stream; an answer above 299 becomes the EngineError that its body describes. */
export function send(
  way: Way,
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
  moreHeaders: Readonly<Record<string, string>> = {},
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const stream = body instanceof Readable ? body : undefined;
    const bytes = body instanceof Uint8Array ? body : undefined;
    const payload = body === undefined || stream ? undefined : (bytes ?? JSON.stringify(body));
    const type = bytes ? "application/octet-stream" : "application/json";
    const headers = payload
      ? { "content-type": type, "content-length": Buffer.byteLength(payload) }
      : stream
        ? { "content-type": "application/x-tar" }
        : {};
    const options = { method, path, headers: { ...headers, ...moreHeaders }, ...(signal ? { signal } : {}) };
    const answered = (response: IncomingMessage) => {
      if ((response.statusCode ?? 500) < 300) return resolve(response);
      readAll(response).then((text) => reject(errorFromBody(text)), reject);
    };
    const call =
      typeof way === "string" ? request({ socketPath: way, ...options }, answered) : way.request(options, answered);
    call.on("error", (error) => reject(signal?.aborted ? error : unreachable(error)));
    if (!stream) return void call.end(payload);
    stream.on("error", (error) => {
      call.destroy();
      reject(error);
    });
    stream.pipe(call);
  });
}

/** JSON values of an answer that has one a line. */
export async function* linesOf<T>(response: IncomingMessage, signal?: AbortSignal): AsyncGenerator<T, void, void> {
  let rest = "";
  response.setEncoding("utf8");
  for await (const chunk of untilBroken(response, signal)) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield JSON.parse(line) as T;
  }
}

/** What arrives; an engine that goes away in the middle is told in words. */
export async function* untilBroken(
  response: IncomingMessage,
  signal?: AbortSignal,
): AsyncGenerator<unknown, void, void> {
  try {
    yield* response;
  } catch (error) {
    throw signal?.aborted ? error : engineEnded(error);
  }
}

export async function readAll(response: IncomingMessage): Promise<string> {
  return (await readAllBytes(response)).toString();
}

function errorFromBody(text: string): EngineError {
  return new EngineError(
    bodyDetails(text) ?? { code: "internal", message: msg("The engine answered: {text}", { text }) },
  );
}

function bodyDetails(text: string): EngineError["details"] | undefined {
  try {
    const body = JSON.parse(text) as ErrorBody;
    return body.drydock ?? { code: "internal", message: msg("{text}", { text: body.message }) };
  } catch {
    return undefined;
  }
}

function unreachable(cause: NodeJS.ErrnoException): EngineError {
  if (cause.code === "ECONNRESET" || cause.code === "EPIPE") return engineEnded(cause);
  return new EngineError({
    code: "unavailable",
    message: isOffCode(cause.code)
      ? msg("The engine is not running.")
      : msg("The engine does not answer: {reason}", { reason: cause.message }),
    hint: msg("It is started again with the next command."),
    retryable: true,
    cause,
  });
}

/** Nobody listened: nothing has been asked of any engine. */
export function isOff(error: unknown): boolean {
  return error instanceof EngineError && isOffCode((error.cause as NodeJS.ErrnoException | undefined)?.code);
}

function isOffCode(code: string | undefined): boolean {
  return code === "ECONNREFUSED" || code === "ENOENT";
}

export function engineEnded(cause?: unknown): EngineError {
  return new EngineError({
    code: "unavailable",
    message: msg("The engine ended in the middle of the work."),
    hint: msg("Do the same again: the engine is started anew, and what was finished is kept."),
    retryable: true,
    cause,
  });
}

/** Any failure of a call to the engine as an EngineError; dockerode puts the answer's body into `json`. */
export function toEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  // Of a program beside this one (`drydock forecast`): another class, the same words.
  if (error instanceof Error && error.name === "EngineError") return new EngineError((error as EngineError).details);
  const failure = error as { json?: ErrorBody | null; reason?: string; message?: string; code?: string };
  if (failure.json?.drydock) return new EngineError({ ...failure.json.drydock, cause: error });
  const text = failure.json?.message ?? failure.message ?? String(error);
  if (["ECONNREFUSED", "ENOENT", "ECONNRESET", "EPIPE"].includes(failure.code ?? "")) {
    return unreachable(error as Error);
  }
  return new EngineError({ code: "internal", message: msg("{text}", { text }), cause: error });
}

export async function readAllBytes(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of untilBroken(response)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
