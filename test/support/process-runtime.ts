import { spawn } from "node:child_process";
import os from "node:os";
import { EngineError } from "../../engine/base/errors.ts";
import { msg } from "../../engine/base/message.ts";
import type { ProcessSpec, RunningProcess, Runtime } from "../../engine/runtime/types.ts";

/** Runs "containers" as plain processes of the host: for tests of everything around the isolation. */
export const processRuntime: Runtime = {
  name: "process",
  run: (spec) => start(spec.process),
  exec: (_target, process) => start(process),
};

async function start(spec: ProcessSpec): Promise<RunningProcess> {
  const [file = "", ...args] = spec.args;
  const child = spawn(file, args, { env: environment(spec.env), stdio: "pipe" });
  const exit = new Promise<number>((resolve) => {
    child.once("close", (code, signal) => resolve(signal ? 128 + os.constants.signals[signal] : (code ?? 1)));
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", () => reject(commandNotFound(file)));
  });
  return {
    pid: child.pid ?? 0,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exit,
    signal: (signal) => void child.kill(typeof signal === "number" ? signal : (`SIG${signal}` as NodeJS.Signals)),
    resize: async () => {},
  };
}

function environment(entries: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
  );
}

function commandNotFound(command: string): EngineError {
  return new EngineError({
    code: "command-not-found",
    message: msg("no such command in the test: {command}", { command }),
    exitCode: 127,
  });
}
