import type { MissCause } from "../base/build-events.ts";
import type { Forecast, ForecastRequest, ForecastWork, ForeignStep } from "../base/forecast.ts";
import type { Replay, ReplayRequest } from "../base/replay.ts";
import type { Dockerfile } from "../dockerfile/model.ts";
import type { Platform } from "../oci/types.ts";

export interface ForecasterOptions {
  /** State root of the engine; need not be there. It is only read, but for `forecast-stats.json`. */
  readonly home: string;
  /** Of the machine that builds; default this one. */
  readonly platform?: Platform;
  /** ms since 1970. */
  readonly now?: () => number;
}

/** Says what builds will do, of any number of Dockerfiles. One a process: what it knows of folders is shared. */
export interface Forecaster {
  /** Never throws for what is wrong with a Dockerfile or a context. */
  forecast(request: AskedForecast): Promise<Forecast>;
  /**
   * Files or folders at these absolute paths changed, came or went; without paths: anything may have. What is not told is
   * not seen.
   */
  invalidate(paths?: readonly string[]): void;
  /**
   * Before another engine builds: notes the keys of its steps as the context is now. `finish` writes the record by which
   * later forecasts with the same `engine` know what that engine has.
   */
  recordForeignBuild(request: AskedForecast): Promise<ForeignBegun>;
  /**
   * What builds after each of the last commits would have done again, for each of the given texts.
   * @throws EngineError `not-found` (no history), `unavailable` (no git), `dockerfile-syntax`
   */
  replay(request: ReplayRequest, signal?: AbortSignal): Promise<Replay>;
  readonly work: ForecastWork;
  dispose(): Promise<void>;
}

/** The request, and the model of its text when there is one already. */
export type AskedForecast = ForecastRequest & { readonly model?: Dockerfile };

export interface ForeignBegun {
  /** Why steps that are done will be done; another engine does not say. `line` from 1. */
  readonly causes: readonly { readonly line: number; readonly cause: MissCause }[];
  finish(outcome: ForeignOutcome): Promise<void>;
}

export interface ForeignOutcome {
  /** Steps that were seen to end. */
  readonly steps: readonly ForeignStep[];
  readonly tags?: readonly string[];
  readonly imageId?: string;
  /** In English; absent when the build went well. */
  readonly error?: string;
}
