import { EngineError } from "../base/errors.ts";
import { type Message, msg } from "../base/message.ts";

export function damagedLayer(detail: string, cause?: unknown): EngineError {
  return new EngineError({
    code: "content-corrupt",
    message: msg("A layer of the image is damaged: {detail}", { detail: detail.trim() }),
    hint: msg("Remove the image and pull it again. If it comes back like this, tell who published it."),
    cause,
  });
}

export function hostileLayer(name: string): EngineError {
  return new EngineError({
    code: "content-corrupt",
    message: msg("A layer of the image has an entry that leads out of the image: {name}", { name: name.slice(0, 200) }),
    hint: msg("Do not use this image."),
  });
}

export function wrongDiffId(expected: string, actual: string): EngineError {
  return new EngineError({
    code: "content-corrupt",
    message: msg(
      "A layer of the image does not have the content that its configuration says: {actual} instead of {expected}.",
      {
        actual,
        expected,
      },
    ),
    hint: msg("Remove the image and pull it again."),
  });
}

export function foreignOwner(detail: string): EngineError {
  return new EngineError({
    code: "runtime-unavailable",
    message: msg("A layer of the image has files of a user id that your account may not use: {detail}", {
      detail: detail.trim(),
    }),
    hint: msg("Give your account more subordinate ids in /etc/subuid and /etc/subgid, then restart the engine."),
  });
}

export function diskFull(folder: string): EngineError {
  return new EngineError({
    code: "disk-full",
    message: msg("There is no space left in {folder}.", { folder }),
    hint: msg("Remove images and build cache that you no longer need, or free space on the disk."),
  });
}

export function cancelled(): EngineError {
  return new EngineError({ code: "cancelled", message: msg("Cancelled.") });
}

export function cannotMount(folder: string, detail: string): EngineError {
  return new EngineError({
    code: "runtime-unavailable",
    message: msg("The layers of the image could not be mounted: {detail}", { detail: detail.trim() }),
    hint: msg(
      "This needs Linux 5.11 or newer, and {folder} on a local disk (ext4, xfs, btrfs). Set DRYDOCK_HOME to a folder on one.",
      { folder },
    ),
  });
}

/** `cure` names the one command to run. */
export function noMounts(cure: Message | undefined): EngineError {
  return new EngineError({
    code: "runtime-unavailable",
    message: msg("This machine does not let the engine mount images."),
    ...(cure && { hint: cure }),
  });
}

export function noGnuTar(): EngineError {
  return new EngineError({
    code: "runtime-unavailable",
    message: msg("GNU tar was not found; layers cannot be unpacked without it."),
    hint: msg("Install the package tar, then restart the engine."),
  });
}

export function commitFailed(detail: string): EngineError {
  return new EngineError({
    code: "internal",
    message: msg("The new layer could not be written: {detail}", { detail: detail.trim() }),
    hint: msg("The engine's log has the details."),
    action: { kind: "show-log" },
  });
}

export function tooManyLayers(count: number): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("The image has {count} layers; Linux can mount 500.", { count }),
    hint: msg("Join RUN and COPY steps, or start from a base image with fewer layers."),
  });
}
