import { spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import type { Isolation } from "../base/drydock-api.ts";
import type { Message } from "../base/message.ts";

/** What this room has to know of the machine; the runtime's HostFacts are such. Rooms beside each other do not import each other. */
export interface Machine {
  readonly isolation: Isolation;
  /** The first one says why there is no isolation, when there is none. */
  readonly notes: readonly Message[];
  readonly tools: Readonly<Record<string, string | undefined>>;
}

/** English messages, and nothing inherited that changes what a tool does (TAR_OPTIONS). */
export const toolEnvironment: Readonly<Record<string, string>> = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };

/** Runs a small program to its end; undefined when it succeeded, else what it complained of. Never rejects. */
export function complaintOf(file: string, args: readonly string[], cwd = "/", env = {}): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"], cwd, env: { ...toolEnvironment, ...env } });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code) => resolve(code === 0 ? undefined : stderr || `${file}: ${code}`));
  });
}

/** proc(5), /proc/PID/mountinfo, field 5. */
export function isMounted(target: string): boolean {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .some((line) => unescapeOctal(line.split(" ")[4] ?? "") === target);
}

/** A RUN step whose engine was killed goes on running, writing into what is about to be removed. */
export function killInside(root: string): void {
  const own = identityOf(root);
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid || identityOf(`/proc/${name}/root/`) !== own) continue;
    try {
      process.kill(Number(name), "SIGKILL");
    } catch {
      // Gone in the meantime.
    }
  }
}

export function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
}

function identityOf(folder: string): string | undefined {
  try {
    const { dev, ino } = statSync(folder, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
