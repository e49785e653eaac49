import { EngineError, type ErrorBody } from "../base/errors.ts";
import { type Message, msg } from "../base/message.ts";
import type { PortMapping } from "./types.ts";

export function noSuchContainer(name: string): EngineError {
  return new EngineError({ code: "not-found", message: msg("No such container: {name}", { name }) });
}

export function ambiguousId(prefix: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("more than one container id starts with {prefix}.", { prefix }),
    hint: msg("Give more digits of the id, or the name."),
  });
}

export function noSuchImage(image: string): EngineError {
  return new EngineError({
    code: "image-not-found",
    message: msg("No such image: {image}.", { image }),
    hint: msg("Pull or build it first."),
  });
}

export function invalidName(name: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("Invalid container name ({name}).", { name }),
    hint: msg("Use letters, digits, _ . and -, at least two characters, beginning with a letter or digit."),
  });
}

export function nameTaken(name: string, id: string): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg('Conflict. The container name "/{name}" is already in use by container "{id}".', { name, id }),
    hint: msg("Remove or rename that container, or choose another name."),
    action: { kind: "remove-container", id },
  });
}

export function noCommand(image: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("no command specified: {image} says neither ENTRYPOINT nor CMD.", { image }),
    hint: msg("Add a CMD to the Dockerfile, or give the command to run."),
  });
}

export function relativeWorkingDir(dir: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("the working directory '{dir}' is invalid, it needs to be an absolute path", { dir }),
  });
}

export function hostnameTooLong(hostname: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("invalid hostname: {hostname} has more than 64 characters.", { hostname }),
    hint: msg("The kernel takes no longer names."),
  });
}

export function invalidPort(text: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("invalid port: {port}.", { port: text }),
    hint: msg("A port is 1 to 65535, with /tcp or /udp behind it if need be."),
  });
}

export function unknownSignal(signal: string): EngineError {
  return new EngineError({ code: "invalid-argument", message: msg("Invalid signal: {signal}", { signal }) });
}

export function notRunning(id: string): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("Container {id} is not running.", { id }),
    hint: msg("Start it first."),
  });
}

export function isPaused(id: string, wish: "exec" | "attach"): EngineError {
  return new EngineError({
    code: "conflict",
    message:
      wish === "exec"
        ? msg("Container {id} is paused, unpause the container before exec", { id })
        : msg("Container {id} is paused, unpause the container before attach", { id }),
  });
}

export function alreadyPaused(id: string): EngineError {
  return new EngineError({ code: "conflict", message: msg("Container {id} is already paused", { id }) });
}

export function notPaused(id: string): EngineError {
  return new EngineError({ code: "conflict", message: msg("Container {id} is not paused", { id }) });
}

export function startPaused(): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("cannot start a paused container, try unpause instead"),
  });
}

export function isRestarting(id: string): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("Container {id} is restarting, wait until the container is running", { id }),
  });
}

export function removePaused(id: string): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("You cannot remove the paused container {id}.", { id }),
    hint: msg("Unpause and stop it first, or remove it by force."),
  });
}

export function removeRestarting(id: string): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("You cannot remove the container {id}: the container is restarting.", { id }),
    hint: msg("Stop it first, or remove it by force."),
  });
}

export function policyOfAutoRemove(): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("Restart policy cannot be updated because AutoRemove is enabled for the container"),
  });
}

/** `kind`: PID or IPC. */
export function namespaceOfStopped(kind: string, name: string): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("cannot join the {kind} namespace of a non running container: {name}", { kind, name }),
    hint: msg("Start that container first."),
  });
}

/** Docker's words. */
export function ipcNotShareable(name: string): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("can't join IPC of container {name}: non-shareable IPC", { name }),
    hint: msg("Run that container with --ipc shareable."),
  });
}

export function shmFailed(detail: string): EngineError {
  return new EngineError({
    code: "runtime-failed",
    message: msg("/dev/shm of the container could not be mounted: {detail}", { detail }),
  });
}

export function sysctlOfHost(name: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('sysctl "{name}" not allowed in host network namespace', { name }),
    hint: msg("It would change the machine itself. Give the container a network of its own, or set it on the machine."),
  });
}

export function logsNotReadable(): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("configured logging driver does not support reading"),
    hint: msg("The container was created with the log driver none: its output is kept nowhere."),
  });
}

export function removeRunning(id: string, name: string): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("You cannot remove the running container {id} ({name}).", { id, name }),
    hint: msg("Stop it first, or remove it by force."),
  });
}

export function removalInProgress(id: string): EngineError {
  return new EngineError({
    code: "conflict",
    message: msg("Removal of container {id} is already in progress", { id }),
  });
}

export function portInUse(mapping: PortMapping, owner: string | undefined, nextFree: number | undefined): EngineError {
  const address = addressOf(mapping);
  return new EngineError({
    code: "port-in-use",
    message: owner
      ? msg("Port {address} is already in use by container {owner}.", { address, owner })
      : msg("Port {address} is already in use by another program.", { address }),
    hint: portHint(owner, nextFree),
  });
}

function portHint(owner: string | undefined, nextFree: number | undefined): Message {
  if (owner && nextFree) return msg("Stop {owner}, or publish on {port}, which is free.", { owner, port: nextFree });
  if (owner) return msg("Stop {owner}, or publish on another port.", { owner });
  if (nextFree) return msg("Stop that program, or publish on {port}, which is free.", { port: nextFree });
  return msg("Stop that program, or publish on another port.");
}

export function portPrivileged(mapping: PortMapping, nextFree: number | undefined): EngineError {
  return new EngineError({
    code: "port-privileged",
    message: msg("Port {address} needs more rights: ports below 1024 are reserved for root.", {
      address: addressOf(mapping),
    }),
    hint: nextFree
      ? msg("Publish on a higher port, for example {port}, which is free.", { port: nextFree })
      : msg("Publish on a port from 1024 up."),
  });
}

export function portUnusable(mapping: PortMapping, cause: unknown): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("Port {address} cannot be published.", { address: addressOf(mapping) }),
    hint: msg("The host address must be an IP address of this machine."),
    cause,
  });
}

function addressOf({ hostIp, hostPort, protocol }: PortMapping): string {
  const host = hostIp === "" ? "0.0.0.0" : hostIp.includes(":") ? `[${hostIp}]` : hostIp;
  return `${host}:${hostPort}${protocol === "udp" ? "/udp" : ""}`;
}

export function bindSourceUnusable(source: string, cause: unknown): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("the folder to mount does not exist and cannot be made: {source}", { source }),
    cause,
  });
}

export function invalidTmpfs(target: string, option: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("invalid option {option} for the tmpfs at {target}", { option, target }),
  });
}

export function invalidExtraHost(entry: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("invalid extra host: {entry}.", { entry }),
    hint: msg("Write name:address, with an IP address."),
  });
}

export function noHostGateway(): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("host-gateway is not known: containers have no way out to the host here."),
    hint: msg("Install pasta or slirp4netns and open /dev/net/tun to your account, or use the host's network."),
  });
}

export function monitorFailed(detail: string): EngineError {
  return new EngineError({
    code: "runtime-failed",
    message: msg("the container's monitor process ended before the container ran: {detail}", { detail }),
    action: { kind: "show-log" },
  });
}

/** Said in a container's record when nobody saw how it ended. */
export function monitorLost(): Message {
  return msg("the container's monitor process was killed; how the container ended is unknown");
}

/** Said in a container's record when the machine went down under it. */
export function machineRestarted(): Message {
  return msg("the machine was restarted while the container ran");
}

export function noSuchExec(id: string): EngineError {
  return new EngineError({ code: "not-found", message: msg("No such exec instance: {id}", { id }) });
}

export function execAlreadyStarted(id: string): EngineError {
  return new EngineError({ code: "conflict", message: msg("exec {id} was already started", { id }) });
}

export function noExecCommand(): EngineError {
  return new EngineError({ code: "invalid-argument", message: msg("No exec command specified") });
}

export function waitCancelled(): EngineError {
  return new EngineError({ code: "cancelled", message: msg("waiting was cancelled") });
}

/** An error that crossed a process boundary as JSON. */
export function errorFromBody(body: ErrorBody): EngineError {
  return new EngineError(body.drydock ?? { code: "runtime-failed", message: msg("{text}", { text: body.message }) });
}

/** Any error as what may cross a process boundary. */
export function bodyOf(error: unknown): ErrorBody {
  if (error instanceof EngineError) return error.toBody();
  return { message: error instanceof Error ? error.message : String(error) };
}
