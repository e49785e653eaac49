import type { ForeignEngine, StepForecast } from "./forecast.ts";

/** What the editor and the language server tell each other beside the protocol. */

/** How a Dockerfile would be built; the client knows what was chosen for it. */
export interface ForecastWish {
  readonly uri: string;
  /** State root of the engine. */
  readonly home: string;
  readonly contextDir: string;
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly platform?: string;
  readonly noCache?: boolean;
  readonly pull?: boolean;
  readonly engine?: ForeignEngine;
}

/** What the client shows beside the text: status bar and ruler. */
export interface ForecastNews {
  readonly uri: string;
  readonly version: number;
  readonly steps: readonly {
    readonly line: number;
    readonly outcome: StepForecast["outcome"];
    readonly instruction: string;
    readonly reason: string;
    readonly durationMs?: number;
  }[];
  readonly hits: number;
  readonly expectedMs: number;
  /** Steps that miss and of which it is not known how long they take. */
  readonly unmeasured: number;
  readonly words: string;
  readonly isEstimate: boolean;
  /** What would pay, most first. `line` from 0; `meanMs`: what the mean build would be shorter by. */
  readonly advice: readonly { readonly line: number; readonly words: string; readonly meanMs: number }[];
  readonly problem?: string;
}

/** `drydock/template` {folder}: files for a project that has none yet. */
export interface ProjectProposals {
  readonly fitting: readonly ProjectFiles[];
  readonly others: readonly ProjectFiles[];
}

export interface ProjectFiles {
  readonly id: string;
  /** `Node.js (npm)`; a name, the same in every language. */
  readonly kind: string;
  readonly says: string;
  readonly dockerfile: string;
  readonly dockerignore: string;
}
