import type { MissCause } from "../base/build-events.ts";
import { type Digest, isDigest } from "../base/digest.ts";
import type { ForecastRequest, ForeignStep, StepForecast } from "../base/forecast.ts";
import type { Listing } from "../cache/cause.ts";
import type { ForecastSteps } from "../cache/forecast.ts";
import { openListings } from "../solver/listings.ts";
import { newBuildId, writeRecord } from "../solver/record.ts";
import type { StepRecord } from "../solver/types.ts";
import type { PastBuilds } from "./build-records.ts";
import { foreignOrigin } from "./origins.ts";
import type { ForeignOutcome } from "./types.ts";

/** What was known when another engine began to build. */
export interface ForeignBuild {
  readonly foreseen: ForecastSteps;
  readonly past: PastBuilds;
  readonly listings: readonly { readonly content: Digest; readonly listing: Listing | undefined }[];
}

interface Ended {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: ForeignOutcome;
}

/** The record of a build that another engine did, with our keys; steps that were not seen to end have none. */
export async function writeForeignRecord(
  home: string,
  request: ForecastRequest,
  { foreseen, past, listings }: ForeignBuild,
  { startedAt, endedAt, outcome }: Ended,
): Promise<void> {
  const { contextDir, dockerfilePath, target, engine } = request;
  const { tags = [], imageId, error } = outcome;
  const kept = openListings(home);
  for (const { content, listing } of listings) if (listing) await kept.write(content, listing);
  const seen = [...outcome.steps];
  writeRecord(home, {
    buildId: newBuildId(startedAt, foreignOrigin(request)),
    ...(engine ? { engine: engine.name } : {}),
    startedAt,
    durationMs: endedAt - startedAt,
    contextPath: contextDir,
    dockerfile: dockerfilePath,
    ...(target === undefined ? {} : { target }),
    tags,
    ...(imageId !== undefined && isDigest(imageId) ? { imageId } : {}),
    ...(error === undefined ? {} : { error }),
    steps: foreseen.steps.map((foretold, at): StepRecord => {
      const { instruction, stage, range, line } = foretold;
      const cause = certainCause(foretold);
      const keys = foreseen.keys[at];
      const found = seen.findIndex((step) => step.line === line);
      const [step] = found < 0 ? [] : seen.splice(found, 1);
      return {
        text: instruction,
        stage,
        place: foreseen.places[at] ?? 0,
        line: range.start.line,
        ...(step && keys ? { ...keys, facts: foreseen.facts(at, keys.key) } : {}),
        ...(step?.cached === false && cause ? { cause } : {}),
        cached: step?.cached ?? false,
        durationMs: step?.durationMs ?? 0,
        ...costOf(step, keys && past.byKey.get(keys.key)),
      };
    }),
  });
}

/** Of a step that is done for certain. */
export function certainCause({ outcome, cause }: StepForecast): MissCause | undefined {
  if (outcome !== "miss" || !cause) return undefined;
  switch (cause.kind) {
    case "base-missing":
    case "depends":
    case "remote":
    case "fails":
      return undefined;
    default:
      return cause;
  }
}

/** What was used again costs what it cost when it was made. */
function costOf(
  step: ForeignStep | undefined,
  before: Pick<StepRecord, "ranMs" | "sizeBytes"> | undefined,
): Pick<StepRecord, "ranMs" | "sizeBytes"> {
  const ranMs = step?.cached ? before?.ranMs : step?.durationMs;
  const sizeBytes = step?.sizeBytes ?? before?.sizeBytes;
  return {
    ...(ranMs === undefined ? {} : { ranMs }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  };
}
