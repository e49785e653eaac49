import type { ErrorBody } from "../../engine/base/errors.ts";
import { type Message, msg } from "../../engine/base/message.ts";

/** A build that has failed, as an answer of the API with its error would be. (Not an EngineError: its class is another in each bundle.) */
export class BuildFailed extends Error {
  readonly json: ErrorBody;

  constructor(json: ErrorBody) {
    super(json.message);
    this.name = "BuildFailed";
    this.json = json;
  }
}

/** What stands in the way of a debugger, and what to do. */
export class DebugProblem extends Error {
  readonly details: Message;

  constructor(details: Message) {
    super(details.template);
    this.name = "DebugProblem";
    this.details = details;
  }
}

export const noStage = (name: string) =>
  new DebugProblem(msg("The Dockerfile has no stage {name}. Take another target.", { name }));

export const nothingToBuild = () =>
  new DebugProblem(msg("The Dockerfile has no FROM, so there is nothing to build. Add FROM and a base image."));

export const cannotBeRead = (line: number, problem: string) =>
  new DebugProblem(msg("Line {line}: {problem}", { line, problem }));

export const nothingBuiltYet = () => new DebugProblem(msg("There is no file system before FROM. Step over it first."));

export const onlyWhileStopped = () => new DebugProblem(msg("The build runs. Wait until it stops, or pause it."));

export const unknownName = (name: string) =>
  new DebugProblem(msg("{name} is no argument or variable here. Commands are run in the Debug Console.", { name }));

export const otherFile = () => msg("This is not the Dockerfile that is being built.");
export const notNeeded = (stage: string) =>
  msg("The target does not need the stage {stage}: it is not built.", { stage });
export const nothingFollows = () => msg("No instruction follows that is built.");
