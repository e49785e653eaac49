import { EngineError } from "../../base/errors.ts";
import { msg } from "../../base/message.ts";
import type { Container } from "../types.ts";

export function noSuchVolume(name: string): EngineError {
  return new EngineError({ code: "not-found", message: msg("get {name}: no such volume", { name }) });
}

export function volumeInUse(name: string, users: readonly Container[]): EngineError {
  const [first] = users;
  const names = users.map((user) => user.name).join(", ");
  return new EngineError({
    code: "conflict",
    message:
      users.length === 1
        ? msg("remove {name}: volume is in use by container {names}", { name, names })
        : msg("remove {name}: volume is in use by containers {names}", { name, names }),
    hint: msg("Remove what uses it first; stopped containers count as well."),
    ...(first ? { action: { kind: "remove-container", id: first.id } as const } : {}),
  });
}

export function invalidVolumeName(name: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('"{name}" is not a name for a volume.', { name }),
    hint: msg(
      "Use letters, digits, _ . and -, 2 to 255 characters, beginning with a letter or digit. To mount a folder of this machine, write its absolute path.",
    ),
  });
}

export function noSuchDriver(driver: string): EngineError {
  return new EngineError({
    code: "not-found",
    message: msg('volume driver "{driver}" not found', { driver }),
    hint: msg("Drydock's engine has the driver local."),
  });
}

export function unknownDriverOption(option: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('invalid option for the driver local: "{option}"', { option }),
    hint: msg("It knows type, device and o."),
  });
}

export function missingDriverOption(option: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('missing option for the driver local: "{option}"', { option }),
    hint: msg("type and device belong together, and o needs both."),
  });
}

export function noQuota(): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("The size of a volume cannot be limited here."),
    hint: msg("A tmpfs can be: --opt type=tmpfs --opt device=tmpfs --opt o=size=100m."),
  });
}

export function volumeMountFailed(name: string, type: string, detail: string): EngineError {
  return new EngineError({
    code: "runtime-failed",
    message: msg("volume {name} cannot be mounted ({type}): {detail}", { name, type, detail }),
    hint: msg(
      "Without root's rights the kernel mounts folders (type=none, o=bind) and tmpfs only; with them it needs the file system's own tools.",
    ),
  });
}

export function copyUpFailed(name: string, target: string, detail: string): EngineError {
  return new EngineError({
    code: "runtime-failed",
    message: msg("volume {name} cannot be filled with what the image has at {target}: {detail}", {
      name,
      target,
      detail,
    }),
  });
}

export function noSubpath(name: string, subpath: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("volume {name} has no folder or file {subpath}", { name, subpath }),
    hint: msg("A subpath must exist and stay inside of its volume."),
  });
}

export function duplicateTarget(target: string): EngineError {
  return new EngineError({ code: "invalid-argument", message: msg("Duplicate mount point: {target}", { target }) });
}

export function rootTarget(): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("invalid specification: destination can't be '/'"),
  });
}

export function relativeTarget(target: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("invalid mount path: '{target}' mount path must be absolute", { target }),
  });
}

/** Docker's words: clients look for them. */
export function missingBindSource(source: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('invalid mount config for type "bind": bind source path does not exist: {source}', { source }),
  });
}

export function relativeBindSource(source: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("the folder to mount must be an absolute path: {source}", { source }),
  });
}

export function badPropagation(propagation: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('invalid mount config for type "bind": invalid propagation mode: {propagation}', { propagation }),
    hint: msg("There are private, rprivate, slave and rslave."),
  });
}

export function sharedPropagation(propagation: string): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("Mounts of a container cannot be shared with the machine (bind-propagation {propagation}).", {
      propagation,
    }),
    hint: msg("There are private, rprivate, slave and rslave."),
  });
}

export function badVolumesFrom(text: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('invalid volumes-from: "{text}"', { text }),
    hint: msg("Write a container, perhaps with :ro or :rw behind it."),
  });
}
