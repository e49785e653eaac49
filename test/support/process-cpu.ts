import { readdirSync, readFileSync } from "node:fs";

/**
 * The processor's time that a process has taken in all its threads, in ms; unlike the clock's it is hardly longer while the
 * machine is busy with other things. Undefined where the system does not tell.
 */
export function cpuMsOf(pid: number): number | undefined {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const ran = threads.map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
    );
    return ran.reduce((sum, ns) => sum + ns / 1e6, 0);
  } catch {
    return undefined;
  }
}

/** The same of this very process, since some moment of its start. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
