import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { badProcessOptions } from "./errors.ts";

export interface ProcessTable {
  readonly Titles: readonly string[];
  readonly Processes: readonly (readonly string[])[];
}

const usual = "-ef";
const titles = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"];

/**
 * `docker top`: every process in the namespaces of the container's first one, but not those that started it and wait for it
 * there. `ps -ef` is written without ps; other options are the machine's ps' business. @throws EngineError `invalid-argument`
 */
export async function processTable(pid: number, psOptions = usual): Promise<ProcessTable> {
  const pids = await pidsOf(pid);
  if (psOptions.trim() !== usual) return filteredTable(await psOutput(psOptions), pids);
  const names = userNames(await readFile("/etc/passwd", "utf8").catch(() => ""));
  const rows = await Promise.all([...pids].map((one) => rowOf(one, names)));
  return { Titles: titles, Processes: rows.filter((row) => row !== undefined) };
}

async function pidsOf(pid: number): Promise<ReadonlySet<string>> {
  const own = await namespacesOf(pid);
  const all = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const inside = await Promise.all(all.map(async (name) => own !== undefined && (await namespacesOf(name)) === own));
  const found = new Set(all.filter((_, at) => inside[at]));
  for (let at = await parentOf(String(pid)); at && at !== "0"; at = await parentOf(at)) found.delete(at);
  return found;
}

/** Its processes and its mounts: either alone may be shared with others. */
function namespacesOf(pid: number | string): Promise<string | undefined> {
  const read = (kind: string) => readlink(`/proc/${pid}/ns/${kind}`);
  return Promise.all([read("pid"), read("mnt")]).then(
    (found) => found.join(),
    () => undefined,
  );
}

async function parentOf(pid: string): Promise<string | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return /^PPid:\s+(\d+)/m.exec(status)?.[1];
}

function psOutput(options: string): Promise<string> {
  const refused = badProcessOptions;
  // A heading of one's own choice (`-o comm=PID`) would make anything look like a process of the container.
  if (/\s*\S*=\s*PID/.test(options)) return Promise.reject(refused("a column cannot be renamed to PID"));
  return new Promise((resolve, reject) => {
    execFile("ps", options.split(/\s+/).filter(Boolean), { maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error) reject(refused(stderr.trim().split("\n")[0] || error.message));
      else resolve(stdout);
    });
  });
}

/** Those rows whose PID is one of these. The last column has the blanks that are left. */
export function filteredTable(output: string, pids: ReadonlySet<string>): ProcessTable {
  const [heading = "", ...lines] = output.split("\n");
  const Titles = heading.trim().split(/\s+/);
  const at = Titles.indexOf("PID");
  if (at < 0) throw badProcessOptions("Couldn't find PID field in ps output");
  const rows = lines.map((line) => {
    const words = line.trim().split(/\s+/);
    return words.length <= Titles.length
      ? words
      : [...words.slice(0, Titles.length - 1), words.slice(Titles.length - 1).join(" ")];
  });
  return { Titles, Processes: rows.filter((row) => pids.has(row[at] ?? "")) };
}

// Clock ticks a second, as every Linux that Node runs on has it (USER_HZ).
const ticks = 100;

function userNames(passwd: string): ReadonlyMap<string, string> {
  return new Map(
    passwd
      .split("\n")
      .map((line) => line.split(":"))
      .map(([name = "", , uid = ""]) => [uid, name]),
  );
}

async function rowOf(pid: string, names: ReadonlyMap<string, string>): Promise<readonly string[] | undefined> {
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
    const command = (commandLine ?? "").replace(/\0+$/, "").replace(/[\0-\x1f]/g, " ") || `[${name}]`;
    const two = (value: number) => String(value).padStart(2, "0");
    const time = [Math.floor(cpuSeconds / 3600), Math.floor(cpuSeconds / 60) % 60, cpuSeconds % 60].map(two).join(":");
    const clock = `${two(started.getHours())}:${two(started.getMinutes())}`;
    return [names.get(uid) ?? uid, pid, after[1] ?? "0", "0", clock, after[4] === "0" ? "?" : "pts/0", time, command];
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}
