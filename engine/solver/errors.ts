import { EngineError, type ErrorCode } from "../base/errors.ts";
import { formatMessage, type Message, msg } from "../base/message.ts";
import type { Range } from "../base/ranges.ts";
import type { Problem } from "../dockerfile/model.ts";

export function stepFailed(command: string, exitCode: number, lastLines: readonly string[]): EngineError {
  const output = lastLines.join("\n");
  return new EngineError({
    code: "build-step-failed",
    message: msg("The command '{command}' returned a non-zero code: {exitCode}", { command, exitCode }),
    hint: hintFor(exitCode, output),
    action: { kind: "show-log" },
    exitCode,
  });
}

function hintFor(exitCode: number, output: string) {
  if (exitCode === 127) {
    return msg(
      "A command was not found: install it in an earlier step or choose a base image that has it. Last output:\n{output}",
      {
        output,
      },
    );
  }
  if (exitCode === 126) {
    return msg(
      "A command could not be executed: check its permissions (chmod +x) and its first line. Last output:\n{output}",
      {
        output,
      },
    );
  }
  if (exitCode === 137) {
    return msg("The command was killed, most often because the machine ran out of memory. Last output:\n{output}", {
      output,
    });
  }
  return output === ""
    ? msg("The command printed nothing. Run it with -x (set -x) to see how far it gets.")
    : msg("Last output:\n{output}", { output });
}

export function noRuntime(note?: Message): EngineError {
  return new EngineError({
    code: "runtime-unavailable",
    message: msg("this machine cannot run the commands of RUN"),
    hint:
      note ??
      msg("Allow user namespaces, or install crun, runc or bubblewrap; COPY and the other instructions work without."),
  });
}

export function notLinux(os: string): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("images for {os} cannot be built: only Linux images can", { os }),
    hint: msg("Choose a platform like linux/amd64."),
  });
}

export function badPlatform(platform: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('"{platform}" is not a platform', { platform }),
    hint: msg("Choose a platform like linux/amd64."),
  });
}

/** The first problem is the message; the others are in the hint. */
export function dockerfileProblems([first, ...others]: readonly Problem[]): EngineError {
  if (!first) throw new Error("there is no problem to report");
  const line = first.range.start.line + 1;
  const more = others
    .map(({ message, range }) => `${range.start.line + 1}: ${formatMessage(message)}`)
    .slice(0, 20)
    .join("\n");
  return new EngineError({
    code: first.code.startsWith("unsupported/") ? "unsupported" : "dockerfile-syntax",
    message: first.message,
    hint:
      more === ""
        ? msg("See line {line} of the Dockerfile.", { line })
        : msg("See line {line} of the Dockerfile. There is more:\n{more}", { line, more }),
    range: first.range,
  });
}

export function archiveInAdd(source: string): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg(
      "The built-in engine does not unpack {source} for ADD. Use COPY and RUN tar, or build with Docker (BuildKit).",
      {
        source,
      },
    ),
  });
}

export function tagWithDigest(tag: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("{name} cannot be a tag: it has a digest", { name: tag }),
    hint: msg("Give a name and a tag, like app:1.0."),
  });
}

export function badChmod(chmod: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("invalid chmod parameter: '{chmod}'", { chmod }),
    hint: msg("Write an octal number up to 7777, like 0755, or a symbolic mode, like u=rwX,go=rX."),
  });
}

export function replacesFolder(path: string): EngineError {
  return new EngineError({
    code: "build-step-failed",
    message: msg("cannot replace to directory {path} with file", { path }),
    hint: msg("The image has a folder of that name. Copy to another place, or remove the folder in an earlier step."),
  });
}

export function notAFolder(path: string): EngineError {
  return new EngineError({
    code: "build-step-failed",
    message: msg("cannot copy to non-directory: {path}", { path }),
    hint: msg("The image has a file or a link of that name where a folder is needed."),
  });
}

export function workdirIsFile(path: string): EngineError {
  return new EngineError({
    code: "build-step-failed",
    message: msg("WORKDIR {path} is not a folder in the image", { path }),
    hint: msg("The image has a file of that name. Choose another folder."),
  });
}

export function imageDamaged(name: string): EngineError {
  return new EngineError({
    code: "content-corrupt",
    message: msg("the image {name} is not complete: its config and its manifest disagree about the layers", { name }),
    hint: msg("Remove the image and pull it again."),
  });
}

export function recordLost(error: unknown): Message {
  const reason = error instanceof Error ? error.message : String(error);
  return msg("the image is complete, but the record of its build could not be written: {reason}", { reason });
}

export function cancelled(): EngineError {
  return new EngineError({ code: "cancelled", message: msg("the build was cancelled") });
}

/** Whatever was thrown, as an EngineError; bugs keep their cause but not their wording. */
export function asEngineError(error: unknown, signal?: AbortSignal): EngineError {
  if (signal?.aborted) return cancelled();
  if (error instanceof EngineError) return error;
  const name = (error as { name?: string } | undefined)?.name;
  if (name === "AbortError") return cancelled();
  const code = (error as { code?: string } | undefined)?.code;
  const known: ErrorCode = code === "ENOSPC" || code === "EDQUOT" ? "disk-full" : "internal";
  return new EngineError({
    code: known,
    message:
      known === "disk-full"
        ? msg("no space left on the disk")
        : msg("the build failed inside the engine: {reason}", {
            reason: error instanceof Error ? error.message : String(error),
          }),
    ...(known === "disk-full"
      ? { hint: msg("Remove unused images and build cache, or free space in another way.") }
      : {}),
    cause: error,
  });
}

/** The same error with a place in the Dockerfile, unless it has one. */
export function at(error: EngineError, range: Range): EngineError {
  if (error.details.range) return error;
  const placed = new EngineError({ ...error.details, range });
  if (error.stack) placed.stack = error.stack;
  return placed;
}
