import { type Message, msg } from "../../engine/base/message.ts";
import { formatBytes } from "../ui/format.ts";
import type { Node } from "./node.ts";

/** Of Engine API `GET /containers/{id}/stats`, what is shown; engines leave parts out. */
export interface StatsAnswer {
  readonly cpu_stats?: CpuTimes;
  readonly precpu_stats?: CpuTimes;
  readonly memory_stats?: {
    readonly usage?: number;
    readonly limit?: number;
    readonly stats?: Readonly<Record<string, number>>;
  };
  readonly networks?: Readonly<Record<string, { readonly rx_bytes?: number; readonly tx_bytes?: number }>>;
  readonly blkio_stats?: {
    readonly io_service_bytes_recursive?: readonly { readonly op?: string; readonly value?: number }[] | null;
  };
  readonly pids_stats?: { readonly current?: number };
}

interface CpuTimes {
  readonly cpu_usage?: { readonly total_usage?: number; readonly percpu_usage?: readonly number[] };
  readonly system_cpu_usage?: number;
  readonly online_cpus?: number;
}

/** What a container uses at the moment. */
export interface Usage {
  /** Of one processor; absent until two moments can be compared. */
  readonly cpuPercent?: number;
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly pids: number;
}

/** Undefined: it does not run. */
export function usageOf(answer: StatsAnswer): Usage | undefined {
  const { memory_stats: memory = {}, networks = {}, blkio_stats: disk = {}, pids_stats: pids = {} } = answer;
  if (memory.usage === undefined) return undefined;
  // As docker's client: what the kernel would give back at once (cgroups 2 and 1) does not count.
  const given = memory.stats?.inactive_file ?? memory.stats?.total_inactive_file ?? 0;
  const cpuPercent = cpuOf(answer);
  const links = Object.values(networks);
  const moved = (kind: string) =>
    sum(
      (disk.io_service_bytes_recursive ?? []).filter(({ op }) => op?.toLowerCase() === kind).map(({ value }) => value),
    );
  return {
    ...(cpuPercent === undefined ? {} : { cpuPercent }),
    memoryBytes: given < memory.usage ? memory.usage - given : memory.usage,
    memoryLimitBytes: memory.limit ?? 0,
    receivedBytes: sum(links.map(({ rx_bytes }) => rx_bytes)),
    sentBytes: sum(links.map(({ tx_bytes }) => tx_bytes)),
    readBytes: moved("read"),
    writtenBytes: moved("write"),
    pids: pids.current ?? 0,
  };
}

function cpuOf({ cpu_stats: now = {}, precpu_stats: before = {} }: StatsAnswer): number | undefined {
  const used = (now.cpu_usage?.total_usage ?? 0) - (before.cpu_usage?.total_usage ?? 0);
  const passed = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0);
  if (before.system_cpu_usage === undefined || before.system_cpu_usage === 0 || passed <= 0) return undefined;
  const processors = now.online_cpus || now.cpu_usage?.percpu_usage?.length || 1;
  return Math.max(0, (used / passed) * processors * 100);
}

const sum = (values: readonly (number | undefined)[]) => values.reduce<number>((all, value) => all + (value ?? 0), 0);

/** The row of a container with what it uses: processor and memory at its end, where a narrow side bar cuts first; all of it in the tooltip. */
export function withUsage<T extends Node>(node: T, usage: Usage, translate: (message: Message) => string): T {
  const { cpuPercent, memoryBytes, memoryLimitBytes, pids } = usage;
  const cpu = cpuPercent === undefined ? undefined : formatPercent(cpuPercent);
  const memory = formatBytes(memoryBytes);
  const limit = memoryLimitBytes > 0 ? `${memory} / ${formatBytes(memoryLimitBytes)}` : memory;
  const pair = (a: number, b: number) => ({ first: formatBytes(a), second: formatBytes(b) });
  const lines = [
    ...(cpu === undefined ? [] : [msg("Processor: {cpu}", { cpu })]),
    msg("Memory: {memory}", { memory: limit }),
    msg("Network: {first} in, {second} out", pair(usage.receivedBytes, usage.sentBytes)),
    msg("Disk: {first} read, {second} written", pair(usage.readBytes, usage.writtenBytes)),
    msg("Processes: {count}", { count: pids }),
  ];
  return {
    ...node,
    description: [node.description, cpu, memory].filter(Boolean).join(" · "),
    tooltip: [node.tooltip, "", ...lines.map(translate)].join("\n"),
  };
}

/** A tenth matters when little is used, and is noise above. */
function formatPercent(percent: number): string {
  return `${percent < 10 ? percent.toFixed(1) : Math.round(percent)}%`;
}
