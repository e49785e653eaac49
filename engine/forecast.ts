import { ForecastEngine } from "./forecast/forecast-engine.ts";
import type { Forecaster, ForecasterOptions } from "./forecast/types.ts";
import { hostPlatform } from "./oci/platform.ts";

export type { AskedForecast, Forecaster, ForecasterOptions, ForeignBegun, ForeignOutcome } from "./forecast/types.ts";

/** Reads nothing yet. */
export function openForecaster({ home, platform = hostPlatform(process.arch), now }: ForecasterOptions): Forecaster {
  return new ForecastEngine(home, platform, now ?? Date.now);
}
