import type { Digest } from "../base/digest.ts";
import type { Range } from "../base/ranges.ts";
import type { ContainerConfig, HistoryEntry, ImageConfig, Platform } from "../oci/types.ts";

/** What a build has to do: vertices in an order in which every input comes before its users. Plain data. */
export interface BuildGraph {
  readonly vertices: readonly Vertex[];
  /** The vertex whose file system is the result. */
  readonly result: number;
  /** Config of the result, but rootfs and created. */
  readonly config: ContainerConfig;
  readonly platform: Platform;
  /** SOURCE_DATE_EPOCH in ms: the time of everything that this build makes, and the newest of its files. */
  readonly newestMs?: number;
  /** Base history first. Entries with `vertex` belong to the layer which that vertex makes. */
  readonly history: readonly PlannedHistory[];
  readonly author?: string;
}

export interface PlannedHistory {
  readonly createdBy: string;
  readonly comment: string;
  /** Absent: an empty layer. */
  readonly vertex?: number;
  /** An entry of the base image, to be kept as it is, with its time. */
  readonly base?: HistoryEntry;
}

export interface Vertex {
  /** Index in `vertices`. */
  readonly id: number;
  readonly op: Op;
  /** What a person sees. */
  readonly text: string;
  readonly keyword: string;
  readonly range: Range;
  readonly stage: string;
  /** Whose programs a RUN starts, when they are not the machine's own. */
  readonly platform?: Platform;
  /** Files that the step makes are no newer; part of the key. */
  readonly newestMs?: number;
  /** In the order of their first setting: all that a RUN has, those that the words of another instruction name. */
  readonly variables?: readonly Variable[];
}

export interface Variable {
  readonly name: string;
  readonly value: string;
  /** What set it last; of a base image: ENV. */
  readonly keyword: "ARG" | "ENV";
}

export type Op = ImageOp | ScratchOp | CopyOp | MakeDirectoryOp | RunOp;

/** The root file system of a base image. */
export interface ImageOp {
  readonly kind: "image";
  /** As written, after expansion. */
  readonly name: string;
  /** Config digest. */
  readonly imageId: Digest;
  /** Chain of diff ids. */
  readonly diffIds: readonly Digest[];
}

export interface ScratchOp {
  readonly kind: "scratch";
}

export interface CopyOp {
  readonly kind: "copy";
  /** Vertex whose file system is written to. */
  readonly parent: number;
  readonly from: CopyFrom;
  /** After expansion; rooted at the source, wildcards left in. */
  readonly sources: readonly string[];
  /** Small files written in the Dockerfile itself. */
  readonly inline: readonly InlineFile[];
  /** Absolute; a trailing slash is kept because it decides what is made. */
  readonly destination: string;
  /** `user[:group]`, names or numbers. */
  readonly chown?: string;
  readonly chmod?: string;
  readonly link: boolean;
  readonly parents: boolean;
  readonly excludes: readonly string[];
  /** ADD: files that turn out to be tars are unpacked, `all`: also those that are fetched. Absent: none. */
  readonly unpack?: "local" | "all";
  /** ADD: addresses that are fetched, after `sources`. */
  readonly remotes?: readonly RemoteSource[];
}

/** `name`: a named context of the request that is a folder; absent: the build's own context. */
export type CopyFrom =
  | { readonly kind: "context"; readonly name?: string }
  | { readonly kind: "vertex"; readonly vertex: number };

/** What ADD fetches. */
export type RemoteSource =
  | { readonly kind: "url"; readonly url: string; readonly checksum?: string }
  | {
      readonly kind: "git";
      readonly url: string;
      /** Branch, tag or commit. */
      readonly ref?: string;
      readonly subdir?: string;
      readonly keepGitDir: boolean;
      readonly checksum?: string;
    };

export interface InlineFile {
  readonly name: string;
  readonly content: string;
}

/** WORKDIR. */
export interface MakeDirectoryOp {
  readonly kind: "mkdir";
  readonly parent: number;
  readonly path: string;
  /** USER at this place: owner of what is created. */
  readonly user: string;
}

export interface RunOp {
  readonly kind: "run";
  readonly parent: number;
  readonly args: readonly string[];
  /** `NAME=value` in order: image ENV, then ENV and ARG as declared. */
  readonly env: readonly string[];
  /** Set for the command but not part of the key (ENGINE: predefined proxy arguments). */
  readonly unkeyedEnv: readonly string[];
  readonly cwd: string;
  readonly user: string;
  readonly network: "default" | "none" | "host";
  /** In the order of their targets. */
  readonly mounts?: readonly RunMount[];
  /** Absent: `sandbox`. */
  readonly security?: "sandbox" | "insecure";
  /** What the request says of the sandbox; part of the key, but for addresses. */
  readonly host?: RunHost;
  /** Heredocs that begin with `#!`: there as `/dev/pipes/<name>`, mode 0755, read-only, while the command runs. */
  readonly scripts?: readonly InlineFile[];
}

export interface RunHost {
  /** `name:address`. */
  readonly extraHosts?: readonly string[];
  readonly shmSizeBytes?: number;
  readonly ulimits?: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];
}

/** `RUN --mount`. Targets are absolute and clean. */
export type RunMount = RunMountOf & {
  /** Of its words. */
  readonly range: Range;
};

type RunMountOf =
  | {
      readonly kind: "bind";
      readonly target: string;
      readonly from: CopyFrom;
      /** Path in the source, `/` for all of it. */
      readonly source: string;
      /** What is written is thrown away. */
      readonly writable: boolean;
    }
  | {
      readonly kind: "cache";
      readonly target: string;
      readonly id: string;
      /** What an empty cache begins with. */
      readonly from?: CopyFrom;
      readonly source: string;
      readonly sharing: "shared" | "private" | "locked";
      readonly writable: boolean;
      readonly mode?: number;
      readonly uid?: number;
      readonly gid?: number;
    }
  | { readonly kind: "tmpfs"; readonly target: string; readonly sizeBytes?: number }
  | {
      readonly kind: "secret";
      readonly id: string;
      /** Absent: only in the environment. */
      readonly target?: string;
      readonly env?: string;
      readonly required: boolean;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | {
      readonly kind: "ssh";
      readonly id: string;
      readonly target: string;
      readonly required: boolean;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    };

/** A base image that was found: what `lower` needs to know about it. */
export interface BaseImage {
  readonly id: Digest;
  readonly config: ImageConfig;
}
