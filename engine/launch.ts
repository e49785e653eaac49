import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
} from "node:fs";
import { request } from "node:http";
import path from "node:path";
import type { Readable } from "node:stream";
import type { EngineStatus } from "./base/drydock-api.ts";
import { EngineError, type ErrorBody } from "./base/errors.ts";
import { msg } from "./base/message.ts";
import type { EnginePaths } from "./base/paths.ts";
import { cannotMakeFolder, didNotStart, notAPlace, unsafeFolder } from "./errors.ts";

/** The descriptor on which a starting engine says that it answers, or why not. */
export const readyFd = 3;

/** One line on `readyFd`. */
export type ReadyReport = { readonly ready: true } | { readonly error: ErrorBody };

const maxLogBytes = 5 * 1024 * 1024;

/** The engine that answers on the socket, if one does. */
export function askStatus(socket: string, timeoutMs = 5000): Promise<EngineStatus | undefined> {
  return new Promise((resolve) => {
    const req = request({ socketPath: socket, path: "/drydock/status", timeout: timeoutMs, agent: false }, (res) => {
      let text = "";
      res.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      res.on("error", () => resolve(undefined));
      res.on("end", () => resolve(parseStatus(text)));
    });
    req.on("timeout", () => req.destroy());
    req.on("error", () => resolve(undefined));
    req.end();
  });
}

function parseStatus(text: string): EngineStatus | undefined {
  try {
    const status = JSON.parse(text) as Partial<EngineStatus>;
    return typeof status.pid === "number" && typeof status.home === "string" ? (status as EngineStatus) : undefined;
  } catch {
    return undefined;
  }
}

/** @throws EngineError `invalid-argument` */
function checkPlaces({ home, socket }: EnginePaths): void {
  if (!path.isAbsolute(home)) throw notAPlace("DRYDOCK_HOME", home);
  if (!path.isAbsolute(socket)) throw notAPlace("DRYDOCK_HOST", socket);
}

/**
 * Makes the engine's folders with mode 0700. One that is there must be the user's own and writable by nobody else:
 * whoever can put a socket into it could play the engine.
 * @throws EngineError `forbidden`
 */
export function prepareFolders({ home, runtimeDir }: EnginePaths, uid: number): void {
  for (const folder of [home, runtimeDir]) {
    try {
      makeFolder(folder);
    } catch (error) {
      throw cannotMakeFolder(folder, error as NodeJS.ErrnoException);
    }
    // A home may be a link to a larger disk; a link in /tmp is somebody's trap.
    const stat = folder === home ? statSync(folder) : lstatSync(folder);
    if (!stat.isDirectory() || stat.uid !== uid || (stat.mode & 0o022) !== 0) throw unsafeFolder(folder);
  }
  // Closed when it is the engine's alone; DRYDOCK_HOME and DRYDOCK_HOST may name folders that have other uses.
  const entries = readdirSync(home);
  if (entries.length === 0 || entries.includes("oci-layout")) chmodSync(home, 0o700);
}

/** One by one, because Node's `recursive` never comes back from a place where nothing can be made, such as /proc. */
function makeFolder(folder: string): void {
  if (isFolder(folder)) return;
  if (!existsSync(folder)) makeFolder(path.dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Somebody else was faster; or a file or a link to nowhere is in the way.
    if (!isFolder(folder)) throw error;
  }
}

function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

export interface LaunchOptions {
  readonly paths: EnginePaths;
  readonly uid: number;
  /**
   * Starts the daemon, detached, with standard output and error going to `logFd` and `readyFd` being a pipe to be read.
   */
  readonly spawnDaemon: (logFd: number) => Promise<{ readonly child: ChildProcess; readonly ready: Readable }>;
}

/**
 * The engine that answers on the socket; started when there is none. Two launchers at once are no harm: the second
 * daemon sees the first and leaves, and both launchers find the one that lives.
 * @throws EngineError with the reason why it did not start.
 */
export async function launchEngine({ paths, uid, spawnDaemon }: LaunchOptions): Promise<EngineStatus> {
  checkPlaces(paths);
  prepareFolders(paths, uid);
  const running = await askStatus(paths.socket);
  if (running) return running;

  const log = openLog(paths.home);
  try {
    // An engine that was just ending may have taken its namespaces along while ours was on its way into them: it then ends
    // without a word, and the next one makes new ones.
    for (let again = true; ; again = false) {
      const { child, ready } = await spawnDaemon(log.fd);
      const report = await readReport(child, ready);
      ready.destroy();
      if (report && "error" in report) {
        // Gone, so that whoever hears of the failure finds nothing of it running.
        const isRunning = child.exitCode === null && child.signalCode === null;
        if (isRunning) await once(child, "exit", { signal: AbortSignal.timeout(2000) }).catch(() => {});
        throw fromBody(report.error);
      }
      child.unref();
      const status = await askStatus(paths.socket);
      if (status) return status;
      if (report || !again) throw didNotStart(log.file, lastLines(log.fd, log.startBytes));
    }
  } finally {
    closeSync(log.fd);
  }
}

/** Opened for appending by every start; a long one is put aside first. */
function openLog(home: string): { readonly fd: number; readonly file: string; readonly startBytes: number } {
  const file = path.join(home, "engine.log");
  try {
    if (statSync(file).size > maxLogBytes) renameSync(file, `${file}.1`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const fd = openSync(file, "a+", 0o600);
  return { fd, file, startBytes: statSync(file).size };
}

/** What the daemon says, or undefined when it ended without a word. */
function readReport(child: ChildProcess, ready: Readable): Promise<ReadyReport | undefined> {
  return new Promise((resolve) => {
    let text = "";
    const settle = () => resolve(parseReport(text));
    ready.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (text.includes("\n")) settle();
    });
    // A helper that lives on (the holder of the namespaces) may keep the pipe open, so the end of the child counts too.
    ready.on("end", settle).on("error", settle);
    child.on("error", settle).on("exit", (code) => {
      if (code !== 0) setImmediate(settle);
    });
  });
}

function parseReport(text: string): ReadyReport | undefined {
  try {
    return JSON.parse(text.split("\n")[0] ?? "") as ReadyReport;
  } catch {
    return undefined;
  }
}

function lastLines(fd: number, fromBytes: number): string {
  const buffer = Buffer.alloc(4096);
  const size = Math.max(fromBytes, readEnd(fd) - buffer.length);
  const length = readSync(fd, buffer, 0, buffer.length, size);
  return buffer.toString("utf8", 0, length).trim().split("\n").slice(-8).join("\n");
}

function readEnd(fd: number): number {
  return statSync(`/proc/self/fd/${fd}`).size;
}

function fromBody({ message, drydock }: ErrorBody): EngineError {
  return new EngineError(drydock ?? { code: "internal", message: msg("{text}", { text: message }) });
}
