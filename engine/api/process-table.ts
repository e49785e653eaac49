import { readdir, readFile, readlink } from "node:fs/promises";

export interface ProcessTable {
  readonly Titles: readonly string[];
  readonly Processes: readonly (readonly string[])[];
}

const titles = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"];

/** `docker top` without ps: every process that shares the pid namespace of the container's first one. */
export async function processTable(pid: number): Promise<ProcessTable> {
  const namespace = await namespaceOf(pid);
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const rows = await Promise.all(
    pids.map(async (name) => (namespace && (await namespaceOf(name)) === namespace ? rowOf(name) : undefined)),
  );
  return { Titles: titles, Processes: rows.filter((row) => row !== undefined) };
}

function namespaceOf(pid: number | string): Promise<string | undefined> {
  return readlink(`/proc/${pid}/ns/pid`).catch(() => undefined);
}

// Clock ticks a second, as every Linux that Node runs on has it (USER_HZ).
const ticks = 100;

async function rowOf(pid: string): Promise<readonly string[] | undefined> {
  try {
    const [stat, status, commandLine, uptime] = await Promise.all(
      ["stat", "status", "cmdline"]
        .map((name) => readFile(`/proc/${pid}/${name}`, "utf8"))
        .concat(readFile("/proc/uptime", "utf8")),
    );
    // proc(5): the second field is in parentheses and may itself contain some; fields count from the third.
    const after = (stat ?? "").slice((stat ?? "").lastIndexOf(")") + 2).split(" ");
    const name = (stat ?? "").slice((stat ?? "").indexOf("(") + 1, (stat ?? "").lastIndexOf(")"));
    const uid = /^Uid:\s+(\d+)/m.exec(status ?? "")?.[1] ?? "0";
    const cpuSeconds = Math.floor((Number(after[11]) + Number(after[12])) / ticks);
    const ageSeconds = Number.parseFloat(uptime ?? "0") - Number(after[19]) / ticks;
    const started = new Date(Date.now() - ageSeconds * 1000);
    const command = (commandLine ?? "").replace(/\0+$/, "").replaceAll("\0", " ") || `[${name}]`;
    const two = (value: number) => String(value).padStart(2, "0");
    const time = [Math.floor(cpuSeconds / 3600), Math.floor(cpuSeconds / 60) % 60, cpuSeconds % 60].map(two).join(":");
    const clock = `${two(started.getHours())}:${two(started.getMinutes())}`;
    return [uid, pid, after[1] ?? "0", "0", clock, after[4] === "0" ? "?" : "pts/0", time, command];
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}
