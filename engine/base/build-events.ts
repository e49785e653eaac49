import type { Digest } from "./digest.ts";
import type { ErrorBody } from "./errors.ts";
import type { Message } from "./message.ts";
import type { Range } from "./ranges.ts";

/** One step of a build as a person sees it: an instruction that makes a layer, or FROM. */
export interface BuildStep {
  /** Position in the build, from 0; stable for one build. */
  readonly id: number;
  /** `stage-0` or the name after AS. */
  readonly stage: string;
  /** The instruction as written, continuations joined, without secrets. */
  readonly text: string;
  readonly keyword: string;
  readonly range: Range;
}

/**
 * What happens during a build, in order. Sent as one JSON object a line by POST /drydock/build. Times are ms since 1970.
 * `started` comes a second time, replacing the list of steps, when a base image that was pulled adds steps (ONBUILD). The
 * text of `log` is one line without its end.
 */
export type BuildEvent =
  | { readonly type: "started"; readonly buildId: string; readonly steps: readonly BuildStep[]; readonly at: number }
  /** `cached`: nothing has to be done, `step-done` follows at once. */
  | { readonly type: "step-started"; readonly step: number; readonly cached?: boolean; readonly at: number }
  | {
      readonly type: "progress";
      readonly step: number;
      /** What is being moved: a layer's short digest, "context". */
      readonly item: string;
      readonly currentBytes: number;
      readonly totalBytes?: number;
    }
  | {
      readonly type: "log";
      readonly step: number;
      readonly stream: "stdout" | "stderr";
      readonly text: string;
      readonly at: number;
    }
  | {
      readonly type: "step-done";
      readonly step: number;
      readonly cached: boolean;
      readonly durationMs: number;
      /** Of the layer that the step made; absent for FROM. */
      readonly sizeBytes?: number;
      /** Why it was done; absent when it was not. */
      readonly cause?: MissCause;
      readonly at: number;
    }
  /** The steps are done; what happens to the result. */
  | { readonly type: "output"; readonly message: Message; readonly at: number }
  | { readonly type: "warning"; readonly message: Message; readonly range?: Range }
  | { readonly type: "failed"; readonly step?: number; readonly error: ErrorBody; readonly at: number }
  | {
      readonly type: "done";
      /** Digest of the image config, Docker's image id. */
      readonly imageId: Digest;
      /** As the last output has it: a push or an archive may have other layers than the store. Absent when files were written. */
      readonly manifest?: { readonly mediaType: string; readonly digest: Digest; readonly size: number };
      readonly tags: readonly string[];
      readonly cachedSteps: number;
      readonly totalSteps: number;
      readonly durationMs: number;
      readonly at: number;
    };

/** Why a step was done although steps are kept: the nearest reason, as far as earlier builds of the Dockerfile tell. */
export type MissCause =
  /** No earlier build of this Dockerfile had the step. */
  | { readonly kind: "never-built" }
  | { readonly kind: "no-cache" }
  /** It was built just so, and what it made has been removed since. */
  | { readonly kind: "pruned" }
  /** `was`: when another image is named now. */
  | { readonly kind: "base-moved"; readonly name: string; readonly was?: string }
  /**
   * `step`: number of the step below that was not the same any more. `line`: of the first step below that changed by itself,
   * from 1; only a forecast says it.
   */
  | { readonly kind: "parent-rebuilt"; readonly step?: number; readonly line?: number }
  | { readonly kind: "instruction-changed"; readonly was: string; readonly changes?: readonly PartChange[] }
  | { readonly kind: "files-changed"; readonly files: readonly FileChange[]; readonly more: number }
  /** What COPY --from, ADD or a mount takes; `from`: the stage, image or address, where it is one. */
  | { readonly kind: "source-changed"; readonly from?: string }
  /** Same words, another meaning: ENV, ARG, USER, WORKDIR, SHELL or an option of the build. Without `changes` it is not known which. */
  | { readonly kind: "environment-changed"; readonly changes?: readonly PartChange[] };

/** One thing about a step that is not what it was. Without `from` and `to`: it is another, and not for everybody's eyes. */
export interface PartChange {
  /**
   * `ARG`, `ENV`, `option` have a `name`; `order`: of the variables; `heredoc`: what stands in one; `blanks`: between the words.
   */
  readonly part:
    | "ARG"
    | "ENV"
    | "USER"
    | "WORKDIR"
    | "SHELL"
    | "option"
    | "order"
    | "flag"
    | "source"
    | "destination"
    | "words"
    | "heredoc"
    | "blanks";
  readonly name?: string;
  /** Absent while `to` is there: it is new. Shortened. */
  readonly from?: string;
  /** Absent while `from` is there: it is gone. Shortened. */
  readonly to?: string;
}

export interface FileChange {
  /** As a COPY writes it: relative to the context. */
  readonly path: string;
  readonly change: "added" | "removed" | "content" | "mode";
}

/** Body of POST /drydock/build: a build whose context is a folder of this machine; nothing is uploaded. */
export interface BuildRequest {
  /** Absolute path of a folder, of a tar or of a Dockerfile without files; or a git or http(s) address of one. */
  readonly contextPath: string;
  /** Absolute, or relative to the context; default `Dockerfile`. In what is fetched it never leads out of it. */
  readonly dockerfile?: string;
  /** The Dockerfile itself, when it is no file. */
  readonly dockerfileText?: string;
  readonly tags?: readonly string[];
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly noCache?: boolean;
  /** Ask the registry again for each base image. */
  readonly pull?: boolean;
  /** `linux/amd64`; default the machine's. */
  readonly platform?: string;
  /** Stages whose steps are done again; `noCache` is all of them. */
  readonly noCacheFilter?: readonly string[];
  /** By id, for `RUN --mount=type=secret`. Never written anywhere, never part of a key. */
  readonly secrets?: Readonly<Record<string, SecretSource>>;
  /** By id (`default`), for `RUN --mount=type=ssh`: absolute path of an agent's socket. */
  readonly ssh?: Readonly<Record<string, string>>;
  /** By name: a folder's absolute path, `docker-image://…`, `oci-layout://…`, or a git or http(s) address. */
  readonly buildContexts?: Readonly<Record<string, string>>;
  /** `name:address`; `host-gateway` is an address too. */
  readonly addHosts?: readonly string[];
  /** Of RUN steps that do not choose one. */
  readonly network?: "default" | "none" | "host";
  readonly shmSizeBytes?: number;
  readonly ulimits?: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];
  /** What RUN --security asks for is done only when it is allowed here; `network.host` always is. */
  readonly allow?: readonly ("security.insecure" | "network.host")[];
  /** As docker writes them: `type=registry,ref=…`, `type=local,src=…`, or a plain image reference. */
  readonly cacheFrom?: readonly string[];
  readonly cacheTo?: readonly string[];
  /** As docker writes them: `type=oci,dest=…`, `type=registry`, `type=image,push=true`. Absent: into the store. */
  readonly outputs?: readonly string[];
  /** A part of a build that somebody goes through step by step: it leaves no record, so that forecasts go on to speak of whole builds. */
  readonly isPart?: boolean;
}

/** A secret's value is base64, for it may be any bytes. */
export type SecretSource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "value"; readonly value: string };
