import type { Forecast } from "../../engine/base/forecast.ts";
import type { Replay } from "../../engine/base/replay.ts";
import type { Analysis } from "../analysis.ts";
import { type Advice, adviceOf } from "./advice.ts";

interface Sources {
  analysis(uri: string): Analysis | undefined;
  /** The last that is known, perhaps of a version before: steps are found by their words. */
  forecast(uri: string): Forecast | undefined;
  replay(uri: string): Replay | undefined;
  /** What was said with the diagnostics is out of date. */
  changed(uri: string): void;
}

/** What findings of visible Dockerfiles are worth. */
export class Advisor {
  readonly #sources: Sources;
  /** What was last said of each Dockerfile. */
  readonly #said = new Map<string, string>();

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** To be shown with the findings of this version. */
  with({ uri, dockerfile, findings }: Analysis): readonly Advice[] {
    const advice = this.#of(uri, dockerfile, findings);
    this.#said.set(uri, textOf(advice));
    return advice;
  }

  /** Without waiting for a check. */
  now(uri: string): readonly Advice[] {
    const analysis = this.#sources.analysis(uri);
    return analysis ? this.#of(uri, analysis.dockerfile, analysis.recentFindings) : [];
  }

  /** A forecast or history has come. */
  consider(uri: string): void {
    const said = this.#said.get(uri);
    if (said !== undefined && said !== textOf(this.now(uri))) this.#sources.changed(uri);
  }

  #of(uri: string, dockerfile: Analysis["dockerfile"], findings: Analysis["findings"]): readonly Advice[] {
    const forecast = this.#sources.forecast(uri);
    return adviceOf(findings, { dockerfile, forecast, replay: this.#sources.replay(uri) });
  }
}

function textOf(advice: readonly Advice[]): string {
  return JSON.stringify(advice.map(({ rule, words }) => [rule, words]));
}
