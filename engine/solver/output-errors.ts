import { EngineError } from "../base/errors.ts";
import { type Message, msg } from "../base/message.ts";

const outputTypes = ["image", "registry", "oci", "docker", "local", "tar", "cacheonly"];

export function outputInvalid(text: string, part?: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message:
      part === undefined
        ? msg('invalid output "{text}": its quotes do not fit', { text })
        : msg('invalid output "{text}": {part}', { text, part }),
    hint: outputHint(),
  });
}

/** `type` is undefined where none was given. */
export function outputOfNoType(text: string, type: string | undefined): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: type
      ? msg('invalid output "{text}": there is no type {type}, only {types}', {
          text,
          type,
          types: outputTypes.join(", "),
        })
      : msg('invalid output "{text}": type= is missing', { text }),
    hint: outputHint(),
  });
}

export function outputNeedsDest(text: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('the output "{text}" does not say where to', { text }),
    hint: msg("Add dest= and a path."),
  });
}

export function outputWithoutName(): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("an image without a name cannot be pushed"),
    hint: msg("Give it one: -t registry.example.com/app:1, or name= in the output."),
  });
}

export function outputIsFolder(dest: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("{dest} is a folder, and the output is one file", { dest }),
    hint: msg("Name a file in it, like {dest}/app.tar.", { dest }),
  });
}

export function outputFailed(dest: string, reason: string, isFull: boolean, cause?: unknown): EngineError {
  return new EngineError({
    code: isFull ? "disk-full" : "forbidden",
    message: isFull
      ? msg("no space left for the output {dest}", { dest })
      : msg("the output {dest} cannot be written ({reason})", { dest, reason }),
    hint: isFull
      ? msg("Free space on that disk, or choose another place. What was there before is unchanged.")
      : msg("Choose a place that you may write to. What was there before is unchanged."),
    cause,
  });
}

export function needsTar(): EngineError {
  return new EngineError({
    code: "unavailable",
    message: msg("GNU tar is needed to write the files of an image"),
    hint: msg("Install the package tar."),
  });
}

export function noExporter(): EngineError {
  return new EngineError({ code: "unsupported", message: msg("this builder only builds into the store") });
}

export function nothingToImport(): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("this is no tar, so it cannot be imported"),
    hint: msg("Import a tar of a root file system, as docker export and tar make it."),
  });
}

export function badChange(change: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('"{change}" is not a valid change of an image', { change }),
    hint: msg("Use CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME or WORKDIR."),
  });
}

function outputHint(): Message {
  return msg(
    "Write a folder, - for a tar, or type=image|registry|oci|docker|local|tar with dest=, name=, push=, compression=, oci-mediatypes=.",
  );
}
