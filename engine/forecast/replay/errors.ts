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

export function notTrusted(repository: string): EngineError {
  return new EngineError({
    code: "forbidden",
    message: msg("git does not read {folder}: it belongs to another user.", { folder: repository }),
    hint: msg("If you trust it: git config --global --add safe.directory {folder}", { folder: repository }),
  });
}

export function noCommits(folder: string): EngineError {
  return new EngineError({
    code: "not-found",
    message: msg("The git repository of {folder} has no commits yet.", { folder }),
    hint: msg("Make a first commit: history is what is replayed."),
  });
}

export function historyCutOff(folder: string): EngineError {
  return new EngineError({
    code: "not-found",
    message: msg("{folder} is in a shallow clone, which has no history.", { folder }),
    hint: msg("Get it with git fetch --unshallow, or in GitHub Actions with fetch-depth: 0 at the checkout."),
  });
}

export function gitFailed(said: string): EngineError {
  const line = said.trim().split("\n")[0] ?? "";
  return new EngineError({
    code: "not-found",
    message: msg("git cannot tell the history: {reason}", { reason: line }),
    hint: msg("Check that the repository is not damaged: git fsck"),
  });
}

export function cannotReplay(problem: Message, range: Range | undefined): EngineError {
  return new EngineError({ code: "dockerfile-syntax", message: problem, ...(range ? { range } : {}) });
}
