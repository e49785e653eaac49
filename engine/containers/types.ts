import type { Digest } from "../base/digest.ts";
import type { Message } from "../base/message.ts";
import type { ResourceLimit, TerminalSize } from "../runtime/types.ts";
import type { ContainerRoot } from "./container-root.ts";
import type { StatsSample } from "./stats-sample.ts";

/** What `POST /containers/create` says, in our own words. Fields of Docker's API that are not here are ignored with a warning. */
export interface CreateOptions {
  readonly name?: string;
  /** As the user wrote it. */
  readonly image: string;
  /** Already merged by nobody: undefined means the image's. */
  readonly cmd?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly env?: readonly string[];
  readonly workingDir?: string;
  readonly user?: string;
  readonly hostname?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly tty?: boolean;
  readonly openStdin?: boolean;
  readonly stdinOnce?: boolean;
  /** What whoever created it wants to be connected to; only shown. */
  readonly attach?: readonly ("stdin" | "stdout" | "stderr")[];
  readonly stopSignal?: string;
  /** Seconds. */
  readonly stopTimeout?: number;
  readonly exposedPorts?: readonly string[];
  /** `80/tcp` → where it is published. hostPort 0: any free port. */
  readonly ports?: readonly PortMapping[];
  /** Publish every exposed port on a free host port. */
  readonly publishAll?: boolean;
  readonly mounts?: readonly ContainerMount[];
  /** Containers (name or id, perhaps `:ro`) whose volumes and binds are mounted here as well. */
  readonly volumesFrom?: readonly string[];
  /** `bridge`, `host`, `none`, `container:<name or id>` or a network's name or id; default `bridge`. */
  readonly networkMode?: string;
  /** What was asked of each network, by its name or id; of several, `networkMode` is the first. */
  readonly endpoints?: Readonly<Record<string, EndpointOptions>>;
  readonly autoRemove?: boolean;
  readonly readOnlyRootfs?: boolean;
  readonly privileged?: boolean;
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  readonly noNewPrivileges?: boolean;
  /** Default `default`: Docker's profile where the back end can. Else `unconfined`, or a profile's JSON text. */
  readonly seccomp?: string;
  /** As written (profiles are in `seccomp`); only shown. */
  readonly securityOpt?: readonly string[];
  readonly domainname?: string;
  readonly init?: boolean;
  readonly restartPolicy?: RestartPolicy;
  /** Over the image's; `test: ["NONE"]` takes it away. */
  readonly healthcheck?: Healthcheck;
  readonly resources?: Resources;
  readonly ulimits?: readonly ResourceLimit[];
  readonly shmSizeBytes?: number;
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly devices?: readonly DeviceMapping[];
  /** Names (looked up in the image) or numbers. */
  readonly groupAdd?: readonly string[];
  readonly dns?: readonly string[];
  readonly dnsSearch?: readonly string[];
  readonly dnsOptions?: readonly string[];
  readonly log?: LogSettings;
  /** `host`, `container:<name or id>`; default one of its own. */
  readonly pidMode?: string;
  /** `host`, `none`, `private`, `shareable`, `container:<name or id>`. */
  readonly ipcMode?: string;
  readonly utsMode?: "host";
  /** -1000 to 1000. */
  readonly oomScoreAdj?: number;
  /** Undefined means Docker's lists; empty means none. */
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  /** Of the terminal, before the first resize. */
  readonly consoleSize?: TerminalSize;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly extraHosts?: readonly string[];
}

/** `written`: what stands behind the last colon of `-v` or `--tmpfs` (`ro,z`); absent in what was written as `--mount`. */
export type ContainerMount =
  | {
      readonly type: "bind";
      readonly written?: string;
      /** Absolute host path. */
      readonly source: string;
      readonly target: string;
      readonly readOnly: boolean;
      /** `-v` makes a folder where there is nothing; `--mount` refuses. */
      readonly makeSource: boolean;
      readonly propagation?: string;
    }
  | {
      readonly type: "volume";
      readonly written?: string;
      /** A volume's name; empty for one of its own, which gets its name at create. */
      readonly source: string;
      readonly target: string;
      readonly readOnly: boolean;
      /** What the image has at `target` is not copied into an empty volume. */
      readonly noCopy?: boolean;
      /** Below the volume's root. */
      readonly subpath?: string;
      /** For a volume that this create makes. */
      readonly labels?: Readonly<Record<string, string>>;
      readonly driverOptions?: Readonly<Record<string, string>>;
      /** `--rm` and `rm -v` remove it with the container. */
      readonly anonymous?: boolean;
    }
  | {
      readonly type: "tmpfs";
      readonly written?: string;
      readonly target: string;
      /** `size=64m,mode=1777` */
      readonly options: string;
    };

export interface EndpointOptions {
  readonly aliases?: readonly string[];
  /** A fixed address inside the network's subnet. */
  readonly ipv4?: string;
  readonly ipv6?: string;
  readonly macAddress?: string;
  /** `container:alias` of `--link`. */
  readonly links?: readonly string[];
}

/** Where a container is on a network; in its record while it is connected, with addresses while it runs. */
export interface Endpoint {
  readonly networkId: string;
  readonly networkName: string;
  readonly aliases: readonly string[];
  readonly options: EndpointOptions;
  readonly ipv4?: string;
  readonly prefixLength?: number;
  readonly gateway?: string;
  readonly ipv6?: string;
  readonly prefixLength6?: number;
  readonly gateway6?: string;
  readonly macAddress?: string;
  /** `eth0`, … in the container. */
  readonly interfaceName?: string;
}

export interface RestartPolicy {
  readonly name: "no" | "always" | "unless-stopped" | "on-failure";
  /** Of `on-failure`; 0: as often as needed. */
  readonly maximumRetryCount: number;
}

/** Times in milliseconds; undefined or 0 means the image's, then Docker's defaults (30 s, 30 s, 0, 5 s, 3 tries). */
export interface Healthcheck {
  /** `["NONE"]`, `["CMD", …]`, `["CMD-SHELL", text]`; empty: the image's. */
  readonly test: readonly string[];
  readonly intervalMs?: number;
  readonly timeoutMs?: number;
  readonly startPeriodMs?: number;
  readonly startIntervalMs?: number;
  readonly retries?: number;
}

export interface Health {
  readonly status: "starting" | "healthy" | "unhealthy";
  readonly failingStreak: number;
  /** The last five; `output` at most 4096 bytes. */
  readonly log: readonly {
    readonly startedAt: number;
    readonly endedAt: number;
    readonly exitCode: number;
    readonly output: string;
  }[];
}

/** Bytes, CPU time and numbers as in Docker's HostConfig; absent or 0: not limited. */
export interface Resources {
  readonly memoryBytes?: number;
  /** Memory and swap together; -1: swap without limit. */
  readonly memorySwapBytes?: number;
  readonly memoryReservationBytes?: number;
  readonly memorySwappiness?: number;
  readonly oomKillDisable?: boolean;
  readonly nanoCpus?: number;
  readonly cpuShares?: number;
  readonly cpuPeriodUs?: number;
  readonly cpuQuotaUs?: number;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly pidsLimit?: number;
  readonly blkioWeight?: number;
}

export interface DeviceMapping {
  readonly source: string;
  readonly target: string;
  /** Of `r`, `w`, `m`. */
  readonly permissions: string;
}

export interface LogSettings {
  readonly driver: "json-file" | "none";
  /** Of one file; absent: not rotated. */
  readonly maxSizeBytes?: number;
  readonly maxFiles?: number;
  /** As given, for inspect. */
  readonly options: Readonly<Record<string, string>>;
}

export interface PortMapping {
  readonly containerPort: number;
  readonly protocol: "tcp" | "udp";
  /** ``: all addresses of both families. */
  readonly hostIp: string;
  readonly hostPort: number;
}

export type ContainerStatus = "created" | "running" | "paused" | "restarting" | "exited" | "removing" | "dead";

/** Everything about a container. Written to `<home>/containers/<id>/container.json` (atomically) whenever it changes. */
export interface Container {
  /** 64 hexadecimal digits. */
  readonly id: string;
  /** Without the leading slash of Docker's API. */
  readonly name: string;
  readonly options: CreateOptions;
  readonly imageId: Digest;
  /** What will run, merged from image and options. */
  readonly path: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly workingDir: string;
  readonly user: string;
  readonly hostname: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly exposedPorts: readonly string[];
  /** As the image or the options say it; default TERM. */
  readonly stopSignal?: string;
  readonly createdAt: number;
  readonly status: ContainerStatus;
  readonly pid?: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly exitCode?: number;
  /** Why the last start failed. */
  readonly error?: string;
  /** With the host ports really taken. Only while running. */
  readonly publishedPorts: readonly PortMapping[];
  /** Starts by the restart policy since the last start by somebody. */
  readonly restartCount: number;
  /** Somebody stopped it: `unless-stopped` and `always` leave it alone until an engine starts (`always`) or somebody does. */
  readonly stoppedByUser?: boolean;
  /** The kernel killed a process of it because its memory was used up. */
  readonly oomKilled?: boolean;
  readonly health?: Health;
  /** Merged from image and options; absent: none. */
  readonly healthcheck?: Healthcheck;
  /** Empty with `host`, `none` and `container:`. */
  readonly endpoints: readonly Endpoint[];
  /** What is really mounted: names of volumes filled in, `VOLUME` of the image and `volumesFrom` included. */
  readonly mounts: readonly ContainerMount[];
}

export interface LogOptions {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly follow: boolean;
  /** Number of last lines; undefined = all. */
  readonly tail?: number;
  /** ns since 1970. */
  readonly sinceNs?: bigint;
  readonly untilNs?: bigint;
  readonly signal?: AbortSignal;
}

export interface LogLine {
  readonly stream: "stdout" | "stderr";
  readonly timeNs: bigint;
  /** With its line end, if it had one. */
  readonly data: Uint8Array;
}

/** A live connection to a container's or an exec's stdio. */
export interface Attachment {
  /** `stdout` for everything when the process has a terminal. Ends when the process's output ends. */
  readonly output: AsyncIterable<{ readonly stream: "stdout" | "stderr"; readonly data: Uint8Array }>;
  write(data: Uint8Array): void;
  /** Resolves when what was written is on its way: wait for it between large writes. */
  drain?(): Promise<void>;
  closeStdin(): void;
  /** Leaves without touching the process. */
  detach(): void;
}

export interface AttachOptions {
  /** False: only watches; its leaving does not end the input of a container with `stdinOnce`. Default true. */
  readonly stdin?: boolean;
}

export interface Exec {
  readonly id: string;
  readonly containerId: string;
  readonly args: readonly string[];
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly privileged: boolean;
  /** As given. */
  readonly user?: string;
  readonly running: boolean;
  readonly exitCode?: number;
  readonly pid?: number;
}

export interface ExecOptions {
  readonly args: readonly string[];
  readonly env?: readonly string[];
  readonly workingDir?: string;
  readonly user?: string;
  readonly tty?: boolean;
  readonly openStdin?: boolean;
  readonly privileged?: boolean;
}

export interface ContainerUpdate {
  readonly resources?: Resources;
  readonly restartPolicy?: RestartPolicy;
}

/** All methods take a name, an id or a unique id prefix and throw EngineError `not-found` / `conflict` as Docker does. */
export interface Containers {
  list(): readonly Container[];
  get(nameOrId: string): Container;
  create(options: CreateOptions): Promise<Container>;
  /** What of this cannot be done on this machine; it is left out. */
  warningsFor(options: CreateOptions): readonly Message[];
  /** No error (returns false) when it runs already. @throws `port-in-use`, `port-privileged`, `command-not-found`, `runtime-unavailable` */
  start(nameOrId: string): Promise<boolean>;
  /** Returns false when it was not running. */
  stop(nameOrId: string, options?: { readonly signal?: string; readonly timeoutSeconds?: number }): Promise<boolean>;
  kill(nameOrId: string, signal?: string): Promise<void>;
  restart(nameOrId: string, options?: { readonly timeoutSeconds?: number }): Promise<void>;
  rename(nameOrId: string, name: string): Promise<void>;
  /** `volumes`: its anonymous volumes go as well. */
  remove(nameOrId: string, options: { readonly force: boolean; readonly volumes?: boolean }): Promise<void>;
  /** Resolves with the exit code. `removed` waits until it is gone (`--rm`). */
  wait(nameOrId: string, condition: "not-running" | "next-exit" | "removed", signal?: AbortSignal): Promise<number>;
  /** Its files, whether it runs or not; release them. */
  openRoot(nameOrId: string): Promise<ContainerRoot>;
  logs(nameOrId: string, options: LogOptions): AsyncIterable<LogLine>;
  /** Only of a running container, or of one that is about to be started (the attachment begins with its start). */
  attach(nameOrId: string, options?: AttachOptions): Promise<Attachment>;
  resize(nameOrId: string, size: TerminalSize): Promise<void>;
  createExec(nameOrId: string, options: ExecOptions): Promise<Exec>;
  startExec(execId: string, size?: TerminalSize): Promise<Attachment>;
  getExec(execId: string): Exec;
  /** Ids of what runs in it, or has yet to be started. */
  execsIn(containerId: string): readonly string[];
  resizeExec(execId: string, size: TerminalSize): Promise<void>;
  /** Names of containers made from the image; used before an image is removed. */
  usersOf(imageId: Digest): readonly Container[];
  readonly runningCount: number;
  /** Finds running containers again, finishes what an engine that was killed left half done. Called once, before the socket opens. */
  recover(): Promise<void>;
}

/** Which networks a container is in, running or not. */
export interface ContainerConnections {
  /** @throws EngineError `not-found`, `forbidden`, `invalid-argument` */
  connect(nameOrId: string, network: string, options: EndpointOptions): Promise<void>;
  disconnect(nameOrId: string, network: string): Promise<void>;
}

/** What else is asked of a container beside starting and stopping it. */
export interface ContainerControls {
  /** @throws EngineError `conflict` when it is not running or paused already; `unsupported` */
  pause(nameOrId: string): Promise<void>;
  unpause(nameOrId: string): Promise<void>;
  /** Changes limits and restart policy, of a running container at once. Returns warnings. */
  update(nameOrId: string, change: ContainerUpdate): Promise<readonly Message[]>;
  /** A sample of what it uses now. @throws EngineError `conflict` when it does not run */
  stats(nameOrId: string): Promise<StatsSample>;
}

/** Docker's `events` in the fields that clients read. */
export interface EngineEvent {
  readonly type: "container" | "image" | "builder" | "network" | "volume";
  /** `create`, `start`, `die`, `stop`, `kill`, `destroy`, `exec_start: …`, `pull`, `tag`, `untag`, `delete`, … */
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly timeNs: bigint;
}
