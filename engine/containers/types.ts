import type { Digest } from "../base/digest.ts";
import type { TerminalSize } from "../runtime/types.ts";

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
  readonly stopSignal?: string;
  /** Seconds. */
  readonly stopTimeout?: number;
  readonly exposedPorts?: readonly string[];
  /** `80/tcp` → where it is published. hostPort 0: any free port. */
  readonly ports?: readonly PortMapping[];
  /** Publish every exposed port on a free host port. */
  readonly publishAll?: boolean;
  /** Absolute host path, absolute container path. */
  readonly binds?: readonly { readonly source: string; readonly target: string; readonly readOnly: boolean }[];
  readonly tmpfs?: Readonly<Record<string, string>>;
  readonly networkMode?: "bridge" | "host" | "none";
  readonly autoRemove?: boolean;
  readonly readOnlyRootfs?: boolean;
  readonly privileged?: boolean;
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  readonly noNewPrivileges?: boolean;
  readonly extraHosts?: readonly string[];
}

export interface PortMapping {
  readonly containerPort: number;
  readonly protocol: "tcp" | "udp";
  /** `` or 0.0.0.0: all addresses. */
  readonly hostIp: string;
  readonly hostPort: number;
}

export type ContainerStatus = "created" | "running" | "exited" | "removing" | "dead";

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
  readonly restartCount: number;
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

/** All methods take a name, an id or a unique id prefix and throw EngineError `not-found` / `conflict` as Docker does. */
export interface Containers {
  list(): readonly Container[];
  get(nameOrId: string): Container;
  create(options: CreateOptions): Promise<Container>;
  /** No error (returns false) when it runs already. @throws `port-in-use`, `port-privileged`, `command-not-found`, `runtime-unavailable` */
  start(nameOrId: string): Promise<boolean>;
  /** Returns false when it was not running. */
  stop(nameOrId: string, options?: { readonly signal?: string; readonly timeoutSeconds?: number }): Promise<boolean>;
  kill(nameOrId: string, signal?: string): Promise<void>;
  restart(nameOrId: string, options?: { readonly timeoutSeconds?: number }): Promise<void>;
  rename(nameOrId: string, name: string): Promise<void>;
  remove(nameOrId: string, options: { readonly force: boolean }): Promise<void>;
  /** Resolves with the exit code. `removed` waits until it is gone (`--rm`). */
  wait(nameOrId: string, condition: "not-running" | "next-exit" | "removed", signal?: AbortSignal): Promise<number>;
  logs(nameOrId: string, options: LogOptions): AsyncIterable<LogLine>;
  /** Only of a running container, or of one that is about to be started (the attachment begins with its start). */
  attach(nameOrId: string, options?: AttachOptions): Promise<Attachment>;
  resize(nameOrId: string, size: TerminalSize): Promise<void>;
  createExec(nameOrId: string, options: ExecOptions): Promise<Exec>;
  startExec(execId: string, size?: TerminalSize): Promise<Attachment>;
  getExec(execId: string): Exec;
  resizeExec(execId: string, size: TerminalSize): Promise<void>;
  /** Names of containers made from the image; used before an image is removed. */
  usersOf(imageId: Digest): readonly Container[];
  readonly runningCount: number;
  /** Finds running containers again, finishes what an engine that was killed left half done. Called once, before the socket opens. */
  recover(): Promise<void>;
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
