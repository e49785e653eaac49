import type { Readable, Writable } from "node:stream";
import type { Isolation, Outbound } from "../base/drydock-api.ts";
import type { Message } from "../base/message.ts";

/** What this machine offers; probed once at start. */
export interface HostFacts {
  readonly isolation: Isolation;
  readonly outbound: Outbound;
  readonly notes: readonly Message[];
  /** Absolute paths of tools that were found. */
  readonly tools: Readonly<Record<string, string | undefined>>;
  /** Which `Runtime` `createRuntime` makes; absent: `builtin`. */
  readonly runtime?: RuntimeName;
  /** Last program of the built-in launcher that can install a filter of system calls; absent: none can. */
  readonly seccompBy?: "perl" | "python3";
  /** Where `createCgroups` makes control groups; absent: nowhere. */
  readonly cgroups?: CgroupTree;
}

export type RuntimeName = "builtin" | "crun" | "runc" | "youki";

/** What runs in a container. */
export interface ProcessSpec {
  /** argv[0] is looked up in PATH of `env` inside the root file system. */
  readonly args: readonly string[];
  /** `NAME=value`, complete: nothing of the engine's own environment is added. */
  readonly env: readonly string[];
  readonly cwd: string;
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
  /** Present: the process gets a terminal of this size. */
  readonly tty?: TerminalSize;
  /** Docker's default capabilities plus or minus these, or all with `privileged`. Names without CAP_, upper case. */
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  readonly privileged?: boolean;
  readonly noNewPrivileges?: boolean;
  /** -1000 to 1000. */
  readonly oomScoreAdj?: number;
}

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

export interface RunSpec {
  /** Merged root, absolute path in this mount namespace. */
  readonly rootfs: string;
  readonly readOnlyRootfs?: boolean;
  readonly hostname: string;
  readonly process: ProcessSpec;
  /** In order. Bind targets that do not exist are created in the root file system (file or folder like the source). */
  readonly mounts: readonly Mount[];
  /**
   * `current`: the network namespace of the calling process (how RUN steps use it, and monitors that live in it).
   * `none`: a new one with loopback only. `path`: one that `NetworkSetup` has made.
   */
  readonly network: "current" | "none" | { readonly path: string };
  readonly domainname?: string;
  /** A small init is process 1, passes signals on and reaps. */
  readonly init?: boolean;
  /** `new` (default), `host`, or the namespace of a process of another container. */
  readonly pid?: NamespaceChoice;
  readonly ipc?: NamespaceChoice;
  readonly uts?: NamespaceChoice;
  /** The control group that the process is put into before it runs; made by `Cgroups.create`. */
  readonly cgroup?: CgroupPlace;
  /** Absent: no filter. `default`: Docker's profile; else a profile's JSON text. */
  readonly seccomp?: string;
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly devices?: readonly { readonly source: string; readonly target: string; readonly permissions: string }[];
  /** Undefined: Docker's lists. */
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  /** Absent: /dev/shm is a tmpfs of its own. */
  readonly shm?: "none" | { readonly folder: string };
  /** Of a /dev/shm of its own; default 64 MiB. */
  readonly shmSizeBytes?: number;
  readonly limits?: readonly ResourceLimit[];
  /** A folder of its own for the runtime's files of this run; exists, empty. */
  readonly stateDir: string;
}

export type NamespaceChoice = "new" | "host" | { readonly ofPid: number };

/** setrlimit(2): `nofile`, `nproc`, … as prlimit(1) names them; -1 is unlimited. */
export interface ResourceLimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

export type Mount =
  | { readonly type: "bind"; readonly source: string; readonly target: string; readonly readOnly: boolean }
  | {
      readonly type: "tmpfs";
      readonly target: string;
      readonly sizeBytes?: number;
      readonly mode?: number;
      readonly uid?: number;
      readonly gid?: number;
      readonly inodes?: number;
      readonly readOnly?: boolean;
      readonly noExec?: boolean;
    };

/** A process in a container, seen from the process that started it. */
export interface RunningProcess {
  /** In the engine's pid namespace: the container's init (or the exec'd process). */
  readonly pid: number;
  /** With a terminal `stderr` stays silent. */
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** 0–255; 128+n after a signal, as Docker reports it. Resolves when the process has ended and its output is closed. */
  readonly exit: Promise<number>;
  /** `TERM`, `KILL`, … without SIG, or a number. No error when it is already gone. */
  signal(signal: string | number): void;
  resize(size: TerminalSize): Promise<void>;
}

/** Interface of every back end; test/engine/runtime/contract.ts is its contract suite. */
export interface Runtime {
  readonly name: string;
  /**
   * Starts a container's first process in its own pid, mount, ipc and uts namespaces. Resolves when the process itself
   * (not its set-up) is running. @throws EngineError `command-not-found` (exitCode 127 missing, 126 not executable),
   * `runtime-unavailable`, `runtime-failed`.
   */
  run(spec: RunSpec): Promise<RunningProcess>;
  /** Starts another process in a container that `run` of this or an earlier engine started. Same errors. */
  exec(container: ContainerHandle, process: ProcessSpec): Promise<RunningProcess>;
  /** Does ahead what every run needs; for who waits for the first one. */
  prepare?(): void;
}

/** A running container as `exec` needs it: what its `RunSpec` said, and its first process. */
export interface ContainerHandle extends Pick<RunSpec, "rootfs" | "stateDir" | "cgroup" | "seccomp" | "limits"> {
  readonly pid: number;
}

/** A network namespace for one container. `name` is a file name. Survives the engine. */
export interface ContainerNetwork {
  /** Absolute path of the bind-mounted namespace, for nsenter --net=… */
  readonly path: string;
  /** Pid of pasta or slirp4netns, if one runs. */
  readonly helperPid?: number;
  /** Lines for the container's /etc/resolv.conf. */
  readonly resolvConf: string;
  /** The host as it is reached from there; absent without a way out. */
  readonly hostAddress?: string;
}

export interface NetworkOptions {
  /** A way out, as far as `facts.outbound` is one. Default true. */
  readonly outbound?: boolean;
  /** `hostAddress` leads to the host's loopback as well. Default false: it is none of a container's business. */
  readonly hostLoopback?: boolean;
  /** Shell commands that are run in the new namespace, when its loopback is up. */
  readonly setUp?: string;
}

export interface NetworkSetup {
  /** New namespace, loopback up, outbound by `facts.outbound`. */
  create(name: string, options?: NetworkOptions): Promise<ContainerNetwork>;
  /** Gives a namespace that was made without one its way out. */
  open(name: string, options?: Pick<NetworkOptions, "hostLoopback">): Promise<ContainerNetwork>;
  /** Takes the way out away again; the namespace stays. */
  shut(name: string): void;
  /** Where the namespace of this name is mounted while there is one. */
  pathOf(name: string): string;
  /** Stops the helper and removes the namespace. No error when it is gone. */
  remove(name: string): Promise<void>;
}

/** One container's control group: absolute folders, one for v2, one a controller for v1. */
export interface CgroupPlace {
  readonly version: 1 | 2;
  /** Controller (`unified` for v2) → folder. */
  readonly folders: Readonly<Record<string, string>>;
}

/** Folders in which the engine may make control groups. */
export interface CgroupTree extends CgroupPlace {
  readonly controllers: readonly CgroupController[];
}

/** In numbers as the kernel takes them; absent: as it is; -1: no limit. */
export interface CgroupLimits {
  readonly memoryBytes?: number;
  /** Memory and swap together. */
  readonly memorySwapBytes?: number;
  readonly memoryReservationBytes?: number;
  readonly memorySwappiness?: number;
  readonly oomKillDisable?: boolean;
  readonly cpuShares?: number;
  readonly cpuPeriodUs?: number;
  readonly cpuQuotaUs?: number;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly pidsLimit?: number;
  readonly blkioWeight?: number;
}

/** What a control group counted. */
export interface CgroupUsage {
  readonly cpuTotalNs?: bigint;
  readonly cpuUserNs?: bigint;
  readonly cpuSystemNs?: bigint;
  readonly throttling?: { readonly periods: number; readonly throttled: number; readonly throttledNs: bigint };
  readonly memoryBytes?: number;
  readonly memoryMaxBytes?: number;
  readonly memoryLimitBytes?: number;
  readonly memoryParts: Readonly<Record<string, number>>;
  readonly pids?: number;
  readonly pidsLimit?: number;
  readonly oomKills?: number;
  readonly blockIo: readonly {
    readonly major: number;
    readonly minor: number;
    readonly op: string;
    readonly bytes: number;
  }[];
}

/** A running container: its control group, where there is one, and its first process. */
export interface CgroupMember {
  readonly place: CgroupPlace | undefined;
  readonly pid: number;
}

export type CgroupController = "memory" | "cpu" | "cpuset" | "pids" | "io" | "freezer";

/** Control groups of this machine, as far as this user may use them: v2 with delegation, v1 as root, or none. */
export interface Cgroups {
  /** `undefined`: there are none; freezing works by signals then, and usage is summed over processes. */
  readonly version: 1 | 2 | undefined;
  /** What may be limited here; the rest is a warning for whoever asks. */
  readonly controllers: ReadonlySet<CgroupController>;
  /** `undefined` where there are none. The name is a file name; one that is there already (an engine was killed) is taken over. */
  create(name: string, limits: CgroupLimits): Promise<CgroupPlace | undefined>;
  /** Only what is given changes. @throws EngineError `invalid-argument` when the kernel refuses a value */
  update(place: CgroupPlace, limits: CgroupLimits): Promise<void>;
  usage(member: CgroupMember): Promise<CgroupUsage>;
  /** Stops all processes; without a freezer by signals to each. @throws EngineError `runtime-failed` */
  freeze(member: CgroupMember): Promise<void>;
  thaw(member: CgroupMember): Promise<void>;
  /** Kills what is left in it and removes it. No error when it is gone. */
  remove(place: CgroupPlace): Promise<void>;
}
