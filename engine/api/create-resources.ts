import { availableParallelism } from "node:os";
import { isSoundLimit } from "../base/resource-limit.ts";
import type { DeviceMapping, Healthcheck, LogSettings, Resources, RestartPolicy } from "../containers/types.ts";
import type { ResourceLimit } from "../runtime/types.ts";
import {
  badBlkioWeight,
  badCpuPeriod,
  badCpuQuota,
  badCpuset,
  badLogOption,
  badOomScore,
  badSwappiness,
  badUlimit,
  conflictingCpus,
  healthTimeTooShort,
  memoryBelowReservation,
  memoryTooSmall,
  negativeHealthRetries,
  negativeRetries,
  noLogDriver,
  reservationTooSmall,
  retriesWithoutFailure,
  swapBelowMemory,
  swapWithoutMemory,
  tooManyCpus,
  unavailableCpus,
  unknownHealthTest,
  unknownLogOption,
  unknownRestartPolicy,
} from "./create-errors.ts";
import { compact, type Fields } from "./fields.ts";

const smallestMemoryBytes = 6 * 1024 * 1024;
const nsPerMs = 1_000_000;

/** Limits in a HostConfig or in the body of an update. Undefined when none is set. @throws EngineError `invalid-argument` */
export function parseResources(host: Fields, cpus = availableParallelism()): Resources | undefined {
  const positive = (name: string) => host.integer(name) || undefined;
  const swappiness = host.integer("MemorySwappiness");
  const resources: Resources = compact({
    memoryBytes: positive("Memory"),
    memorySwapBytes: positive("MemorySwap"),
    memoryReservationBytes: positive("MemoryReservation"),
    memorySwappiness: swappiness === -1 ? undefined : swappiness,
    oomKillDisable: host.flag("OomKillDisable") || undefined,
    nanoCpus: positive("NanoCpus"),
    cpuShares: positive("CpuShares"),
    cpuPeriodUs: positive("CpuPeriod"),
    cpuQuotaUs: positive("CpuQuota"),
    cpusetCpus: host.text("CpusetCpus") || undefined,
    cpusetMems: host.text("CpusetMems") || undefined,
    pidsLimit: pidsLimit(host.integer("PidsLimit")),
    blkioWeight: positive("BlkioWeight"),
  });
  checkMemory(resources);
  checkCpus(resources, cpus);
  const { blkioWeight } = resources;
  if (blkioWeight !== undefined && (blkioWeight < 10 || blkioWeight > 1000)) throw badBlkioWeight();
  return Object.keys(resources).length === 0 ? undefined : resources;
}

/** 0 and less: not limited; `update` says -1 to take a limit away. */
function pidsLimit(value: number | undefined): number | undefined {
  return value === undefined || value === 0 ? undefined : Math.max(-1, value);
}

function checkMemory(resources: Resources): void {
  const { memoryBytes, memorySwapBytes, memoryReservationBytes, memorySwappiness } = resources;
  if (memoryBytes !== undefined && memoryBytes < smallestMemoryBytes) throw memoryTooSmall();
  if (memorySwapBytes !== undefined && memorySwapBytes > 0) {
    if (memoryBytes === undefined) throw swapWithoutMemory();
    if (memorySwapBytes < memoryBytes) throw swapBelowMemory();
  }
  if (memorySwappiness !== undefined && (memorySwappiness < 0 || memorySwappiness > 100)) {
    throw badSwappiness(memorySwappiness);
  }
  if (memoryReservationBytes === undefined) return;
  if (memoryReservationBytes < smallestMemoryBytes) throw reservationTooSmall();
  if (memoryBytes !== undefined && memoryBytes < memoryReservationBytes) throw memoryBelowReservation();
}

function checkCpus({ nanoCpus, cpuPeriodUs, cpuQuotaUs, cpusetCpus, cpusetMems }: Resources, cpus: number): void {
  if (nanoCpus !== undefined) {
    if (cpuPeriodUs !== undefined) throw conflictingCpus("Period");
    if (cpuQuotaUs !== undefined) throw conflictingCpus("Quota");
    if (nanoCpus < 10_000_000 || nanoCpus > cpus * 1e9) throw tooManyCpus(cpus);
  }
  if (cpuPeriodUs !== undefined && (cpuPeriodUs < 1000 || cpuPeriodUs > 1_000_000)) throw badCpuPeriod();
  if (cpuQuotaUs !== undefined && cpuQuotaUs > 0 && cpuQuotaUs < 1000) throw badCpuQuota();
  const set = /^\d+(-\d+)?(,\d+(-\d+)?)*$/;
  if (cpusetCpus !== undefined) {
    if (!set.test(cpusetCpus)) throw badCpuset(cpusetCpus, "cpus");
    if (cpusetCpus.split(/[,-]/).some((cpu) => Number(cpu) >= cpus)) throw unavailableCpus(cpusetCpus, cpus);
  }
  if (cpusetMems !== undefined && !set.test(cpusetMems)) throw badCpuset(cpusetMems, "mems");
}

/** Undefined when nothing is said; the policy `no` when that is said. @throws EngineError `invalid-argument` */
export function parseRestartPolicy(policy: Fields): RestartPolicy | undefined {
  const name = policy.text("Name");
  const maximumRetryCount = policy.integer("MaximumRetryCount") ?? 0;
  if (name === undefined && maximumRetryCount === 0) return undefined;
  const known = (name || "no") as RestartPolicy["name"];
  if (!["no", "always", "unless-stopped", "on-failure"].includes(known)) throw unknownRestartPolicy(known);
  if (maximumRetryCount < 0) throw negativeRetries();
  if (maximumRetryCount > 0 && known !== "on-failure") throw retriesWithoutFailure(known);
  return { name: known, maximumRetryCount };
}

/** Docker's times are in nanoseconds. @throws EngineError `invalid-argument` */
export function parseHealthcheck(check: Fields): Healthcheck | undefined {
  if (check.keys().length === 0) return undefined;
  const test = check.list("Test") ?? [];
  const [kind] = test;
  if (kind !== undefined && kind !== "" && !["NONE", "CMD", "CMD-SHELL"].includes(kind)) throw unknownHealthTest(kind);
  const ms = (field: string) => {
    const ns = check.integer(field) ?? 0;
    if (ns !== 0 && ns < nsPerMs) throw healthTimeTooShort(field);
    return ns === 0 ? undefined : ns / nsPerMs;
  };
  const retries = check.integer("Retries") || undefined;
  if (retries !== undefined && retries < 0) throw negativeHealthRetries();
  return compact({
    test: kind === "" ? [] : test,
    intervalMs: ms("Interval"),
    timeoutMs: ms("Timeout"),
    startPeriodMs: ms("StartPeriod"),
    startIntervalMs: ms("StartInterval"),
    retries,
  });
}

const limitNames = [
  ...["as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss"],
  ...["rtprio", "rttime", "sigpending", "stack"],
];

export function parseUlimits(ulimits: readonly Fields[]): ResourceLimit[] {
  return ulimits.map((limit) => {
    const name = limit.text("Name") ?? "";
    const hard = limit.integer("Hard") ?? 0;
    const soft = limit.integer("Soft") ?? 0;
    if (!limitNames.includes(name) || !isSoundLimit({ soft, hard })) {
      throw badUlimit(`${name}=${soft}:${hard}`);
    }
    return { name, soft, hard };
  });
}

export function parseDevices(devices: readonly Fields[]): DeviceMapping[] {
  return devices.map((device) => {
    const source = device.text("PathOnHost") ?? "";
    return {
      source,
      target: device.text("PathInContainer") || source,
      permissions: device.text("CgroupPermissions") || "rwm",
    };
  });
}

export function parseOomScore(value: number | undefined): number | undefined {
  if (value !== undefined && (value < -1000 || value > 1000)) throw badOomScore(value);
  return value || undefined;
}

const jsonFileOptions = [
  ...["max-size", "max-file", "compress", "labels", "labels-regex", "env", "env-regex", "tag", "mode"],
  "max-buffer-size",
];

/** `local` is written as json-file with the limits that Docker's `local` has by itself. @throws `invalid-argument` */
export function parseLog(log: Fields): LogSettings | undefined {
  const type = log.text("Type") || "json-file";
  const options = log.record("Config") ?? {};
  const isLocal = type === "local";
  if (type === "none") return { driver: "none", options };
  if (type !== "json-file" && !isLocal) throw noLogDriver(type);
  for (const option of Object.keys(options)) {
    if (!jsonFileOptions.includes(option)) throw unknownLogOption(option, type);
  }
  const defaults = isLocal ? { "max-size": "20m", "max-file": "5" } : {};
  const all: Readonly<Record<string, string>> = { ...defaults, ...options };
  if (Object.keys(all).length === 0) return undefined;
  const maxFile = all["max-file"];
  if (maxFile !== undefined && !/^[1-9]\d{0,4}$/.test(maxFile)) throw badLogOption("max-file", maxFile);
  return compact({
    driver: "json-file" as const,
    maxSizeBytes: logSize(all["max-size"]),
    maxFiles: maxFile === undefined ? undefined : Number(maxFile),
    options,
  });
}

/** `10m`; units are decimal here, as Docker reads them. */
function logSize(text: string | undefined): number | undefined {
  if (text === undefined || text === "-1") return undefined;
  const match = /^(\d+(?:\.\d+)?) ?([kmgt]?)(?:i?b)?$/i.exec(text);
  const bytes = Math.floor(Number(match?.[1]) * 1000 ** " kmgt".indexOf(match?.[2]?.toLowerCase() || " "));
  if (!match || bytes <= 0) throw badLogOption("max-size", text);
  return bytes;
}
