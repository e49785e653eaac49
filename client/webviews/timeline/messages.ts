import type { Timeline } from "./model.ts";

export interface Shown {
  /** Of the build. */
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly isRunning: boolean;
  /** Address of the Dockerfile's last part. */
  readonly file: string;
  readonly timeline: Timeline;
  /** By step, in the person's language: why it was done. */
  readonly causes: Readonly<Record<number, string>>;
}

export type ToPage = { readonly type: "shown" } & Shown;

export type FromPage = { readonly type: "ready" } | { readonly type: "line"; readonly step: number };
