import { readFileSync } from "node:fs";
import os from "node:os";
import type { CgroupMember, Cgroups } from "../runtime/types.ts";
import type { InterfaceCounters, StatsSample } from "./stats-sample.ts";

/** The kernel counts in hundredths of a second wherever it tells programs (USER_HZ). */
const tickNs = 10_000_000n;

/** What a running container uses now. `ownNetwork`: its network is not the machine's. */
export async function sampleStats(cgroups: Cgroups, member: CgroupMember, ownNetwork: boolean): Promise<StatsSample> {
  const usage = await cgroups.usage(member);
  const machine = machineCpu();
  const machineBytes = os.totalmem();
  const { memoryLimitBytes = machineBytes, oomKills: _, ...rest } = usage;
  return {
    readAt: Date.now(),
    ...rest,
    machineCpuNs: machine.totalNs,
    onlineCpus: machine.cpus,
    // Without a limit the kernel says a number larger than any machine.
    memoryLimitBytes: Math.min(memoryLimitBytes, machineBytes),
    networks: ownNetwork ? networkCounters(readText(`/proc/${member.pid}/net/dev`)) : {},
  };
}

/** proc(5), /proc/stat: user nice system idle iowait irq softirq steal; guest time is counted in user already. */
function machineCpu(): { readonly totalNs: bigint; readonly cpus: number } {
  const lines = readText("/proc/stat").split("\n");
  const fields = (lines[0] ?? "").trim().split(/\s+/).slice(1, 9);
  const ticks = fields.reduce((sum, field) => sum + BigInt(field), 0n);
  return { totalNs: ticks * tickNs, cpus: lines.filter((line) => /^cpu\d/.test(line)).length || os.cpus().length };
}

/** proc(5), /proc/net/dev. Loopback is nobody's traffic. */
export function networkCounters(text: string): Readonly<Record<string, InterfaceCounters>> {
  const rows = text.split("\n").flatMap((line) => {
    const [, name, numbers] = /^\s*([^:\s]+):\s*(.+)$/.exec(line) ?? [];
    if (name === undefined || numbers === undefined || name === "lo") return [];
    const at = numbers.trim().split(/\s+/).map(Number);
    const count = (index: number) => at[index] ?? 0;
    const counters: InterfaceCounters = {
      rxBytes: count(0),
      rxPackets: count(1),
      rxErrors: count(2),
      rxDropped: count(3),
      txBytes: count(8),
      txPackets: count(9),
      txErrors: count(10),
      txDropped: count(11),
    };
    return [[name, counters] as const];
  });
  return Object.fromEntries(rows);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
