import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { identify, isAlive, type ProcessIdentity } from "./runtime/proc.ts";

export interface HomeLock {
  release(): void;
}

export interface LockOwner extends ProcessIdentity {
  readonly socket: string;
}

/**
 * One engine a home, even when two are told different sockets. Node has no flock, so the lock is a file that names its
 * owner by pid and start time: one whose owner is gone does not count. Returns the owner when it is somebody else.
 */
export function lockHome(home: string, socket: string): HomeLock | LockOwner {
  const self = identify(process.pid);
  if (!self) throw new Error("/proc does not know this process");
  const file = path.join(home, "engine.lock");
  const own = path.join(home, `engine.lock.${process.pid}.${randomBytes(4).toString("hex")}`);
  writeFileSync(own, JSON.stringify({ ...self, socket }), { mode: 0o600 });
  try {
    for (;;) {
      if (tryLink(own, file)) return { release: () => releaseIfOurs(file, self) };
      const owner = readOwner(file);
      if (owner && isAlive(owner)) return owner;
      discardStale(file, own);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

export function isOwner(result: HomeLock | LockOwner): result is LockOwner {
  return "pid" in result;
}

/** Linking is atomic and brings the content with it: nobody ever reads half a lock. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

// Another engine may have replaced the dead lock since it was read. It is moved aside, and put back if it is alive.
function discardStale(file: string, own: string): void {
  const aside = `${own}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  const owner = readOwner(aside);
  if (owner && isAlive(owner)) tryLink(aside, file);
  rmSync(aside, { force: true });
}

function readOwner(file: string): LockOwner | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as LockOwner;
  } catch {
    return undefined;
  }
}

function releaseIfOurs(file: string, self: ProcessIdentity): void {
  const owner = readOwner(file);
  if (owner?.pid === self.pid && owner.startTime === self.startTime) rmSync(file, { force: true });
}
