import { EngineError } from "./base/errors.ts";
import { msg } from "./base/message.ts";

export function unsafeFolder(folder: string): EngineError {
  return new EngineError({
    code: "forbidden",
    message: msg("{folder} must be a folder of your own that nobody else can write to.", { folder }),
    hint: msg("Remove it, or set DRYDOCK_HOME and DRYDOCK_HOST to places of your own."),
  });
}

export function notAPlace(name: string, value: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("{name} is {value}, and that is not a full path.", { name, value }),
    hint: msg("Write DRYDOCK_HOME=/folder and DRYDOCK_HOST=unix:///folder/engine.sock, or leave both out."),
  });
}

export function cannotMakeFolder(folder: string, cause: NodeJS.ErrnoException): EngineError {
  const full = cause.code === "ENOSPC" || cause.code === "EDQUOT";
  return new EngineError({
    code: full ? "disk-full" : "forbidden",
    message: full
      ? msg("There is no space left to make {folder}.", { folder })
      : msg("{folder} cannot be made: you may not write there, or a file is in the way.", { folder }),
    hint: full
      ? msg("Free space on this disk, or set DRYDOCK_HOME to a folder on another one.")
      : msg("Set DRYDOCK_HOME and DRYDOCK_HOST to places of your own."),
    cause,
  });
}

export function didNotStart(log: string, lines: string): EngineError {
  return new EngineError({
    code: "unavailable",
    message: lines
      ? msg("The engine did not start: {lines}", { lines })
      : msg("The engine did not start, and did not say why."),
    hint: msg("Its log is {log}.", { log }),
    action: { kind: "show-log" },
  });
}

export function homeTaken(home: string, pid: number, socket: string): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("Another engine (process {pid}, socket {socket}) uses {home}.", { pid, socket, home }),
    hint: msg("Use its socket, or set DRYDOCK_HOME to another folder."),
  });
}

export function socketTaken(socket: string): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("Another engine answers on {socket}, for another home.", { socket }),
    hint: msg("End it first, or set DRYDOCK_HOST to another socket."),
  });
}
