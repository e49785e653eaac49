import { EngineError, type ErrorCode } from "../base/errors.ts";
import { formatMessage, type Message, msg } from "../base/message.ts";
import type { Range } from "../base/ranges.ts";
import type { Problem } from "../dockerfile/model.ts";
import { withoutCredentials } from "../graph/add.ts";
import { installCommand } from "../runtime/install-command.ts";

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

export function severalPlatforms(platforms: string): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("one build makes an image for one platform, not for {platforms}", { platforms }),
    hint: msg("Build once for each, with --platform {platform} and a tag of its own.", {
      platform: platforms.split(",")[0] ?? "",
    }),
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

export function archiveEscapes(archive: string, member: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('the archive {name} has a member that leads out of it: "{member}"', {
      name: archive,
      member: printable(member),
    }),
    hint: msg("An archive whose names climb up with .. is damaged or hostile. Make it anew with tar."),
  });
}

export function archiveDevice(archive: string, member: string): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg('the archive {name} has the device file "{member}", which an ordinary user cannot make', {
      name: archive,
      member: printable(member),
    }),
    hint: msg("Leave it out of the archive (tar --exclude), or run the engine as root."),
  });
}

export function diskTooSmall(what: string): EngineError {
  return new EngineError({
    code: "disk-full",
    message: msg("{name} is too large for the free space on the disk", { name: what }),
    hint: msg("Remove unused images and build cache, or free space in another way."),
  });
}

export function badContextAddress(address: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('"{text}" is not an address that can be fetched. Write it like https://host/repo.git#branch:folder.', {
      text: withoutCredentials(address),
    }),
  });
}

export function unknownContext(name: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('there is no build context "{name}"', { name }),
    hint: msg("Name it with --build-context {name}=folder.", { name }),
  });
}

export function notALayout(folder: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("{path} is not a complete OCI image layout", { path: folder }),
    hint: msg("Write oci-layout:///folder:tag for a folder with index.json and blobs."),
  });
}

export function layoutWithout(folder: string, wanted: string): EngineError {
  return new EngineError({
    code: "image-not-found",
    message: msg('the image layout {path} has no image "{name}"', { path: folder, name: wanted }),
    hint: msg("Write oci-layout:///folder:tag for a folder with index.json and blobs."),
  });
}

export function cannotEmulate(platform: string): EngineError {
  const command = installCommand(["qemu-user-static"]);
  return new EngineError({
    code: "runtime-unavailable",
    message: msg("this machine cannot run programs for {platform}", { platform }),
    hint: msg("Install an emulator for them: {command}. COPY and the other instructions work without.", { command }),
    action: { kind: "run-command", command },
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

export function secretMissing(id: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("The step needs the secret {id}, and the build was given none of that name.", { id }),
    hint: msg("Give it: --secret id={id},src=FILE or --secret id={id},env=NAME.", { id }),
  });
}

export function secretUnreadable(id: string, file: string, reason: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("The secret {id} cannot be read from {file}: {reason}", { id, file, reason }),
    hint: msg("Check that the file exists and that you may read it."),
  });
}

export function secretTooLarge(id: string, maxBytes: number): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("The secret {id} is larger than {size} KB.", { id, size: maxBytes / 1024 }),
    hint: msg("Secrets are keys and tokens. Bind larger files from a build context of their own."),
  });
}

export function secretNotText(id: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("The secret {id} is no text, so it cannot be an environment variable.", { id }),
    hint: msg("Mount it as a file: remove env=, or give a target."),
  });
}

export function agentMissing(id: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("The step needs the ssh agent {id}, and the build was given none of that name.", { id }),
    hint: msg("Start an agent, add your key (ssh-add), and build with --ssh {id}.", { id }),
  });
}

export function agentUnusable(id: string, socket: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("The ssh agent {id} does not answer: {socket} is no socket.", { id, socket }),
    hint: msg("Start an agent, add your key (ssh-add), and build with --ssh {id}.", { id }),
  });
}

export function memoryFailed(detail: string): EngineError {
  return new EngineError({
    code: "runtime-failed",
    message: msg("A place in memory for secrets could not be made: {detail}", { detail: detail.trim() }),
  });
}

export function ownerImpossible(uid: number, gid: number): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("The owner {owner} of the mount does not exist here: this account has no such ids.", {
      owner: `${uid}:${gid}`,
    }),
    hint: msg("Use smaller ids, or give the account subordinate ids (/etc/subuid, /etc/subgid)."),
  });
}

export function cacheSeedFailed(source: string, detail: string): EngineError {
  return new EngineError({
    code: "build-step-failed",
    message: msg("The cache cannot begin with {source}: {detail}", { source, detail: detail.trim() }),
    hint: msg("source= must name a folder of the stage or image in from=."),
  });
}

export function badExtraHost(entry: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("invalid extra host: {entry}.", { entry }),
    hint: msg("Write name:address, with an IP address."),
  });
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

function printable(name: string): string {
  const text = name.replace(/\p{Cc}/gu, "?");
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
