import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { signalNumber } from "./signals.ts";

/** Programs of the machine that the engine may call. None is compulsory by itself; facts.ts says what is lost without it. */
const names = [
  "bash",
  "busybox",
  "catatonit",
  "chown",
  "cp",
  "crun",
  "docker-init",
  "domainname",
  "env",
  "hostname",
  "ifconfig",
  "ip",
  "mkdir",
  "mkfifo",
  "mount",
  "newgidmap",
  "newuidmap",
  "nsenter",
  "pasta",
  "perl",
  "prlimit",
  "python3",
  "runc",
  "script",
  "setpriv",
  "sh",
  "sleep",
  "slirp4netns",
  "stty",
  "sync",
  "tar",
  "tini",
  "tini-static",
  "true",
  "umount",
  "unshare",
  "youki",
] as const;

export type ToolName = (typeof names)[number];
export type Tools = Readonly<Record<string, string | undefined>>;

/** Searches PATH and the folders where system tools live even when an ordinary user's PATH leaves them out. */
export function findTools(searchPath = process.env.PATH ?? ""): Tools {
  const system = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
  // System folders first: a tool that runs as root is not taken from a folder of the user when there is a choice.
  const folders = [...new Set([...system.slice(2), ...system, ...searchPath.split(":")])].filter(path.isAbsolute);
  return Object.fromEntries(
    names.map((name) => [name, folders.map((folder) => path.join(folder, name)).find(isExecutable)]),
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

export interface ToolResult {
  /** 128+n after a signal; 127 when it could not be started. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ToolOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Environment of the engine's own helpers: English messages, nothing inherited that changes what a tool does. */
export const toolEnvironment: Readonly<Record<string, string>> = {
  PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
  LC_ALL: "C",
};

/** Runs a small program to its end. Never rejects. */
export function runTool(file: string, args: readonly string[], options: ToolOptions = {}): Promise<ToolResult> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      stdio: ["ignore", "pipe", "pipe"],
      cwd: options.cwd ?? "/",
      env: { ...toolEnvironment, ...options.env },
      ...(options.signal && { signal: options.signal }),
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", (error) => resolve({ code: 127, stdout, stderr: stderr || error.message }));
    child.on("close", (code, signal) => resolve({ code: exitCodeOf(code, signal), stdout, stderr }));
  });
}

/** Docker's exit code for what Node reports. */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signalNumber(signal ?? "SIGKILL") ?? 9);
}
