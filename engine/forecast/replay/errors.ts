import { EngineError } from "../../base/errors.ts";
import { type Message, msg } from "../../base/message.ts";
import type { Range } from "../../base/ranges.ts";

export function gitMissing(cause: Error): EngineError {
  return new EngineError({
    code: "unavailable",
    message: msg("git could not be started: {reason}", { reason: cause.message }),
    hint: msg("Install git: history is read with it."),
    cause,
  });
}

export function notInGit(folder: string): EngineError {
  return new EngineError({
    code: "not-found",
    message: msg("{folder} is in no git repository.", { folder }),
    hint: msg("History can be replayed for a build context that is kept in git."),
  });
}

export function gitFailed(said: string): EngineError {
  const line = said.trim().split("\n")[0] ?? "";
  return new EngineError({
    code: "not-found",
    message: msg("git cannot tell the history: {reason}", { reason: line }),
    hint: msg("Make a first commit, or check that the repository is not damaged."),
  });
}

export function cannotReplay(problem: Message, range: Range | undefined): EngineError {
  return new EngineError({ code: "dockerfile-syntax", message: problem, ...(range ? { range } : {}) });
}
