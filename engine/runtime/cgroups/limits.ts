import type { CgroupLimits } from "../types.ts";

/** A value for a file of one controller. With several files the first that exists takes it. */
export interface LimitWrite {
  readonly controller: string;
  readonly files: readonly string[];
  readonly value: string;
}

/** What the kernel's files of v1 take; -1 is no limit. In an order in which they can be written to a new group. */
export function writesOfV1(limits: CgroupLimits): LimitWrite[] {
  return writes([
    ["memory", ["memory.limit_in_bytes"], limits.memoryBytes],
    ["memory", ["memory.memsw.limit_in_bytes"], limits.memorySwapBytes],
    ["memory", ["memory.soft_limit_in_bytes"], limits.memoryReservationBytes],
    ["memory", ["memory.swappiness"], limits.memorySwappiness],
    ["memory", ["memory.oom_control"], limits.oomKillDisable === undefined ? undefined : Number(limits.oomKillDisable)],
    ["cpu", ["cpu.shares"], limits.cpuShares],
    ["cpu", ["cpu.cfs_period_us"], limits.cpuPeriodUs],
    ["cpu", ["cpu.cfs_quota_us"], limits.cpuQuotaUs],
    ["cpuset", ["cpuset.cpus"], limits.cpusetCpus],
    ["cpuset", ["cpuset.mems"], limits.cpusetMems],
    ["pids", ["pids.max"], orMax(limits.pidsLimit)],
    ["blkio", ["blkio.weight", "blkio.bfq.weight"], limits.blkioWeight],
  ]);
}

/** cgroup-v2.txt; `oomKillDisable` and swappiness have nothing there. Weights by the formulas of the OCI runtimes. */
export function writesOfV2(limits: CgroupLimits): LimitWrite[] {
  const { memoryBytes, memorySwapBytes, cpuShares, cpuQuotaUs, cpuPeriodUs, blkioWeight } = limits;
  const swap =
    memorySwapBytes === undefined
      ? undefined
      : memorySwapBytes < 0
        ? "max"
        : memoryBytes === undefined
          ? undefined
          : Math.max(0, memorySwapBytes - memoryBytes);
  const quota = cpuQuotaUs === undefined || cpuQuotaUs <= 0 ? "max" : String(cpuQuotaUs);
  const cpuMax =
    cpuQuotaUs === undefined && cpuPeriodUs === undefined ? undefined : `${quota} ${cpuPeriodUs || defaultPeriodUs}`;
  const share = (value: number | undefined, from: number, to: number) =>
    value ? 1 + Math.floor(((value - from) * 9999) / (to - from)) : undefined;
  return writes([
    ["unified", ["memory.max"], orMax(memoryBytes)],
    ["unified", ["memory.swap.max"], swap],
    ["unified", ["memory.low"], limits.memoryReservationBytes],
    ["unified", ["cpu.weight"], share(cpuShares, 2, 262_144)],
    ["unified", ["cpu.max"], cpuMax],
    ["unified", ["cpuset.cpus"], limits.cpusetCpus],
    ["unified", ["cpuset.mems"], limits.cpusetMems],
    ["unified", ["pids.max"], orMax(limits.pidsLimit)],
    ["unified", ["io.weight", "io.bfq.weight"], share(blkioWeight, 10, 1000)],
  ]);
}

const defaultPeriodUs = 100_000;

function orMax(value: number | undefined): string | undefined {
  return value === undefined ? undefined : value > 0 ? String(value) : "max";
}

function writes(rows: readonly (readonly [string, readonly string[], string | number | undefined])[]): LimitWrite[] {
  return rows.flatMap(([controller, files, value]) =>
    value === undefined || value === "" ? [] : [{ controller, files, value: String(value) }],
  );
}
