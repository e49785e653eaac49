import { statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { allPids, bootId, linkIdentity, signalProcess } from "../runtime/proc.ts";
import type { MonitorState } from "./folder.ts";

/** Kills what a monitor left that was killed itself before it could see its container end. */
export async function killLeftovers({ monitor, process, rootfs }: MonitorState): Promise<void> {
  if (monitor.bootId !== bootId()) return;
  signalProcess(monitor, "SIGKILL");
  if (process) signalProcess(process, "SIGKILL");
  while (killProcessesIn(rootfs) > 0) await delay(10);
}

/**
 * Kills every process whose root is the given mounted root file system: it is found also when nobody wrote down its pid.
 * Returns how many there were.
 */
function killProcessesIn(rootfs: string): number {
  const stat = statSync(rootfs, { throwIfNoEntry: false });
  const root = stat && `${stat.dev}:${stat.ino}`;
  if (root === undefined || root === linkIdentity(process.pid, "root")) return 0;
  const found = allPids().filter((pid) => linkIdentity(pid, "root") === root);
  for (const pid of found) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Gone in the meantime.
    }
  }
  return found.length;
}
