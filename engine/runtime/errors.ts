import { EngineError } from "../base/errors.ts";
import { type Message, msg } from "../base/message.ts";
import { installCommand } from "./install-command.ts";

/** `cure` is the note of facts.ts that names the one command to run. */
export function noIsolation(cure: Message | undefined): EngineError {
  return new EngineError({
    code: "runtime-unavailable",
    message: msg("This machine does not let the engine start containers."),
    hint: cure ?? msg("RUN steps and containers need Linux namespaces; everything else works without them."),
  });
}

export function toolMissing(tool: string, install: string): EngineError {
  return new EngineError({
    code: "runtime-unavailable",
    message: msg("The program {tool} was not found; containers need it.", { tool }),
    hint: msg("Install it: {command}", { command: install }),
    action: { kind: "run-command", command: install },
  });
}

export function commandNotFound(command: string, inPath: boolean): EngineError {
  return new EngineError({
    code: "command-not-found",
    exitCode: 127,
    message: inPath
      ? msg('exec: "{command}": executable file not found in $PATH', { command })
      : msg('exec: "{command}": no such file or directory', { command }),
    hint: inPath
      ? msg("Install the package that has it in an earlier step, or write the full path.")
      : msg("The file is not in the image. Check the path, and that an earlier COPY or RUN put it there."),
  });
}

export function interpreterMissing(command: string, interpreter: string): EngineError {
  return new EngineError({
    code: "command-not-found",
    exitCode: 127,
    message: msg('exec: "{command}": its interpreter {interpreter} is not in the image', { command, interpreter }),
    hint: interpreter.endsWith("\r")
      ? msg("The first line of the script ends with a carriage return. Save the file with LF line ends.")
      : interpreter.includes("/ld-")
        ? msg(
            "The program was built for another C library. Build it statically, or use a base image with that library.",
          )
        : msg("Install the interpreter in an earlier step, or change the first line of the script."),
  });
}

export function notExecutable(command: string): EngineError {
  return new EngineError({
    code: "command-not-found",
    exitCode: 126,
    message: msg('exec: "{command}": permission denied', { command }),
    hint: msg("Make the file executable (chmod +x, or COPY --chmod=755), or name a file instead of a folder."),
  });
}

export function execFailed(command: string, exitCode: number, detail: string): EngineError {
  return new EngineError({
    code: "command-not-found",
    exitCode,
    message: msg('exec: "{command}": {detail}', { command, detail }),
    hint: msg(
      "Check that the file is a program for this machine's processor, or a script with a first line like #!/bin/sh.",
    ),
  });
}

export function noCommand(): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("No command was given and the image has none."),
    hint: msg("Set CMD or ENTRYPOINT in the Dockerfile, or give a command."),
  });
}

export function mountSourceMissing(source: string, target: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("Cannot mount {source} on {target}: {source} does not exist.", { source, target }),
    hint: msg("Create it first, or correct the path."),
  });
}

export function badMountTarget(target: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("Cannot mount on {target}: a file is in the way, or the path leads in a circle.", { target }),
    hint: msg("Choose another path in the container."),
  });
}

export function badWorkingDirectory(cwd: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("The working directory {cwd} is not a folder in the container.", { cwd }),
    hint: msg("Change WORKDIR, or remove what is in its place."),
  });
}

export function hostileRoot(folder: string): EngineError {
  return new EngineError({
    code: "runtime-failed",
    message: msg("{folder} in the image is not a folder, so the container cannot be set up.", { folder }),
    hint: msg("Use an image in which /dev, /proc and /sys are folders or missing."),
  });
}

export function unknownCapability(name: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("There is no capability named {name}.", { name }),
    hint: msg("Names are written like NET_ADMIN; ALL stands for all of them."),
  });
}

export function dropNeedsPerl(names: string): EngineError {
  const command = installCommand(["perl"]);
  return new EngineError({
    code: "unsupported",
    message: msg("Taking {names} away from a container needs perl on this machine.", { names }),
    hint: msg("Install it: {command}", { command }),
    action: { kind: "run-command", command },
  });
}

export function variableNeedsPerl(): EngineError {
  const command = installCommand(["perl"]);
  return new EngineError({
    code: "unsupported",
    message: msg(
      "An environment variable of the container has a name that shells or loaders act on, or that is none for them; passing it on needs perl on this machine.",
    ),
    hint: msg("Install it: {command}", { command }),
    action: { kind: "run-command", command },
  });
}

export function oneUserOnly(uid: number, cure: Message | undefined): EngineError {
  return new EngineError({
    code: "runtime-unavailable",
    message: msg("The container wants to run as user {uid}, but this account may only be root in containers.", { uid }),
    ...(cure && { hint: cure }),
  });
}

export function mountPointReadOnly(target: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("Cannot mount on {target}: it does not exist, and what it would have to be made in is read-only.", {
      target,
    }),
    hint: msg("Make it in the source of the mount around it, or mount that one with rw."),
  });
}

export function unknownLimit(name: string, known: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("There is no resource limit named {name}.", { name }),
    hint: msg("These can be set: {known}", { known }),
  });
}

export function sysctlNotOwn(name: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("The kernel setting {name} is not the container's own, so it cannot be set for it.", { name }),
    hint: msg("Settings of networks (net.*), of System V memory and of message queues can be set."),
  });
}

export function noSuchDevice(source: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("{source} is not a device of this machine.", { source }),
    hint: msg("Check the path, and that the device's driver is loaded."),
  });
}

export function deviceForbidden(source: string): EngineError {
  return new EngineError({
    code: "forbidden",
    message: msg("Your account may not use the device {source}.", { source }),
    hint: msg("Add your account to the group that owns the device, and log in again."),
  });
}

export function initMissing(): EngineError {
  const command = installCommand(["tini"]);
  return new EngineError({
    code: "unsupported",
    message: msg("There is no program that can be the container's init."),
    hint: msg("Install it: {command}", { command }),
    action: { kind: "run-command", command },
  });
}

function limitRefused(name: string): EngineError {
  return new EngineError({
    code: "forbidden",
    message: msg("The limit {name} may not be set so high here.", { name }),
    hint: msg("Choose a value up to the hard limit of your account: ulimit -H -a shows it."),
  });
}

export function setupFailed(detail: string): EngineError {
  const limit = /prlimit: failed to set the (\w+) resource limit/.exec(detail)?.[1];
  if (limit !== undefined) return limitRefused(limit.toLowerCase());
  return new EngineError({
    code: "runtime-failed",
    message: msg("The container could not be set up: {detail}", { detail: detail.trim() || "no details" }),
    hint: msg("The engine's log has the details."),
    action: { kind: "show-log" },
  });
}

export function processGone(pid: number): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("The container is not running (process {pid} is gone).", { pid }),
    hint: msg("Start the container first."),
  });
}

export function networkFailed(detail: string): EngineError {
  return new EngineError({
    code: "runtime-failed",
    message: msg("The container's network could not be set up: {detail}", { detail: detail.trim() || "no details" }),
    hint: msg("The engine's log has the details."),
    action: { kind: "show-log" },
  });
}

export function unsafeRuntimeDir(folder: string): EngineError {
  return new EngineError({
    code: "forbidden",
    message: msg("{folder} belongs to another user or others may write to it.", { folder }),
    hint: msg("Remove the folder, or set DRYDOCK_HOST to a socket in a folder of your own."),
  });
}
