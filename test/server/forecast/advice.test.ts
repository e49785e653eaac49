import assert from "node:assert/strict";
import type { Diagnostic } from "vscode-languageserver";
import { parse } from "../../../engine/analysis.ts";
import type { Forecast, StepForecast } from "../../../engine/base/forecast.ts";
import { formatMessage, msg } from "../../../engine/base/message.ts";
import type { Replay, ReplayedStep } from "../../../engine/base/replay.ts";
import { type Advice, adviceOf, severityBy } from "../../../server/forecast/advice.ts";
import { gainOf, historySentence } from "../../../server/forecast/history-sentence.ts";
import { withCosts } from "../../../server/forecast/with-costs.ts";
import { lintText, prepareLint } from "../../../server/lint/lint.ts";
import { proposedOrder } from "../../../server/lint/proposed-order.ts";

const step = (instruction: string, rebuilt: number, durationMs?: number): ReplayedStep => ({
  line: 1,
  stage: "stage-0",
  instruction,
  rebuilt,
  ...(durationMs === undefined ? {} : { durationMs }),
});
const replay = (now: ReplayedStep[], proposed: ReplayedStep[], totals = [0, 0]): Replay => ({
  commits: Array.from({ length: 100 }, (_, at) => ({ id: String(at), at, subject: "" })),
  variants: [
    { id: "now", steps: now, costMs: [], totalMs: totals[0] ?? 0, unmeasured: 0 },
    { id: "proposed", steps: proposed, costMs: [], totalMs: totals[1] ?? 0, unmeasured: 0 },
  ],
});
const sentence = (played: Replay) => {
  const gain = gainOf(played, "stage-0");
  return gain && formatMessage(historySentence(played, gain));
};

describe("server/forecast/advice", () => {
  it("says how often the install would have run, and in the other order", () => {
    assert.equal(
      sentence(replay([step("COPY . .", 97), step("RUN npm ci", 97)], [step("RUN npm ci", 4), step("COPY . .", 97)])),
      "97 of the last 100 commits would run npm ci again; in the proposed order 4.",
    );
    assert.match(
      sentence(replay([step("RUN npm ci", 97, 9000)], [step("RUN npm ci", 4, 9000)], [873_000, 36_000])) ?? "",
      /saved about 14 minutes/,
    );
  });

  it("speaks of the step that is saved, not of one that costs more and is done all the same", () => {
    assert.match(
      sentence(
        replay(
          [step("RUN npm ci", 97, 1000), step("RUN npm test", 97, 90_000)],
          [step("RUN npm ci", 4, 1000), step("RUN npm test", 97, 90_000)],
        ),
      ) ?? "",
      /would run npm ci again; in the proposed order 4\. That would have saved about 2 minutes/,
    );
  });

  it("compares a step that was split by its first part", () => {
    const split = replay([step("RUN npm ci && npm test", 50)], [step("RUN npm ci", 2), step("RUN npm test", 50)]);
    assert.match(sentence(split) ?? "", /npm ci again; in the proposed order 2/);
  });

  it("says the seconds, when it is no minutes", () => {
    assert.match(
      sentence(replay([step("RUN npm ci", 9, 3000)], [step("RUN npm ci", 4, 3000)], [27_000, 12_000])) ?? "",
      /saved about 15 seconds/,
    );
  });

  it("says nothing when nothing is gained", () => {
    assert.equal(sentence(replay([step("RUN npm ci", 3)], [step("RUN npm ci", 3)])), undefined);
    assert.equal(sentence(replay([step("RUN npm ci", 0)], [step("RUN npm ci", 0)])), undefined);
    assert.equal(sentence({ commits: [], variants: [] }), undefined);
  });

  it("proposes the order of the quick fix, and nothing for a good one", () => {
    const good = "FROM node\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\n";
    assert.equal(proposedOrder("FROM node\nWORKDIR /app\nCOPY . .\nRUN npm ci\n"), good);
    assert.equal(proposedOrder(good), undefined);
  });
});

const text = [
  "FROM node:24",
  "ARG GIT_COMMIT",
  "WORKDIR /app",
  "COPY . .",
  "RUN npm ci",
  "LABEL commit=$GIT_COMMIT",
  "",
].join("\n");

/** What is done with each RUN and COPY of the text. */
function foretold(ms: Readonly<Record<string, number>>, past?: StepForecast["past"]): Forecast {
  const place = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  const steps = Object.entries(ms).map(([instruction, durationMs]): StepForecast => {
    const base = { line: 1, range: place, stage: "stage-0", instruction, outcome: "hit", reason: msg("x") } as const;
    return { ...base, durationMs, ...(past ? { past } : {}) };
  });
  const none = { hits: 0, misses: 0, unknown: 0, expectedMs: 0, atMostMs: 0, sizeBytes: 0, unmeasured: 0 };
  return { steps, totals: { ...none, words: msg("x") }, isEstimate: false };
}

describe("what advice is worth", () => {
  before(() => prepareLint(text));
  const advise = (forecast: Forecast | undefined, played?: Replay) =>
    adviceOf(lintText(text), { dockerfile: parse(text), forecast, replay: played });
  const lines = (advice: readonly Advice[]) =>
    advice.map(({ rule, line, words }) => `${line} ${rule}: ${words ? formatMessage(words) : "-"}`);

  it("is what the steps cost that are not done again, most first", () => {
    assert.deepEqual(lines(advise(foretold({ "COPY . .": 100, "RUN npm ci": 40_000 }))), [
      "2 cache/arg-before-expensive: Saves about 40 s each time that the step is done again.",
      "4 cache/copy-before-install: Saves about 40 s each time that the step is done again.",
      "5 cache/cache-mount: Saves up to 40 s each time that the step is done again.",
    ]);
  });

  it("counts how often it would have helped: in builds, and in commits where they are known", () => {
    const past = { builds: 10, redone: 7, for: { GIT_COMMIT: 2 } };
    const forecast = foretold({ "COPY . .": 100, "RUN npm ci": 40_000 }, past);
    const byBuilds = advise(forecast);
    assert.deepEqual(lines(byBuilds), [
      "4 cache/copy-before-install: Saves about 40 s a rebuild: in 6 of the last 9 builds.",
      "5 cache/cache-mount: Saves up to 40 s a rebuild: in 6 of the last 9 builds.",
      "2 cache/arg-before-expensive: Saves about 40 s a rebuild: in 2 of the last 10 builds.",
    ]);
    assert.deepEqual(
      byBuilds.map(({ savesMs, meanMs }) => [savesMs, Math.round(meanMs)]),
      [
        [40_000, 26_667],
        [40_000, 13_333],
        [40_000, 8000],
      ],
    );
    const played = replay([step("RUN npm ci", 97, 40_000)], [step("RUN npm ci", 4, 40_000)], [3_880_000, 160_000]);
    const [order] = advise(forecast, played);
    assert.deepEqual(
      [order?.rule, order?.savesMs, order?.helped],
      ["cache/copy-before-install", 40_000, { times: 93, of: 100, what: "commits" }],
    );
    assert.match(order?.words ? formatMessage(order.words) : "", /^97 of the last 100 commits/);
  });

  it("is not known without a record, and is nothing where history says so", () => {
    assert.deepEqual(
      advise(undefined).map(({ words, meanMs }) => [words, meanMs]),
      [
        [undefined, 0],
        [undefined, 0],
        [undefined, 0],
      ],
    );
    const same = replay([step("RUN npm ci", 3, 100)], [step("RUN npm ci", 3, 100)]);
    const [order] = advise(undefined, same).filter(({ rule }) => rule === "cache/copy-before-install");
    assert.equal(order?.words && formatMessage(order.words), "In the last 100 commits it would have saved nothing.");
  });

  it("is of the install, not of what costs more behind it; of a part of a step at most the step", () => {
    const more = `${text}RUN npm test\n`;
    const forecast = foretold({ "RUN npm ci": 5000, "RUN npm test": 90_000 });
    const order = (one: string, known: Forecast) =>
      adviceOf(lintText(one), { dockerfile: parse(one), forecast: known, replay: undefined }).find(
        ({ line }) => line === 4,
      );
    assert.deepEqual([order(more, forecast)?.savesMs, order(more, forecast)?.isAtMost], [5000, undefined]);
    const both = text.replace("RUN npm ci", "RUN npm ci && npm test");
    const split = order(both, foretold({ "RUN npm ci && npm test": 9000 }));
    assert.deepEqual([split?.savesMs, split?.isAtMost], [9000, true]);
  });

  it("finds its steps in a text that is newer than the forecast", () => {
    const forecast = foretold({ "RUN npm ci": 5000 });
    const newer = `# one line more\n${text}`;
    const advice = adviceOf(lintText(newer), { dockerfile: parse(newer), forecast, replay: undefined });
    assert.deepEqual(
      advice.map(({ savesMs }) => savesMs),
      [5000, 5000, 5000],
    );
  });

  it("makes a finding as serious as it is worth, unless a person has said how serious it is", () => {
    const level = (savesMs: number, helped?: Advice["helped"]) => {
      const meanMs = helped ? (savesMs * helped.times) / helped.of : savesMs;
      return severityBy({ rule: "", line: 1, range, savesMs, meanMs, ...(helped ? { helped } : {}) });
    };
    const range = { start: { line: 3, character: 0 }, end: { line: 3, character: 8 } };
    assert.deepEqual(
      [12_000, 3000, 500, 50].map((ms) => level(ms)),
      ["warning", "info", undefined, "hint"],
    );
    assert.equal(level(40_000, { times: 0, of: 100, what: "commits" }), "hint");
    assert.equal(level(40_000, { times: 5, of: 100, what: "commits" }), "info");

    const finding = (code: string): Diagnostic => ({ range, code, message: "words", severity: 4 });
    const found = { rule: "cache/cache-mount", line: 4, range, savesMs: 40_000, meanMs: 20_000, words: msg("worth") };
    const shown = (isChosen: boolean) =>
      withCosts([finding("cache/cache-mount"), finding("run/other")], {
        advice: [found],
        isChosen: () => isChosen,
        translate: formatMessage,
      }).map(({ message, severity }) => `${severity} ${message}`);
    assert.deepEqual(shown(false), ["2 words\nworth", "4 words"]);
    assert.deepEqual(shown(true), ["4 words\nworth", "4 words"]);
  });
});
