// The engine's program. `node engine.js` sees to it that an engine runs and prints its status (or why there is none) as JSON; `--inside HOME SOCKET`
// is the engine itself, started by the former within the namespaces that it needs.
import { homedir } from "node:os";
import path from "node:path";
import type { Readable } from "node:stream";
import { toErrorBody } from "./api/errors.ts";
import { enginePaths } from "./base/paths.ts";
import { launchEngine, readyFd } from "./launch.ts";
import { log } from "./log.ts";
import { dismissHolder, enterNamespaces } from "./runtime/holder.ts";
import { tidyAllocation } from "./tidy-memory.ts";

const script = __filename;
const defaultIdleSeconds = 600;

async function launch(): Promise<void> {
  const uid = process.getuid?.() ?? 0;
  const paths = enginePaths({ env: process.env, homeDir: homedir(), uid });
  const start = launchEngine({
    paths,
    uid,
    spawnDaemon: async (logFd) => {
      const child = await enterNamespaces({
        runtimeDir: paths.runtimeDir,
        nodePath: process.execPath,
        script,
        args: ["--inside", paths.home, paths.socket, String(readyFd)],
        env: daemonEnv(process.env),
        stdio: ["ignore", logFd, logFd, "pipe"],
        detached: true,
      });
      return { child, ready: child.stdio[readyFd] as Readable };
    },
  });
  // An engine that did not start leaves nothing behind, not even what would hold its namespaces.
  start.catch(() => dismissHolder(paths.runtimeDir));
  process.stdout.write(`${JSON.stringify(await start)}\n`);
}

/** The user's environment (proxies, docker's configuration), less what is meant for the program that started us. */
function daemonEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const theirs = Object.entries(env).filter(([name]) => name !== "NODE_OPTIONS" && !name.startsWith("VSCODE_"));
  return { ...tidyAllocation, ...Object.fromEntries(theirs) };
}

function idleMs(text: string | undefined): number {
  const seconds = Number(text || defaultIdleSeconds);
  return (Number.isFinite(seconds) && seconds >= 0 ? seconds : defaultIdleSeconds) * 1000;
}

async function inside([home = "", socket = "", fd]: readonly string[]): Promise<void> {
  if (!path.isAbsolute(home) || !path.isAbsolute(socket)) throw new Error("--inside HOME SOCKET, both absolute");
  // Modes of files in images must not depend on how the user's shell is set up.
  process.umask(0o022);
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
      log(`crash: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      process.exit(70);
    });
  }
  // Loaded only here: the launcher, which runs far more often, does without.
  const { runDaemon } = await import("./daemon.ts");
  await runDaemon({
    paths: { home, runtimeDir: path.dirname(socket), socket },
    monitorScript: path.join(path.dirname(script), "monitor.js"),
    nodePath: process.execPath,
    idleMs: idleMs(process.env.DRYDOCK_IDLE_SECONDS),
    readyFd: fd === undefined ? undefined : Number(fd),
  });
}

async function main([mode, ...rest]: readonly string[]): Promise<void> {
  if (mode === "--inside") return inside(rest);
  try {
    await launch();
  } catch (error) {
    const { body } = toErrorBody(error);
    // For a person, and for the client that started us and has the words in another language.
    process.stderr.write(`${body.message}\n`);
    process.stdout.write(`${JSON.stringify({ error: body })}\n`);
    process.exitCode = 1;
  }
}

void main(process.argv.slice(2));
