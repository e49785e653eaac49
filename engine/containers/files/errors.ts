import { EngineError } from "../../base/errors.ts";
import { msg } from "../../base/message.ts";

export function badPath(path: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("this is no path: {path}", { path: path.slice(0, 200) }),
  });
}

export function missingPath(path: string): EngineError {
  return new EngineError({ code: "not-found", message: msg("no such file or folder: {path}", { path }) });
}

/** Docker's words: clients look for them. */
export function missingInContainer(path: string, container: string): EngineError {
  return new EngineError({
    code: "not-found",
    message: msg("Could not find the file {path} in container {container}", { path, container }),
  });
}

export function notAFolder(path: string): EngineError {
  return new EngineError({ code: "invalid-argument", message: msg("not a folder: {path}", { path }) });
}

/** Docker's words: clients look for them. */
export function notADirectory(path: string): EngineError {
  return new EngineError({ code: "invalid-argument", message: msg("{path}: not a directory", { path }) });
}

export function notAFile(path: string): EngineError {
  return new EngineError({ code: "invalid-argument", message: msg("not a file: {path}", { path }) });
}

/** Docker's words: clients look for them. */
export function notExtractable(): EngineError {
  return new EngineError({ code: "invalid-argument", message: msg("extraction point is not a directory") });
}

export function tooManyLinks(path: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("too many symbolic links on the way to {path}", { path }),
  });
}

export function rootReadOnly(): EngineError {
  return new EngineError({ code: "forbidden", message: msg("container rootfs is marked read-only") });
}

export function mountReadOnly(path: string): EngineError {
  return new EngineError({
    code: "forbidden",
    message: msg("{path} is on a volume or file system that is mounted read-only", { path }),
  });
}

export function notChangeable(): EngineError {
  return new EngineError({
    code: "forbidden",
    message: msg("The files of an image cannot be changed."),
    hint: msg("Run a container of it and change them there, or build an image."),
  });
}

export function outsideTarget(name: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('"{name}" of the archive leads out of the folder to extract into.', { name }),
  });
}

export function deviceInArchive(name: string): EngineError {
  return new EngineError({
    code: "forbidden",
    message: msg('"{name}" of the archive is a device, which only a privileged container may have.', { name }),
  });
}

export function oddEntry(name: string, type: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('"{name}" of the archive is of an unknown kind ({type}).', { name, type }),
  });
}

export function notATar(cause: unknown): EngineError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EngineError({
    code: "invalid-argument",
    message: msg("The archive cannot be read: {reason}.", { reason }),
    cause,
  });
}

/** Docker's words: clients look for them. */
export function folderInTheWay(path: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('cannot overwrite directory "{path}" with non-directory', { path }),
  });
}

export function fileInTheWay(path: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('cannot overwrite non-directory "{path}" with directory', { path }),
  });
}

export function foreignId(path: string, owner: string): EngineError {
  return new EngineError({
    code: "forbidden",
    message: msg("{path} cannot be given to {owner}: this user has no such id.", { path, owner }),
    hint: msg("Give this user more subordinate ids in /etc/subuid and /etc/subgid."),
  });
}

export function fileFailed(path: string, cause: unknown): EngineError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EngineError({
    code: (cause as NodeJS.ErrnoException).code === "ENOSPC" ? "disk-full" : "runtime-failed",
    message: msg("{path}: {reason}", { path, reason }),
    cause,
  });
}

export function archiveFailed(detail: string): EngineError {
  return new EngineError({
    code: "runtime-failed",
    message: msg("the files cannot be packed: {detail}", { detail }),
  });
}

export function alreadyThere(path: string): EngineError {
  return new EngineError({ code: "conflict", message: msg("{path} exists already", { path }) });
}

export function notEmpty(path: string): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("{path} is not empty", { path }),
    hint: msg("Delete it with everything in it."),
  });
}

export function onAnotherMount(from: string, to: string): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("{from} cannot be renamed to {to}: they are on different file systems", { from, to }),
    hint: msg("Copy it, and delete the old one."),
  });
}

export function isMountPoint(path: string): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("something is mounted on {path}: it can be neither removed nor renamed", { path }),
  });
}

export function badRange(range: string): EngineError {
  return new EngineError({ code: "invalid-argument", message: msg("invalid range: {range}", { range }) });
}

export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new EngineError({ code: "cancelled", message: msg("Cancelled.") });
}
