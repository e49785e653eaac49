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
}

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
   * `current`: the network namespace of the calling process (how monitors and RUN steps use it).
   * `none`: a new one with loopback only.
   */
  readonly network: "current" | "none";
  /** Of /dev/shm; default 64 MiB. */
  readonly shmSizeBytes?: number;
  readonly limits?: readonly ResourceLimit[];
  /** A folder of its own for the runtime's files of this run; exists, empty. */
  readonly stateDir: string;
}

/** setrlimit(2): `nofile`, `nproc`, … as prlimit(1) names them; -1 is unlimited. */
export interface ResourceLimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

export type Mount =
  | { readonly type: "bind"; readonly source: string; readonly target: string; readonly readOnly: boolean }
  | { readonly type: "tmpfs"; readonly target: string; readonly sizeBytes?: number; readonly mode?: number };

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
  /** Starts another process in the namespaces of `pid`. Same errors. */
  exec(pid: number, rootfs: string, process: ProcessSpec): Promise<RunningProcess>;
}

/** A network namespace for one container. `name` is a file name. Survives the engine. */
export interface ContainerNetwork {
  /** Absolute path of the bind-mounted namespace, for nsenter --net=… */
  readonly path: string;
  /** Pid of pasta or slirp4netns, if one runs. */
  readonly helperPid?: number;
  /** Lines for the container's /etc/resolv.conf. */
  readonly resolvConf: string;
}

export interface NetworkSetup {
  /** New namespace, loopback up, outbound by `facts.outbound`. */
  create(name: string): Promise<ContainerNetwork>;
  /** Stops the helper and removes the namespace. No error when it is gone. */
  remove(name: string): Promise<void>;
}
