import { type Message, msg } from "../base/message.ts";
import type { CgroupController, CgroupLimits } from "../runtime/types.ts";
import type { CreateOptions, Resources } from "./types.ts";

const periodUs = 100_000;

/** A container's limits in the kernel's numbers. */
export function limitsOf(resources: Resources): CgroupLimits {
  const { nanoCpus, memoryBytes, memorySwapBytes, ...rest } = resources;
  return {
    ...rest,
    ...(memoryBytes ? { memoryBytes } : {}),
    // Docker: as much swap as memory, unless something else is said. -1 is how an update takes a limit away.
    ...(memoryBytes || memorySwapBytes
      ? { memorySwapBytes: memorySwapBytes || Math.max((memoryBytes ?? 0) * 2, -1) }
      : {}),
    ...(nanoCpus ? { cpuPeriodUs: periodUs, cpuQuotaUs: Math.round((nanoCpus * periodUs) / 1e9) } : {}),
  };
}

/** `update` changes what it names; CPUs and CPU time replace each other. */
export function changedResources(before: Resources, change: Resources): Resources {
  const { nanoCpus, cpuPeriodUs, cpuQuotaUs, ...rest } = before;
  if (change.nanoCpus) return { ...rest, ...change };
  if (change.cpuPeriodUs || change.cpuQuotaUs) {
    const time = { ...(cpuPeriodUs ? { cpuPeriodUs } : {}), ...(cpuQuotaUs ? { cpuQuotaUs } : {}) };
    return { ...rest, ...time, ...change };
  }
  return { ...before, ...change };
}

const rows: readonly (readonly [CgroupController, readonly (keyof Resources)[], Message])[] = [
  [
    "memory",
    ["memoryBytes", "memorySwapBytes", "memoryReservationBytes"],
    msg("The engine cannot limit memory on this machine. Limitation discarded."),
  ],
  [
    "cpu",
    ["nanoCpus", "cpuShares", "cpuQuotaUs", "cpuPeriodUs"],
    msg("The engine cannot limit CPU time on this machine. Limitation discarded."),
  ],
  [
    "cpuset",
    ["cpusetCpus", "cpusetMems"],
    msg("The engine cannot choose CPUs for containers on this machine. Cpuset discarded."),
  ],
  [
    "pids",
    ["pidsLimit"],
    msg("The engine cannot limit the number of processes on this machine. PIDs limit discarded."),
  ],
  ["io", ["blkioWeight"], msg("The engine cannot weigh block I/O on this machine. Weight discarded.")],
];

/** What was asked for and cannot be done here. */
export function resourceWarnings(
  { resources = {} }: Pick<CreateOptions, "resources">,
  controllers: ReadonlySet<CgroupController>,
): readonly Message[] {
  const asked = (name: keyof Resources) => {
    const value = resources[name];
    return typeof value === "number" ? value > 0 : Boolean(value);
  };
  return rows.flatMap(([controller, names, warning]) =>
    names.some(asked) && !controllers.has(controller) ? [warning] : [],
  );
}
