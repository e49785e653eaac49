import { EngineError } from "../base/errors.ts";
import { type Message, msg } from "../base/message.ts";

export function cacheSpecInvalid(text: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg('"{text}" does not name a place for the build cache', { text }),
    hint: msg(
      "Write type=local,dest=FOLDER (src=FOLDER to read), type=registry,ref=NAME, type=inline, or the name of an image.",
    ),
  });
}

export function cacheKindUnknown(kind: string): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("the build cache cannot be kept in {kind}", { kind }),
    hint: msg("There are local folders (type=local), registries (type=registry) and the image itself (type=inline)."),
  });
}

export function cacheNotRead(place: string, reason: string): Message {
  return msg("The build cache of {place} is not used: {reason}", { place, reason });
}

export function cacheNotWritten(place: string, reason: string): Message {
  return msg("The build cache could not be written to {place}: {reason}", { place, reason });
}

export function cacheFolderUnusable(folder: string, reason: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("the folder {folder} holds no build cache that can be read: {reason}", { folder, reason }),
    hint: msg("Write one with --cache-to type=local,dest=FOLDER."),
  });
}
