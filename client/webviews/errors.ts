import { EngineError } from "../../engine/base/errors.ts";
import { msg } from "../../engine/base/message.ts";

export function imageGone(name: string): EngineError {
  return new EngineError({
    code: "image-not-found",
    message: msg("The image {name} is not there any more.", { name }),
    hint: msg("It was removed or built anew, or it belongs to another engine."),
  });
}

export function buildGone(): EngineError {
  return new EngineError({
    code: "not-found",
    message: msg("This build is not in the list of builds any more."),
    hint: msg("The Builds view has those that are kept."),
  });
}

export function fileGone(name: string): EngineError {
  return new EngineError({ code: "not-found", message: msg("The file {name} is not there any more.", { name }) });
}

/** Of a page that another version of us has left behind. */
export function pageUnknown(): EngineError {
  return new EngineError({
    code: "not-found",
    message: msg("What this page showed is not known any more."),
    hint: msg("Close it and open it again."),
  });
}
