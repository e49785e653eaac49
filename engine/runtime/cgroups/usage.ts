import type { CgroupUsage } from "../types.ts";

/** Text of a file of the group; empty when it is not there. */
type Read = (controller: string, file: string) => string;

/** What counts as no limit at all: the kernel's own word for it is the largest number of pages. */
const unlimitedFrom = 2 ** 62;
const clockTickNs = 10_000_000n;

export function usageV1(read: Read): CgroupUsage {
  const memory = pairs(read("memory", "memory.stat"));
  const cpu = pairs(read("cpu", "cpu.stat"));
  // In clock ticks: what the kernel counts in nanoseconds is in other files, which are not everywhere.
  const ticks = pairs(read("cpuacct", "cpuacct.stat"));
  const total = number(read("cpuacct", "cpuacct.usage"));
  const user = number(read("cpuacct", "cpuacct.usage_user"));
  const system = number(read("cpuacct", "cpuacct.usage_sys"));
  return defined({
    cpuTotalNs: big(total),
    cpuUserNs: big(user) ?? times(ticks.user, clockTickNs),
    cpuSystemNs: big(system) ?? times(ticks.system, clockTickNs),
    throttling: throttling(cpu, "throttled_time", 1n),
    memoryBytes: number(read("memory", "memory.usage_in_bytes")),
    memoryMaxBytes: number(read("memory", "memory.max_usage_in_bytes")),
    memoryLimitBytes: limit(number(read("memory", "memory.limit_in_bytes"))),
    memoryParts: memory,
    pids: number(read("pids", "pids.current")),
    pidsLimit: number(read("pids", "pids.max")),
    oomKills: pairs(read("memory", "memory.oom_control")).oom_kill,
    blockIo: blkio(
      read("blkio", "blkio.bfq.io_service_bytes_recursive") ||
        read("blkio", "blkio.throttle.io_service_bytes_recursive"),
    ),
  });
}

export function usageV2(read: Read): CgroupUsage {
  const of = (file: string) => read("unified", file);
  const cpu = pairs(of("cpu.stat"));
  return defined({
    cpuTotalNs: times(cpu.usage_usec, 1000n),
    cpuUserNs: times(cpu.user_usec, 1000n),
    cpuSystemNs: times(cpu.system_usec, 1000n),
    throttling: throttling(cpu, "throttled_usec", 1000n),
    memoryBytes: number(of("memory.current")),
    memoryMaxBytes: number(of("memory.peak")),
    memoryLimitBytes: limit(number(of("memory.max"))),
    memoryParts: pairs(of("memory.stat")),
    pids: number(of("pids.current")),
    pidsLimit: number(of("pids.max")),
    oomKills: pairs(of("memory.events")).oom_kill,
    blockIo: ioStat(of("io.stat")),
  });
}

type Loose = { readonly [K in keyof CgroupUsage]: CgroupUsage[K] | undefined };

function defined(usage: Loose): CgroupUsage {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== undefined)) as unknown as CgroupUsage;
}

/** `name number` lines. */
function pairs(text: string): Record<string, number> {
  return Object.fromEntries(
    text
      .split("\n")
      .map((line) => line.split(" "))
      .filter(([name, value]) => name && value !== undefined && Number.isFinite(Number(value)))
      .map(([name, value]) => [name, Number(value)]),
  );
}

/** Undefined for an empty file and for `max`. */
function number(text: string): number | undefined {
  const trimmed = text.trim();
  const value = Number(trimmed);
  return trimmed === "" || !Number.isFinite(value) ? undefined : value;
}

function limit(value: number | undefined): number | undefined {
  return value === undefined || value >= unlimitedFrom ? undefined : value;
}

function big(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}

function times(value: number | undefined, unit: bigint): bigint | undefined {
  return value === undefined ? undefined : BigInt(value) * unit;
}

function throttling(cpu: Readonly<Record<string, number>>, time: string, unit: bigint): CgroupUsage["throttling"] {
  const { nr_periods: periods, nr_throttled: throttled } = cpu;
  if (periods === undefined || throttled === undefined) return undefined;
  return { periods, throttled, throttledNs: times(cpu[time], unit) ?? 0n };
}

/** blkio: `major:minor Read bytes`. */
function blkio(text: string): CgroupUsage["blockIo"] {
  return [...text.matchAll(/^(\d+):(\d+) (\w+) (\d+)$/gm)]
    .filter(([, , , op]) => op === "Read" || op === "Write")
    .map(([, major, minor, op = "", bytes]) => ({
      major: Number(major),
      minor: Number(minor),
      op: op.toLowerCase(),
      bytes: Number(bytes),
    }));
}

/** io.stat: `major:minor rbytes=… wbytes=… …`. */
function ioStat(text: string): CgroupUsage["blockIo"] {
  return [...text.matchAll(/^(\d+):(\d+) (.*)$/gm)].flatMap(([, major, minor, rest = ""]) => {
    const of = (key: string) => Number(new RegExp(`\\b${key}=(\\d+)`).exec(rest)?.[1] ?? 0);
    const device = { major: Number(major), minor: Number(minor) };
    return [
      { ...device, op: "read", bytes: of("rbytes") },
      { ...device, op: "write", bytes: of("wbytes") },
    ];
  });
}
