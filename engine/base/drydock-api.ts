import type { Message } from "./message.ts";

/** GET /drydock/status */
export interface EngineStatus {
  readonly version: string;
  readonly pid: number;
  readonly home: string;
  readonly socket: string;
  readonly startedAt: number;
  /** `root`, `user-namespace` (subordinate ids), `single-id` (one id only) or `none` (no namespaces: builds without RUN). */
  readonly isolation: Isolation;
  /** `pasta`, `slirp4netns` or `none`: how containers reach the network. */
  readonly outbound: Outbound;
  /** What starts containers: `builtin`, or an OCI runtime by its name. */
  readonly runtime: string;
  /** Of system calls, as Docker has it. */
  readonly seccomp: boolean;
  /** What of containers can be limited; no version: nothing can. */
  readonly cgroups: { readonly version?: 1 | 2; readonly controllers: readonly string[] };
  /** What this machine cannot do, with the one command that cures it. */
  readonly notes: readonly Message[];
  readonly runningContainers: number;
  readonly activeBuilds: number;
}

export type Isolation = "root" | "user-namespace" | "single-id" | "none";
export type Outbound = "pasta" | "slirp4netns" | "none";

/** GET and PUT /drydock/settings; kept in `<home>/settings.json`, read again for each pull. */
export interface EngineSettings {
  /** Base URLs asked before docker.io itself, in order (as in Docker's daemon.json). http: is allowed. */
  readonly registryMirrors: readonly string[];
  /** Registries (host[:port]) that may be spoken to without TLS. Loopback hosts always may. */
  readonly insecureRegistries: readonly string[];
  /** How much the build cache may hold before what was not used for the longest goes; absent: a tenth of the disk, 2 to 50 GB. */
  readonly buildCacheLimitBytes?: number;
  /** Base URL of what answers `docker search`; default Docker Hub's. */
  readonly searchUrl?: string;
}
