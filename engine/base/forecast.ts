import type { BuildRequest, MissCause } from "./build-events.ts";
import type { Message } from "./message.ts";
import type { Range } from "./ranges.ts";

/** Of one Dockerfile, its target and its context: what the next build would do. */
export interface Forecast {
  /** Of the steps that the target needs, FROM included, in the order of a build. Empty when there is a `problem`. */
  readonly steps: readonly StepForecast[];
  readonly totals: ForecastTotals;
  /** Nobody could build this: what is wrong first, and where. */
  readonly problem?: { readonly message: Message; readonly range?: Range };
  /** For builds by another engine, whose cache can only be known from records of what we asked of it. */
  readonly isEstimate: boolean;
}

/**
 * `hit`: the result is there and will be used. `miss`: it will be done. `unknown`: it depends on what nobody knows before the
 * build: what a step that is done anew will make, what an address will answer, an image that has to be pulled first.
 */
export type ForecastOutcome = "hit" | "miss" | "unknown";

export interface StepForecast {
  /** Of the instruction's first line, from 1. For the triggers of a base image: of its FROM. */
  readonly line: number;
  /** The same as places in the text, from 0. */
  readonly range: Range;
  /** `stage-0` or the name after AS. */
  readonly stage: string;
  /** As written, continuations joined. */
  readonly instruction: string;
  readonly outcome: ForecastOutcome;
  /** One sentence for a person. */
  readonly reason: Message;
  /** The same for programs; absent for hits. */
  readonly cause?: MissCause | UnknownCause;
  /** How long it took when it was last done. Absent when there is no record of that. */
  readonly durationMs?: number;
  /** Of the layer that it last made. */
  readonly sizeBytes?: number;
  /** What the builds that are remembered did with it; absent when none had it. */
  readonly past?: StepPast;
}

export interface StepPast {
  /** Builds that had the step. */
  readonly builds: number;
  /** Of these, those that did it. */
  readonly redone: number;
  /** By the name of an ARG or ENV: how often its value was the reason. */
  readonly for?: Readonly<Record<string, number>>;
}

/** Lines count from 1. */
export type UnknownCause =
  /** The image has to be pulled (`isAsked`: by the wish of the build, it may be here): only then is it known what stands on it. */
  | { readonly kind: "base-missing"; readonly name: string; readonly isAsked?: boolean }
  /** It is used again if what it takes of the step at `line` (the last of a stage that is done anew) turns out as before. */
  | { readonly kind: "depends"; readonly line: number }
  /** It is used again if the address still has what it had. */
  | { readonly kind: "remote"; readonly address: string }
  /** The build will fail at this step (`line` absent) or at an earlier one. */
  | { readonly kind: "fails"; readonly message: Message; readonly line?: number };

/** Numbers of steps, and what those that are done will cost by what they cost the last time. */
export interface ForecastTotals {
  readonly hits: number;
  readonly misses: number;
  readonly unknown: number;
  /** Of the steps that miss: how long until the last is done, with stages that do not need each other side by side. */
  readonly expectedMs: number;
  /** The same if the unknown steps miss as well. */
  readonly atMostMs: number;
  /** Of the layers that the steps that miss made the last time. */
  readonly sizeBytes: number;
  /** Steps among those that miss of which it is not known how long they take: then `expectedMs` is too small. */
  readonly unmeasured: number;
  /** `expectedMs`, or that nothing is known, in words. */
  readonly words: Message;
}

/** What a forecast is asked for: the parts of a build request that its outcome depends on, and the text in the editor. */
export interface ForecastRequest
  extends Pick<
    BuildRequest,
    | "target"
    | "buildArgs"
    | "platform"
    | "noCache"
    | "noCacheFilter"
    | "pull"
    | "buildContexts"
    | "network"
    | "allow"
    | "addHosts"
    | "shmSizeBytes"
    | "ulimits"
  > {
  /** Absolute path of a folder. */
  readonly contextDir: string;
  /** Absolute. It need not exist. */
  readonly dockerfilePath: string;
  /** The Dockerfile as it stands in the editor, saved or not. */
  readonly text: string;
  /** Absent: our own. Records of `recordForeignBuild` are what is known of another one. */
  readonly engine?: ForeignEngine;
}

/** Another builder, by the name under which its builds are recorded. */
export interface ForeignEngine {
  /** `docker`, `podman`, … and which of them, when there are several (`docker:remote`). */
  readonly name: string;
  /** Base images as that engine has them, by the name in FROM. One that is not here is known by its name alone. */
  readonly images?: Readonly<Record<string, ForeignImage>>;
}

/** Of `GET /images/{name}/json`. */
export interface ForeignImage {
  readonly id: string;
  /** `RootFS.Layers` */
  readonly layers: readonly string[];
  /** `Config` as the engine gives it: environment, user, folder and triggers are used. */
  readonly config?: object;
}

/** What a step of a build by another engine was seen to do. */
export interface ForeignStep {
  /** Of its instruction, from 1. */
  readonly line: number;
  readonly cached: boolean;
  readonly durationMs: number;
  readonly sizeBytes?: number;
}

/** How much a forecaster has done since it was opened: what tests count. */
export interface ForecastWork {
  /** Files whose content was read to hash it. */
  readonly filesHashed: number;
  /** Stat calls on files of contexts. */
  readonly stats: number;
  readonly foldersRead: number;
  /** Build records, cache records and listings that were read and parsed. */
  readonly recordsRead: number;
}
