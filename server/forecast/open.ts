import type { Forecaster } from "../../engine/forecast.ts";

/** A bundle of its own (esbuild.mjs): it reads contexts and records, which a first diagnostic does not need. */
export async function openForecaster(home: string): Promise<Forecaster> {
  const { openForecaster: open } = await import("../../engine/forecast.ts");
  return open({ home });
}
