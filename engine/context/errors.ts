import { EngineError } from "../base/errors.ts";
import { type Message, msg } from "../base/message.ts";

export function contextMissing(folder: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("the build context {path} does not exist", { path: folder }),
    hint: msg("Choose an existing folder as the build context."),
  });
}

export function contextNotFolder(file: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("the build context {path} is not a folder", { path: file }),
    hint: msg("The build context is the folder that COPY takes files from; name the Dockerfile separately."),
  });
}

export function dockerfileMissing(file: string): EngineError {
  return new EngineError({
    code: "not-found",
    message: msg("the Dockerfile {path} does not exist", { path: file }),
    hint: msg("Create it, or say where it is."),
  });
}

export function dockerfileUnusable(file: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("{path} is not a Dockerfile: it is not a regular file, or larger than 4 MiB", { path: file }),
  });
}

export function badIgnorePattern(pattern: string, file: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('{file}: syntax error in pattern "{pattern}"', { file, pattern }),
    hint: msg("A [ needs its ], and a backslash needs a character after it."),
  });
}

export function loneExclamation(file: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('{file}: illegal exclusion pattern: "!"', { file }),
    hint: msg("Write a pattern after the exclamation mark, or delete the line."),
  });
}

export function badSourcePattern(pattern: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('syntax error in pattern "{pattern}"', { pattern }),
    hint: msg("A [ needs its ], and a backslash needs a character after it."),
  });
}

export function sourceNotFound(source: string): EngineError {
  return new EngineError({
    code: "copy-source-not-found",
    message: msg('"{source}" was not found in the build context', { source }),
    hint: msg("Sources are relative to the build context. Check the spelling and upper and lower case."),
  });
}

export function sourceIgnored(source: string, file: string): EngineError {
  return new EngineError({
    code: "copy-source-not-found",
    message: msg('"{source}" is hidden from the build by {file}', { source, file }),
    hint: msg("Take it back with a line !{source} at the end of {file}, or change the pattern that matches it.", {
      source,
      file,
    }),
  });
}

export function sourceNotInStage(source: string): EngineError {
  return new EngineError({
    code: "copy-source-not-found",
    message: msg('"{source}" was not found in the stage or image that is copied from', { source }),
    hint: msg("Paths of COPY --from begin at the root of that file system; check what the stage really produces."),
  });
}

export function nameNotUtf8(folder: string): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("a file in {path} has a name that is not valid UTF-8", { path: folder }),
    hint: msg("Rename the file, or leave it out with .dockerignore."),
  });
}

export function changedMeanwhile(file: string): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("{path} changed while it was being copied", { path: file }),
    hint: msg("Build again when the file is no longer being written."),
    retryable: true,
  });
}

export function notATar(cause: unknown): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("the uploaded build context is not a complete tar archive"),
    hint: msg("Send a tar, plain or compressed with gzip, bzip2, xz or zstd."),
    cause,
  });
}

export function compressionToolMissing(format: string, program: string): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("an archive is compressed with {format}, and the program {program} that reads it is not installed", {
      format,
      program,
    }),
    hint: msg("Install the package with the program {program}, or compress the archive with gzip.", { program }),
  });
}

export function damagedCompression(format: string, cause: unknown): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("an archive that is compressed with {format} is damaged or incomplete", { format }),
    cause,
  });
}

export function badArchive(name: string, reason: Message): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("the archive {name} cannot be unpacked: {reason}", { name: shorten(name), reason }),
    hint: msg("Make the archive anew, or copy it as it is: COPY, or ADD --unpack=false."),
  });
}

export function notContextFile(file: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("the build context {path} is neither a folder nor a tar archive nor a Dockerfile", { path: file }),
    hint: msg("The build context is the folder that COPY takes files from; name the Dockerfile separately."),
  });
}

export function unsafeEntry(name: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('the uploaded build context has an entry that leads out of it: "{name}"', { name: shorten(name) }),
  });
}

export function deviceEntry(name: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('the uploaded build context has a device file: "{name}"', { name: shorten(name) }),
  });
}

export function conflictingEntry(name: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('the uploaded build context has a file and a folder of the same name: "{name}"', {
      name: shorten(name),
    }),
  });
}

export function contextTooLarge(maxBytes: number): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("the uploaded build context is larger than {maxBytes} bytes", { maxBytes }),
    hint: msg("Leave out what the build does not need with .dockerignore."),
  });
}

export function cancelled(): EngineError {
  return new EngineError({ code: "cancelled", message: msg("cancelled") });
}

/** What the operating system said about a file, in words. An EngineError passes unchanged. */
export function fileError(error: unknown, file: string): EngineError {
  if (error instanceof EngineError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === "ABORT_ERR") return cancelled();
  if (code === "EACCES" || code === "EPERM") {
    return new EngineError({
      code: "forbidden",
      message: msg("no permission to read or write {path}", { path: file }),
      hint: msg("Change its permissions, or leave it out with .dockerignore."),
      cause: error,
    });
  }
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new EngineError({
      code: "disk-full",
      message: msg("no space left on the disk while writing {path}", { path: file }),
      hint: msg("Remove unused images and build cache, or free space in another way."),
      cause: error,
    });
  }
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new EngineError({
      code: "not-found",
      message: msg("{path} does not exist any more", { path: file }),
      cause: error,
    });
  }
  if (code === "ENAMETOOLONG" || code === "ELOOP" || code === "EINVAL") {
    return new EngineError({
      code: "invalid-argument",
      message: msg("the path is too long or not valid: {path}", { path: shorten(file) }),
      cause: error,
    });
  }
  return new EngineError({
    code: "internal",
    message: msg("{path} could not be read or written ({reason})", { path: file, reason: code ?? "unknown" }),
    cause: error,
  });
}

function shorten(name: string): string {
  const printable = name.replace(/\p{Cc}/gu, "?");
  return printable.length > 200 ? `${printable.slice(0, 200)}…` : printable;
}
