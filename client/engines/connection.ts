import { type IncomingMessage, request } from "node:http";
import { Readable } from "node:stream";
import type Docker from "dockerode";
import type { BuildEvent, BuildRequest } from "../../engine/base/build-events.ts";
import type { EngineSettings, EngineStatus } from "../../engine/base/drydock-api.ts";
import { EngineError, type ErrorBody } from "../../engine/base/errors.ts";
import { msg } from "../../engine/base/message.ts";
import { pullQuery, readPullProgress } from "./pull.ts";

/** One engine at one address: Docker's API through dockerode, and what is ours under /drydock/. */
export interface Connection {
  readonly socket: string;
  readonly docker: Docker;
  status(): Promise<EngineStatus>;
  putSettings(settings: Partial<EngineSettings>): Promise<void>;
  shutdown(): Promise<void>;
  /** All tags that a repository has in its registry; aborting the signal takes the question back. */
  tags(repository: string, signal?: AbortSignal): Promise<readonly string[]>;
  /** Resolves when the image is here. `report` gets what to show; aborting the signal cancels the pull in the engine. */
  pull(name: string, report: (text: string) => void, signal?: AbortSignal): Promise<void>;
  /** Resolves with the exit code of a container's next end. */
  wait(id: string, condition: "next-exit" | "removed"): Promise<number>;
  /** Yields events until `done` or `failed`; aborting the signal cancels the build in the engine. */
  build(request: BuildRequest, signal: AbortSignal): AsyncGenerator<BuildEvent, void, void>;
}

export async function connect(socket: string): Promise<Connection> {
  // Loaded here: dockerode is large and nothing needs it before the engine is used.
  const { default: DockerClient } = await import("dockerode");
  const docker = new DockerClient({ socketPath: socket });

  async function json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await send(socket, method, path, body);
    const text = await readAll(response);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  return {
    socket,
    docker,
    status: () => json<EngineStatus>("GET", "/drydock/status"),
    putSettings: (settings) => json("PUT", "/drydock/settings", settings),
    shutdown: () => json("POST", "/drydock/shutdown"),
    async tags(repository, signal) {
      const path = `/drydock/tags?repository=${encodeURIComponent(repository)}`;
      const answer: { readonly tags: readonly string[] } = JSON.parse(
        await readAll(await send(socket, "GET", path, undefined, signal)),
      );
      return answer.tags;
    },
    // Not dockerode's: of the error of a call that streams it keeps only a text.
    async pull(name, report, signal) {
      const response = await send(socket, "POST", `/images/create?${pullQuery(name)}`, undefined, signal);
      await readPullProgress(untilBroken(response, signal), report);
    },
    // Nor this one: a call of dockerode whose answer breaks off never comes back.
    async wait(id, condition) {
      const path = `/containers/${encodeURIComponent(id)}/wait?condition=${condition}`;
      return (await json<{ readonly StatusCode: number }>("POST", path)).StatusCode;
    },
    build: (body, signal) => buildOver(socket, body, signal),
  };
}

/** A build without the rest of a connection: the command line needs no dockerode for it, which takes longer to load than a build. */
export async function* buildOver(
  socket: string,
  body: BuildRequest,
  signal: AbortSignal,
): AsyncGenerator<BuildEvent, void, void> {
  const response = await send(socket, "POST", "/drydock/build", body, signal);
  let ended = false;
  for await (const event of linesOf<BuildEvent>(response, signal)) {
    ended = event.type === "done" || event.type === "failed";
    yield event;
  }
  if (!ended) throw engineEnded();
}

/** Sends a request, with JSON or the bytes of a stream; an answer above 299 becomes the EngineError that its body describes. */
export function send(
  socket: string,
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const stream = body instanceof Readable ? body : undefined;
    const payload = body === undefined || stream ? undefined : JSON.stringify(body);
    const headers = payload
      ? { "content-type": "application/json", "content-length": Buffer.byteLength(payload) }
      : stream
        ? { "content-type": "application/x-tar" }
        : {};
    const call = request({ socketPath: socket, method, path, headers, ...(signal ? { signal } : {}) }, (response) => {
      if ((response.statusCode ?? 500) < 300) return resolve(response);
      readAll(response).then((text) => reject(errorFromBody(text)), reject);
    });
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
async function* untilBroken(response: IncomingMessage, signal?: AbortSignal): AsyncGenerator<unknown, void, void> {
  try {
    yield* response;
  } catch (error) {
    throw signal?.aborted ? error : engineEnded(error);
  }
}

export async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of untilBroken(response)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
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
  const failure = error as { json?: ErrorBody | null; reason?: string; message?: string; code?: string };
  if (failure.json?.drydock) return new EngineError({ ...failure.json.drydock, cause: error });
  const text = failure.json?.message ?? failure.message ?? String(error);
  if (["ECONNREFUSED", "ENOENT", "ECONNRESET", "EPIPE"].includes(failure.code ?? "")) {
    return unreachable(error as Error);
  }
  return new EngineError({ code: "internal", message: msg("{text}", { text }), cause: error });
}
