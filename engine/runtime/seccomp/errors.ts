import { EngineError } from "../../base/errors.ts";
import { msg } from "../../base/message.ts";

export function invalidProfile(detail: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("The seccomp profile cannot be used: {detail}", { detail }),
    hint: msg("It is JSON with defaultAction and syscalls, as in Docker's documentation of seccomp profiles."),
  });
}

export function noSeccomp(): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("This machine has nothing that can filter system calls, so a seccomp profile cannot be applied."),
    hint: msg("Install perl or crun, or start the container with --security-opt seccomp=unconfined."),
  });
}
