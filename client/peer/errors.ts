import { EngineError, type ErrorBody, type ErrorDetails } from "../../engine/base/errors.ts";
import { formatMessage, type Message, msg } from "../../engine/base/message.ts";
import type { Range } from "../../engine/base/ranges.ts";

/** What another builder says of a step that failed. */
export function stepFailed(text: string, said: string, range: Range | undefined): ErrorBody {
  const exitCode = /exit code: (\d+)|non-zero code: (\d+)|exit status (\d+)/.exec(said)?.slice(1).find(Boolean);
  const step = text.split("\n")[0] ?? "";
  const message =
    exitCode === undefined
      ? msg("{step} failed: {reason}", { step, reason: said })
      : msg("{step} failed with exit code {code}", { step, code: exitCode });
  return bodyOf({
    code: "build-step-failed",
    message,
    ...(exitCode === undefined ? {} : { exitCode: Number(exitCode) }),
    ...(range ? { range } : {}),
  });
}

/** What it says when no step is to blame. A line of the Dockerfile is pointed at when it names one. */
export function buildFailed(said: string): ErrorBody {
  const line = /parse error (?:on )?line (\d+)|Dockerfile:(\d+)/.exec(said)?.slice(1).find(Boolean);
  const at = Number(line ?? 1) - 1;
  const range =
    line === undefined ? undefined : { start: { line: at, character: 0 }, end: { line: at, character: 1000 } };
  return bodyOf({
    code: line === undefined ? "internal" : "dockerfile-syntax",
    message: msg("{text}", {
      text: said.replace(/^(?:failed to solve(?: with frontend dockerfile\.v0)?: )+/, "").trim(),
    }),
    ...(range ? { range } : {}),
  });
}

export function secretsNeedBuildx(): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("Without buildx, secrets and ssh cannot be given to a build by this engine."),
    hint: msg("Install docker's buildx plug-in, or use the embedded engine."),
    action: { kind: "open-link", url: "https://docs.docker.com/build/concepts/overview/#install-buildx" },
  });
}

export function optionNeedsBuildx(option: string): EngineError {
  return new EngineError({
    code: "unsupported",
    message: msg("Without buildx, {option} cannot be given to a build by this engine.", { option }),
    hint: msg("Install docker's buildx plug-in, or use the embedded engine."),
  });
}

export function brokeOff(name: string): EngineError {
  return new EngineError({
    code: "unavailable",
    message: msg("{name} ended the build without a word.", { name }),
    hint: msg("Look at the engine's own log, and try again."),
    retryable: true,
  });
}

export function programFailed(program: string, said: string): EngineError {
  return new EngineError({
    code: "unavailable",
    message: msg("{program} could not be run: {reason}", { program, reason: said }),
  });
}

export function bodyOf(details: ErrorDetails): ErrorBody {
  const { cause: _, ...drydock } = details;
  return { message: formatMessage(details.message as Message), drydock };
}
