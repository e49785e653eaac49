import assert from "node:assert/strict";
import type { StepForecast } from "../../../engine/base/forecast.ts";
import { formatMessage, msg } from "../../../engine/base/message.ts";
import { Analysis } from "../../../server/analysis.ts";
import { forecastHints, forecastNews, withForecast } from "../../../server/features/forecast-hints.ts";
import type { Advice } from "../../../server/forecast/advice.ts";

const text = "FROM node\nARG VERSION=2\nENV OTHER=1 LEVEL=2\nWORKDIR /app\nCOPY . .\nRUN npm ci\n";
const analysis = new Analysis({ uri: "file:///Dockerfile", version: 1, getText: () => text });
const all = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
const at = (line: number) => ({ start: { line, character: 0 }, end: { line, character: 3 } });
const step = (line: number, fields: Partial<StepForecast>): StepForecast => ({
  line: line + 1,
  range: at(line),
  stage: "stage-0",
  instruction: text.split("\n")[line] ?? "",
  outcome: "miss",
  reason: msg("reason."),
  ...fields,
});
const none = { hits: 0, misses: 0, unknown: 0, expectedMs: 0, atMostMs: 0, sizeBytes: 0, unmeasured: 0 };
const forecast = (...steps: StepForecast[]) => ({ steps, totals: { ...none, words: msg("x") }, isEstimate: false });
const hints = (...steps: StepForecast[]) =>
  forecastHints(analysis, forecast(...steps), all, "quiet", formatMessage).map(({ position, label }) => {
    const [part] = Array.isArray(label) ? label : [];
    return `${position.line} ${part?.value}${part?.location ? ` → ${part.location.range.start.line}` : ""}`;
  });

describe("hints of the next build", () => {
  it("lead to the step or to the variable that they hang on", () => {
    const changed = (name: string, from: string) =>
      ({ kind: "environment-changed", changes: [{ part: "ENV", name, from, to: "2" }] }) as const;
    assert.deepEqual(
      hints(
        step(3, { cause: changed("VERSION", "1"), reason: msg("ARG VERSION changed.") }),
        step(4, { cause: changed("LEVEL", "1"), durationMs: 1200 }),
        step(5, { cause: { kind: "parent-rebuilt", line: 5 }, durationMs: 12_000 }),
      ),
      ["3 ↻ ARG VERSION changed → 1", "4 ↻ reason · ≈ 1.2 s → 2", "5 ↻ rebuilds · ≈ 12 s → 4"],
    );
    assert.deepEqual(hints(step(5, { cause: changed("NODE_VERSION", "1") })), ["5 ↻ reason"], "of the base image");
  });

  it("say what in an instruction changed without saying that it is one", () => {
    const changes = [{ part: "words", from: "install", to: "ci" }] as const;
    assert.deepEqual(hints(step(5, { cause: { kind: "instruction-changed", was: "RUN npm install", changes } })), [
      "5 ↻ “install” became “ci”",
    ]);
  });
});

describe("what would pay most", () => {
  const advice: Advice[] = [
    { rule: "a", line: 5, range: at(4), meanMs: 3000, words: msg("first") },
    { rule: "b", line: 6, range: at(5), meanMs: 0, words: msg("never"), helped: { times: 0, of: 9, what: "commits" } },
  ];

  it("stands on FROM, in order, without what saves nothing", () => {
    const from = forecast(step(0, { outcome: "hit" }), step(5, {}));
    const said = (line: number) =>
      JSON.stringify(withForecast(null, analysis, { line, character: 1 }, from, advice, formatMessage));
    assert.match(said(0), /\*\*What would pay most\*\*\\n- Line 5: first"/);
    assert.doesNotMatch(said(5), /pay most/);
  });

  it("is told to the client", () => {
    assert.deepEqual(forecastNews("u", 1, { forecast: forecast(), advice }, formatMessage).advice, [
      { line: 4, words: "first", meanMs: 3000 },
    ]);
  });
});
