import { readdirSync, readFileSync, statSync } from "node:fs";

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot (proc(5), /proc/PID/stat field 22). */
  readonly startTime: string;
  readonly bootId: string;
}

export function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

/** `undefined` when the process is gone (or a zombie: it runs no more). */
export function identify(pid: number): ProcessIdentity | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // Field 2 is the program's name in parentheses and may hold anything, so count from the last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const state = fields[0];
  const startTime = fields[19];
  if (startTime === undefined || state === "Z" || state === "X") return undefined;
  return { pid, startTime, bootId: bootId() };
}

export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return now !== undefined && now.startTime === identity.startTime && now.bootId === identity.bootId;
}

export function killProcess(identity: ProcessIdentity): void {
  if (isAlive(identity)) sendKill(identity.pid);
}

/**
 * Kills every process whose root is the given mounted root file system: what is left when a monitor was killed before it
 * could say what it started. Returns how many were found.
 */
export function killProcessesIn(rootfs: string): number {
  const root = fileIdentity(rootfs);
  if (root === undefined || root === fileIdentity("/")) return 0;
  const found = readdirSync("/proc").filter(
    (name) => /^\d+$/.test(name) && Number(name) !== process.pid && fileIdentity(`/proc/${name}/root/`) === root,
  );
  for (const name of found) sendKill(Number(name));
  return found.length;
}

function fileIdentity(file: string): string | undefined {
  try {
    const { dev, ino } = statSync(file, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

function sendKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone in the meantime.
  }
}
