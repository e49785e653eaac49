import { EngineError } from "../../base/errors.ts";
import { msg } from "../../base/message.ts";

export function limitNotTaken(file: string, value: string, detail: string): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("This system does not take the limit {file} = {value}: {detail}", { file, value, detail }),
    hint: msg(
      "Choose a value that fits this machine: its memory, its processors, and what the container uses already.",
    ),
  });
}

export function cgroupFailed(detail: string): EngineError {
  return new EngineError({
    code: "runtime-failed",
    message: msg("The container's control group could not be set up: {detail}", { detail }),
    hint: msg("The engine's log has the details."),
    action: { kind: "show-log" },
  });
}

export function notFrozen(): EngineError {
  return new EngineError({
    code: "runtime-failed",
    message: msg("Not all processes of the container could be paused."),
    hint: msg("A process may be waiting for a disk or a network folder. Try again, or stop the container."),
  });
}
