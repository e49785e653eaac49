import type { BuildEvent, BuildRequest, MissCause } from "../base/build-events.ts";
import type { Digest } from "../base/digest.ts";
import type { Fact } from "../cache/facts.ts";
import type { Credentials } from "../registry/types.ts";

export interface Builder {
  /**
   * Builds, reporting everything through `emit` (ends with exactly one `done` or `failed`), tags the result and writes the
   * build record. Never throws for what is wrong with the build: that is the `failed` event.
   * Returns the image id, or undefined when it failed or was cancelled.
   */
  build(request: BuildRequest, options: BuildOptions): Promise<Digest | undefined>;
  readonly activeBuilds: number;
}

export interface BuildOptions {
  readonly emit: (event: BuildEvent) => void;
  readonly signal: AbortSignal;
  /** Credentials by registry host, from the client's X-Registry-Config. */
  readonly credentials?: Readonly<Record<string, Credentials>>;
  /** Which Dockerfile this is when the context is an upload, whose folder is another one each time: its tag and name. */
  readonly origin?: string;
}

/** `<home>/builds/<buildId>.json`: written when a build ends, whoever asked for it; read by the forecast. */
export interface BuildRecord {
  readonly buildId: string;
  /** The name of another engine that did it; absent: this one. */
  readonly engine?: string;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly contextPath: string;
  /** Absolute. */
  readonly dockerfile: string;
  readonly target?: string;
  readonly tags: readonly string[];
  readonly imageId?: Digest;
  /** Message of the failure, in English. */
  readonly error?: string;
  readonly steps: readonly StepRecord[];
}

/**
 * Keys, digests and facts say what changed when a later build is not the same. No value that may be secret is among them: only a mark
 * of it.
 */
export interface StepRecord {
  readonly text: string;
  readonly stage: string;
  /** How many steps of the stage come before it. */
  readonly place: number;
  /** Zero-based, as in Range. */
  readonly line: number;
  readonly key?: Digest;
  /** Of the step it builds on. */
  readonly parentKey?: Digest;
  /** Of what a COPY takes. */
  readonly content?: Digest;
  /** There with a `key`. */
  readonly facts?: readonly Fact[];
  /** Blob of the layer. */
  readonly layer?: Digest;
  readonly cached: boolean;
  /** Why it was done; absent when it was not. */
  readonly cause?: MissCause;
  readonly durationMs: number;
  /** How long it took when it was done, in this build or in the one whose result was used. */
  readonly ranMs?: number;
  readonly sizeBytes?: number;
}
