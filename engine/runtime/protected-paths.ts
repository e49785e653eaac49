import { existsSync } from "node:fs";
import type { RunSpec } from "./types.ts";

/** Docker's lists (they show the host's hardware and keys, or change the host). */
const masked = [
  ..."acpi asound kcore keys latency_stats timer_list timer_stats sched_debug scsi interrupts"
    .split(" ")
    .map((name) => `/proc/${name}`),
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];
const readOnly = ["bus", "fs", "irq", "sys", "sysrq-trigger"].map((name) => `/proc/${name}`);

/** What is hidden and what may only be read, as container paths. In /proc and /sys only what this kernel has. */
export function protectedPaths({ maskedPaths, readonlyPaths, process }: RunSpec): {
  readonly masked: readonly string[];
  readonly readOnly: readonly string[];
} {
  const byDefault = (list: readonly string[]) => (process.privileged ? [] : list);
  const isThere = (path: string) => !/^\/(proc|sys)\//.test(path) || existsSync(path);
  return {
    masked: (maskedPaths ?? byDefault(masked)).filter(isThere),
    readOnly: (readonlyPaths ?? byDefault(readOnly)).filter(isThere),
  };
}
