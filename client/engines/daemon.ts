import { spawn } from "node:child_process";
import { homedir } from "node:os";
import path from "node:path";
import { EngineError, type ErrorBody } from "../../engine/base/errors.ts";
import { msg } from "../../engine/base/message.ts";
import { type EnginePaths, enginePaths } from "../../engine/base/paths.ts";
import type { Address } from "./address.ts";
import { openTransport, type Transport } from "./transport.ts";

/** The paths of this user's engine, from the environment of this process. */
export function localEnginePaths(): EnginePaths {
  return enginePaths({ env: process.env, homeDir: homedir(), uid: process.getuid?.() ?? 0 });
}

/** True when an engine answers there. */
export function ping(place: string | Address, timeoutMs = 2000): Promise<boolean> {
  return new Promise((resolve) => {
    let transport: Transport;
    try {
      transport = openTransport(typeof place === "string" ? { kind: "socket", path: place } : place);
    } catch {
      // Its certificates cannot be read.
      return resolve(false);
    }
    const answer = (isThere: boolean) => {
      clearTimeout(timer);
      transport.close();
      resolve(isThere);
    };
    const call = transport.request({ path: "/_ping" }, (response) => {
      response.resume();
      answer(response.statusCode === 200);
    });
    // Not the socket's own time-out: a connection that is being made has none.
    const timer = setTimeout(() => {
      call.destroy();
      answer(false);
    }, timeoutMs);
    call.on("error", () => answer(false));
    call.end();
  });
}

/**
 * Makes sure that the engine of this user runs. The engine starts itself in the background and answers before this
 * resolves. @throws EngineError `unavailable` with what the engine said.
 */
export async function ensureDaemon(distDir: string): Promise<EnginePaths> {
  const paths = localEnginePaths();
  if (await ping(paths.socket)) return paths;
  if (process.platform !== "linux") {
    throw new EngineError({
      code: "unsupported",
      message: msg("The embedded engine needs Linux (or WSL 2 on Windows)."),
      hint: msg("Open the folder in WSL, a dev container or over SSH."),
    });
  }
  const { code, output, answer } = await runLauncher(path.join(distDir, "engine.js"));
  if (code === 0) return paths;
  const details = detailsIn(answer);
  if (details) throw new EngineError(details);
  throw new EngineError({
    code: "unavailable",
    message: msg("The Drydock engine did not start: {reason}", { reason: output.trim() || `exit code ${code}` }),
    hint: msg("Its log is {file}.", { file: path.join(paths.home, "engine.log") }),
    retryable: true,
  });
}

/** The launcher's last word is JSON, unless it did not get so far. */
function detailsIn(answer: string): EngineError["details"] | undefined {
  try {
    return (JSON.parse(answer) as { error?: ErrorBody }).error?.drydock;
  } catch {
    return undefined;
  }
}

function runLauncher(script: string): Promise<{ code: number; output: string; answer: string }> {
  return new Promise((resolve) => {
    // In VS Code desktop execPath is Electron, which is Node only when told so.
    const child = spawn(process.execPath, [script], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let answer = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      answer += chunk;
    });
    child.stderr.on("data", (chunk) => {
      output = (output + chunk).slice(-4000);
    });
    child.on("error", (error) => resolve({ code: 1, output: error.message, answer }));
    child.on("close", (code) => resolve({ code: code ?? 1, output, answer }));
  });
}
