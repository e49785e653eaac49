import { EngineError } from "../base/errors.ts";
import { msg } from "../base/message.ts";

export function tooManyLinks(target: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("too many levels of symbolic links in the image: {path}", { path: target }),
  });
}

export function unknownUser(user: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("unable to find user {user}: no matching entries in passwd file", { user }),
    hint: msg("Create the user in the image first (RUN useradd … or adduser …), or give its number."),
  });
}

export function unknownGroup(group: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("unable to find group {group}: no matching entries in group file", { group }),
    hint: msg("Create the group in the image first (RUN groupadd … or addgroup …), or give its number."),
  });
}

export function idOutOfRange(id: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("user and group numbers must be in the range 0-{max}: {id}", { id, max: 2 ** 31 - 1 }),
  });
}
