import { readFileSync } from "node:fs";
import { unknownLimit } from "./errors.ts";
import type { HostFacts, ResourceLimit } from "./types.ts";

/** prlimit(1)'s names and how proc(5), /proc/PID/limits, calls them. */
const limitNames: Readonly<Record<string, string>> = {
  as: "Max address space",
  core: "Max core file size",
  cpu: "Max cpu time",
  data: "Max data size",
  fsize: "Max file size",
  locks: "Max file locks",
  memlock: "Max locked memory",
  msgqueue: "Max msgqueue size",
  nice: "Max nice priority",
  nofile: "Max open files",
  nproc: "Max processes",
  rss: "Max resident set",
  rtprio: "Max realtime priority",
  rttime: "Max realtime timeout",
  sigpending: "Max pending signals",
  stack: "Max stack size",
};

const capSysResource = 24n;

/** What a hard limit may be raised to: without the capability only what it is. @throws EngineError `invalid-argument` */
export function allowedLimits(facts: HostFacts, limits: readonly ResourceLimit[]): ResourceLimit[] {
  const unknown = limits.find(({ name }) => limitNames[name] === undefined);
  if (unknown) throw unknownLimit(unknown.name, Object.keys(limitNames).join(", "));
  if (limits.length === 0 || (facts.isolation === "root" && maySetAnyLimit())) return [...limits];
  const own = readFileSync("/proc/self/limits", "utf8");
  return limits.map(({ name, soft, hard }) => {
    const ceiling = hardLimit(own, limitNames[name] ?? "");
    const clamp = (value: number) => (ceiling < 0 ? value : value < 0 ? ceiling : Math.min(value, ceiling));
    return { name, soft: clamp(soft), hard: clamp(hard) };
  });
}

/** For prlimit(1). */
export function limitOptions(facts: HostFacts, limits: readonly ResourceLimit[]): string[] {
  return allowedLimits(facts, limits).map(
    ({ name, soft, hard }) =>
      `--${name}=${[soft, hard].map((value) => (value < 0 ? "unlimited" : String(value))).join(":")}`,
  );
}

/** The name may hold blanks, so the columns are counted from it; -1: none. */
function hardLimit(text: string, name: string): number {
  const line = text.split("\n").find((candidate) => candidate.startsWith(name)) ?? "";
  const [, hard = "unlimited"] = line.slice(name.length).trim().split(/\s+/);
  return hard === "unlimited" ? -1 : Number(hard);
}

function maySetAnyLimit(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> capSysResource) & 1n) === 1n;
}
