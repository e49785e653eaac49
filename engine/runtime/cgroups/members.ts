import { readFileSync, readlinkSync } from "node:fs";
import { allPids, identify, type ProcessIdentity, processStat, signalProcess } from "../proc.ts";
import type { CgroupUsage } from "../types.ts";

/**
 * A container's processes where no control group keeps them together: everything in the pid namespace of its first process
 * and below. In a shared pid namespace, what shares its mounts, unless those are ours too. Never this process or one that
 * it descends from, whatever the pid: they are who has to let the others go on again.
 */
export function processesOf(pid: number): number[] {
  const space = spaceOf(pid);
  if (!space) return [];
  const own = { pid: namespace("self", "pid"), mounts: namespace("self", "mnt") };
  const byPids = space.pid !== own.pid && isFirst(pid);
  const byMounts = space.pid !== own.pid || space.mounts !== own.mounts;
  const isMember = (candidate: number) => {
    if (candidate === pid) return true;
    if (!byMounts || namespace(candidate, "pid") !== space.pid) return false;
    return byPids || namespace(candidate, "mnt") === space.mounts;
  };
  const parents = new Map<number, number>();
  for (const candidate of allPids()) {
    const stat = processStat(candidate);
    if (stat && stat.state !== "Z") parents.set(candidate, stat.parent);
  }
  const members = new Set([...parents.keys()].filter(isMember));
  // What a container made namespaces for belongs to it as well.
  for (let grown = true; grown; ) {
    grown = false;
    for (const [candidate, parent] of parents) {
      if (members.has(candidate) || !members.has(parent)) continue;
      members.add(candidate);
      grown = true;
    }
  }
  for (let at: number | undefined = process.pid; at !== undefined; at = parents.get(at)) members.delete(at);
  return [...members];
}

function spaceOf(pid: number): { readonly pid: string; readonly mounts: string } | undefined {
  const [pids, mounts] = [namespace(pid, "pid"), namespace(pid, "mnt")];
  return pids === undefined || mounts === undefined ? undefined : { pid: pids, mounts };
}

/** Process 1 of its own pid namespace. */
function isFirst(pid: number): boolean {
  return /^NSpid:.*\t1$/m.test(readText(`/proc/${pid}/status`));
}

/** Those that are not stopped: a signal takes effect when the process has its turn, and one that was not reached starts others. */
export function goingOn(pid: number): number[] {
  return processesOf(pid).filter((member) => !/^[TtZX]?$/.test(processStat(member)?.state ?? ""));
}

/** Process 1 first when they are to stop: it starts the others. */
export function signalEach(members: readonly number[], pid: number, signal: "SIGSTOP" | "SIGCONT"): void {
  const ordered = [...members.filter((member) => member === pid), ...members.filter((member) => member !== pid)];
  for (const member of ordered) {
    const identity: ProcessIdentity | undefined = identify(member);
    if (identity) signalProcess(identity, signal);
  }
}

/** The sums of what proc(5) tells about each: shared memory counts for everyone who has it. */
export function summedUsage(pid: number): CgroupUsage {
  const members = processesOf(pid);
  let [user, system, resident] = [0, 0, 0];
  for (const member of members) {
    const text = readText(`/proc/${member}/stat`);
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    // proc(5): 14 utime, 15 stime, 16 and 17 of children that were waited for, 24 rss in pages.
    user += Number(fields[11] ?? 0) + Number(fields[13] ?? 0);
    system += Number(fields[12] ?? 0) + Number(fields[14] ?? 0);
    resident += Number(/^RssAnon:\s*(\d+)/m.exec(readText(`/proc/${member}/status`))?.[1] ?? 0) * 1024;
  }
  const tickNs = 10_000_000n;
  const [cpuUserNs, cpuSystemNs] = [BigInt(user) * tickNs, BigInt(system) * tickNs];
  return {
    cpuTotalNs: cpuUserNs + cpuSystemNs,
    cpuUserNs,
    cpuSystemNs,
    memoryBytes: resident,
    memoryParts: {},
    pids: members.length,
    blockIo: [],
  };
}

function namespace(pid: number | "self", kind: "pid" | "mnt"): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    return undefined;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
