import type { RunOptions } from "./options.ts";

/** What the form proposes for an image. */
export interface FormData {
  readonly options: RunOptions;
  /** Whether the engine has the image. */
  readonly isHere: boolean;
  readonly images: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
}

/** A problem in the person's language. */
export interface ShownProblem {
  readonly field: string;
  readonly text: string;
  readonly instead?: { readonly label: string; readonly value: string };
}

export type ToPage =
  | ({ readonly type: "data" } & FormData)
  /** What the fields come to. */
  | { readonly type: "shown"; readonly command: string; readonly problems: readonly ShownProblem[] }
  /** Of a run that could not be. */
  | { readonly type: "failed"; readonly problems: readonly ShownProblem[]; readonly text: string }
  /** A folder or file that was picked for the field. */
  | { readonly type: "picked"; readonly field: string; readonly path: string };

export type FromPage =
  | { readonly type: "ready" }
  | { readonly type: "changed"; readonly options: RunOptions }
  | { readonly type: "image"; readonly image: string }
  | { readonly type: "pick"; readonly field: string }
  | { readonly type: "copy"; readonly options: RunOptions }
  | { readonly type: "run"; readonly options: RunOptions; readonly interactive: boolean };
