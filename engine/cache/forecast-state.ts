import type { FileChange, MissCause } from "../base/build-events.ts";
import type { Digest } from "../base/digest.ts";
import type { StepPast, UnknownCause } from "../base/forecast.ts";
import type { StepTrace } from "./cause.ts";

/** What is kept of a step: found by its key. */
export interface KeptResult {
  /** Absent where another engine has it. */
  readonly diffId?: Digest;
  readonly durationMs: number;
  readonly sizeBytes?: number;
}

/** A step of an earlier build: how it was known then, and what it cost when it was last done. */
export interface PastStep extends StepTrace {
  readonly ranMs?: number;
  readonly sizeBytes?: number;
  readonly cached?: boolean;
  readonly cause?: MissCause;
}

/** That a step with this key once was: what its key was made of. */
export interface KeyTrace {
  readonly key: Digest;
  readonly content?: Digest;
}

/** What a step takes of contexts and addresses. `local`: undefined when it takes nothing of a context. */
export type TakenContent =
  | { readonly kind: "known"; readonly local: Digest | undefined; readonly fetched: readonly Digest[] | undefined }
  /** By mount that takes from a context, in the order of `mountSources`; undefined for those that do not. */
  | { readonly kind: "mounts"; readonly contexts: readonly (Digest | undefined)[] }
  /** The build will fail. */
  | { readonly kind: "unknown"; readonly cause: UnknownCause & { readonly kind: "fails" } };

/** All that a forecast looks at besides the graph. */
export interface ForecastState {
  readonly noCache?: boolean;
  readonly noCacheFilter?: readonly string[];
  /** By vertex that takes something of a context or from an address. */
  readonly taken: ReadonlyMap<number, TakenContent>;
  /** Ids of images that are not here: the graph has stand-ins for them. */
  readonly missingImages: ReadonlySet<Digest>;
  /** Registries will be asked for all images, those that are here as well. */
  readonly pull?: boolean;
  /** What will be used, if the step is not done without the cache. */
  kept(key: Digest): KeptResult | undefined;
  /** Nothing at all is kept. */
  readonly isEmpty: boolean;
  /** Steps that were ever known to stand on one with this key: all that are kept, and all that are remembered. */
  tracesOn(parentKey: Digest): readonly KeyTrace[];
  /** Whether a step with this text is kept of which it is not known what it stands on. */
  hasUntraced(text: string): boolean;
  /** The content digest of what a selection takes of layers, where it was found out before (`selectionKey`). */
  selection(key: Digest): Digest | undefined;
  /** Of the last builds of this Dockerfile, newest first: as many as a build looks at to explain itself. */
  readonly stepsBefore: readonly PastStep[];
  /** The same, of all builds that are remembered: only for what steps cost. */
  readonly pastSteps: readonly PastStep[];
  /** What builds did with a step of these words. */
  pastOf?(stage: string, text: string): StepPast | undefined;
  /** By vertex: what has changed of the files it takes; undefined when that is not known. */
  readonly changes: ReadonlyMap<number, readonly FileChange[]>;
  /** Another engine's cache: what is copied from a stage is known by the stage. */
  readonly isForeign: boolean;
  /** Of all steps that another engine is known to keep. */
  keys(): readonly Digest[];
}
