import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";

/** A process that can be told from a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks since boot. */
  readonly startTime: string;
  readonly bootId: string;
}

interface Stat {
  readonly state: string;
  readonly parent: number;
  readonly startTime: string;
}

/** Undefined when there is no such process. */
export function processStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // proc(5): the name in field 2 may hold blanks and parentheses, so count from the last one.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", parent: Number(fields[1]), startTime: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}

export function identify(pid: number): ProcessIdentity | undefined {
  const stat = processStat(pid);
  return stat && { pid, startTime: stat.startTime, bootId: bootId() };
}

/** True while this very process lives; a zombie is dead. */
export function isAlive(identity: ProcessIdentity): boolean {
  const stat = processStat(identity.pid);
  return (
    stat !== undefined &&
    stat.state !== "Z" &&
    stat.state !== "X" &&
    stat.startTime === identity.startTime &&
    identity.bootId === bootId()
  );
}

/** Signals this very process; nothing happens when it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals | number): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** The first child, or undefined. */
export function firstChild(pid: number): number | undefined {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
    return children === "" ? undefined : Number(children.split(" ")[0]);
  } catch {
    // Kernels without CONFIG_PROC_CHILDREN.
    return allPids().find((candidate) => processStat(candidate)?.parent === pid);
  }
}

export function allPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** `mnt:[4026531841]`; undefined when the process is gone or not ours to look at. */
export function namespaceOf(pid: number | "self", kind: "mnt" | "net" | "user" | "pid"): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    return undefined;
  }
}

/** `dev:ino` of what a magic link of the process points to. */
export function linkIdentity(pid: number, link: "exe" | "root"): string | undefined {
  try {
    const { dev, ino } = statSync(`/proc/${pid}/${link}`);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

let boot: string | undefined;

export function bootId(): string {
  boot ??= readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  return boot;
}
