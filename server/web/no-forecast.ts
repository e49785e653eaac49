import type { Forecaster } from "../../engine/forecast.ts";

/** In a browser there is no engine whose next build could be foretold; the client asks for none. */
export function openForecaster(): Forecaster {
  throw new Error("no engine in a browser");
}
