import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ProcessIdentity } from "../runtime/proc.ts";
import type { CgroupPlace, ContainerHandle, HostFacts, ProcessSpec, RunSpec } from "../runtime/types.ts";
import type { Health, LogSettings, PortMapping, RestartPolicy } from "./types.ts";

/** The files of one container. Only the engine writes `record`; the others belong to the monitor while it lives. */
export interface ContainerFolder {
  readonly dir: string;
  readonly record: string;
  readonly log: string;
  readonly resolvConf: string;
  readonly hosts: string;
  readonly hostname: string;
  /** What the monitor is to do; it takes the file away when it has read it, because it holds the environment. */
  readonly plan: string;
  readonly monitor: string;
  readonly exit: string;
  /** What the monitor itself complains about. */
  readonly monitorLog: string;
  /** Where the /dev/shm of a shareable container is mounted. */
  readonly shm: string;
  /** A folder for the runtime. There from before the mount until everything is cleaned up. */
  readonly state: string;
}

export const socketName = "attach.sock";

export function containerFolder(home: string, id: string): ContainerFolder {
  const dir = path.join(home, "containers", id);
  const file = (name: string) => path.join(dir, name);
  return {
    dir,
    record: file("container.json"),
    log: file(`${id}-json.log`),
    resolvConf: file("resolv.conf"),
    hosts: file("hosts"),
    hostname: file("hostname"),
    plan: file("plan.json"),
    monitor: file("monitor.json"),
    exit: file("exit.json"),
    monitorLog: file("monitor.log"),
    shm: file("shm"),
    state: file("state"),
  };
}

/** The engine's orders to a monitor. Host ports are open sockets that the monitor inherits. */
export interface MonitorPlan {
  readonly id: string;
  readonly folder: ContainerFolder;
  readonly facts: HostFacts;
  readonly run: RunSpec;
  readonly openStdin: boolean;
  readonly stdinOnce: boolean;
  readonly log: LogSettings;
  /** Whether anybody asks how it ended after a power cut. */
  readonly outlivesMachine: boolean;
  readonly restartPolicy: RestartPolicy;
  readonly health?: HealthPlan;
  readonly ports: readonly { readonly mapping: PortMapping; readonly fd: number }[];
  /** Where the names of its networks are; `serve`: its resolv.conf leads to the monitor from the start. */
  readonly names?: { readonly file: string; readonly serve: boolean };
  /** Ends with the container. */
  readonly networkHelper?: ProcessIdentity;
}

/** How health is asked for, with all defaults filled in. */
export interface HealthPlan {
  readonly process: ProcessSpec;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly startPeriodMs: number;
  readonly startIntervalMs: number;
  readonly retries: number;
}

/**
 * monitor.json, there from before the container's process runs until the engine has cleaned up behind it; and what the monitor
 * tells an engine that is connected, each time that it changes.
 */
export interface MonitorState {
  readonly monitor: ProcessIdentity;
  readonly rootfs: string;
  readonly cgroup?: CgroupPlace;
  readonly publishedPorts: readonly PortMapping[];
  /** Absent until the process runs for the first time. */
  readonly status?: "running" | "paused" | "restarting";
  /** The first process, and how to exec beside it. Absent while it is not running. */
  readonly process?: ProcessIdentity;
  readonly handle?: ContainerHandle;
  readonly startedAt?: number;
  /** Starts by the restart policy. */
  readonly restartCount: number;
  /** How the last run ended; while `restarting`, and when it is over. */
  readonly exit?: ExitState;
  readonly health?: Health;
}

/** exit.json */
export interface ExitState {
  readonly exitCode: number;
  readonly finishedAt: number;
  readonly oomKilled?: boolean;
  /** Why the restart policy could not start it again. */
  readonly error?: string;
}

/** Complete or not there at all; with `durable` also after a power cut. */
export function writeJson(file: string, value: unknown, { durable }: { readonly durable: boolean }): void {
  const aside = `${file}.${process.pid}.tmp`;
  const fd = openSync(aside, "w", 0o600);
  try {
    writeFileSync(fd, JSON.stringify(value));
    if (durable) fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(aside, file);
}

/** `undefined` when it is missing or not JSON. */
export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch {
    return undefined;
  }
}

/**
 * A monitor in its last breaths may still write into a folder that goes: then it is looked through again. (Node's own
 * `maxRetries` repeats only the last step, without what has been written in the meantime.)
 */
export function removeFile(file: string): void {
  for (let tries = 1; ; tries += 1) {
    try {
      rmSync(file, { force: true, recursive: true });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOTEMPTY" || tries === 50) throw error;
    }
  }
}
