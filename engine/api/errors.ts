import { EngineError, type ErrorBody, type ErrorCode } from "../base/errors.ts";
import { type Message, msg } from "../base/message.ts";
import type { Container } from "../containers/types.ts";

const statuses: Readonly<Record<ErrorCode, number>> = {
  "invalid-argument": 400,
  "not-found": 404,
  conflict: 409,
  unauthorized: 401,
  forbidden: 403,
  "too-large": 413,
  unsupported: 501,
  unavailable: 503,
  cancelled: 499,
  "dockerfile-syntax": 400,
  "build-step-failed": 500,
  "copy-source-not-found": 400,
  "image-not-found": 404,
  "registry-unreachable": 502,
  "registry-denied": 403,
  "registry-rate-limited": 429,
  "registry-protocol": 502,
  "content-corrupt": 500,
  "disk-full": 507,
  "port-in-use": 500,
  "port-privileged": 403,
  // Docker answers 400 here and its client takes the exit codes 126 and 127 from the words.
  "command-not-found": 400,
  "runtime-unavailable": 503,
  "runtime-failed": 500,
  internal: 500,
};

/** The only place that decides a status. */
export function statusOf(code: ErrorCode): number {
  return statuses[code];
}

/** Anything thrown, as an answer. What is not an EngineError is a bug: its words stay in the log. */
export function toErrorBody(error: unknown): { readonly status: number; readonly body: ErrorBody } {
  const known = error instanceof EngineError ? error : internalError(error);
  return { status: statusOf(known.code), body: known.toBody() };
}

export function internalError(cause: unknown): EngineError {
  return new EngineError({
    code: "internal",
    message: msg("The engine made a mistake: {reason}.", {
      reason: cause instanceof Error ? cause.message : String(cause),
    }),
    hint: msg("Its log has the details."),
    action: { kind: "show-log" },
    cause,
  });
}

// Docker's own words in the next two: clients look for them.
export function versionTooOld(version: string, minimum: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg(
      "client version {version} is too old. Minimum supported API version is {minimum}, please upgrade your client to a newer version",
      { version, minimum },
    ),
  });
}

export function versionTooNew(version: string, maximum: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("client version {version} is too new. Maximum supported API version is {maximum}", {
      version,
      maximum,
    }),
  });
}

export function noSuchPage(method: string, path: string): EngineError {
  return new EngineError({
    code: "not-found",
    message: msg("page not found: {method} {path}", { method, path }),
  });
}

export function notOffered(what: string): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("Drydock's engine does not offer {what}.", { what }),
    hint: msg("Use Docker or Podman for it."),
  });
}

/** The first sentence is what Docker's client looks for when `docker inspect` tries every kind of object. */
export function nothingToPush(name: string): EngineError {
  return new EngineError({
    code: "image-not-found",
    message: msg("An image does not exist locally with the tag: {name}", { name }),
  });
}

export function notASwarm(): EngineError {
  return new EngineError({
    code: "unavailable",
    message: msg("This node is not a swarm manager."),
    hint: msg("Drydock's engine has no swarm mode."),
  });
}

export function noSuchImage(name: string): EngineError {
  return new EngineError({
    code: "image-not-found",
    message: msg("No such image: {name}", { name }),
  });
}

export function otherPlatform(name: string, wanted: string, actual: string): EngineError {
  return new EngineError({
    code: "image-not-found",
    message: msg(
      "image with reference {name} was found but does not match the specified platform: wanted {wanted}, actual: {actual}",
      { name, wanted, actual },
    ),
  });
}

export function unaskedPlatform(actual: string, host: string): Message {
  return msg(
    "The requested image's platform ({actual}) does not match the detected host platform ({host}) and no specific platform was requested",
    { actual, host },
  );
}

export function badBody(reason: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("The request's body cannot be read: {reason}.", { reason }),
  });
}

export function badParameter(name: string, value: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('invalid value "{value}" for {name}', { name, value }),
  });
}

export function badField(name: string, wanted: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("{name} must be {wanted}", { name, wanted }),
  });
}

export function badWebSocket(): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("This address is for web sockets."),
    hint: msg("Ask with Upgrade: websocket, Sec-WebSocket-Version: 13 and a Sec-WebSocket-Key."),
  });
}

export function badFilterValue(filter: string, value: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("invalid filter '{filter}={value}'", { filter, value }),
  });
}

export function badFilter(name: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("invalid filter '{name}'", { name }),
  });
}

export function bodyTooLarge(limit: number): EngineError {
  return new EngineError({
    code: "too-large",
    message: msg("The request's body is larger than {limit} bytes.", { limit }),
  });
}

export function cannotKill(name: string, reason: EngineError): EngineError {
  const { message, ...details } = reason.details;
  return new EngineError({
    ...details,
    message: msg("Cannot kill container: {name}: {reason}", { name, reason: message }),
    cause: reason,
  });
}

export function sameName(): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("Renaming a container with the same name as its current name"),
  });
}

export function badProcessOptions(reason: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("ps: {reason}", { reason }),
    hint: msg("The options are those of ps on this machine, and its output needs a column PID."),
  });
}

/** `nameless`: force has nothing left to take away. */
export function imageInUse(
  image: string,
  users: readonly Container[],
  state: "running" | "stopped" | "nameless",
): EngineError {
  const [first] = users;
  const names = users.map((user) => user.name).join(", ");
  return new EngineError({
    code: "conflict",
    message:
      users.length === 1
        ? msg('conflict: unable to remove image "{image}": container {names} is using it', { image, names })
        : msg('conflict: unable to remove image "{image}": containers {names} are using it', { image, names }),
    hint:
      state === "running"
        ? msg("Stop and remove what runs first; force does not help with a running container.")
        : state === "stopped"
          ? msg("Remove the container {name} first, or force.", { name: first?.name ?? names })
          : msg("Remove the container {name} first.", { name: first?.name ?? names }),
    ...(first ? { action: { kind: "remove-container", id: first.id } as const } : {}),
  });
}

export function dockerfileOutsideContext(name: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('Cannot locate Dockerfile: "{name}" is not in the build context.', { name }),
  });
}

export function newBuilderUnsupported(): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("Drydock's engine does not speak BuildKit's protocol."),
    hint: msg("Set DOCKER_BUILDKIT=0 to build with the docker command."),
  });
}

export function tooManyEntries(name: string, limit: number): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("{name} has more than {limit} entries.", { name, limit }),
  });
}

export function badMirror(text: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('"{text}" is not the address of a registry mirror.', { text }),
    hint: msg("Write it like https://mirror.example.com."),
  });
}

export function mirrorWithPassword(host: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("The address of the mirror {host} contains a password.", { host }),
    hint: msg("Leave it out, and log in with docker login instead."),
  });
}

export function badRegistryHost(text: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('"{text}" is not a registry.', { text }),
    hint: msg("Write host or host:port, like registry.example.com:5000."),
  });
}

export function shuttingDown(): EngineError {
  return new EngineError({
    code: "unavailable",
    message: msg("The engine is shutting down."),
    retryable: true,
  });
}

export function socketPathTooLong(socket: string, limit: number): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("The path of the socket is longer than {limit} bytes: {socket}", { limit, socket }),
    hint: msg("Set DRYDOCK_HOST to a shorter one, like unix:///tmp/me/drydock.sock."),
  });
}

export function socketNotOurs(socket: string, cause: unknown): EngineError {
  return new EngineError({
    code: "unavailable",
    message: msg("The engine cannot listen on {socket}: {reason}.", {
      socket,
      reason: cause instanceof Error ? cause.message : String(cause),
    }),
    hint: msg("Remove what is in its place, or set DRYDOCK_HOST to another socket."),
    cause,
  });
}
