import assert from "node:assert/strict";
import type { Diagnostic } from "vscode-languageserver";
import { formatMessage, msg } from "../../../engine/base/message.ts";
import type { Replay, ReplayedStep } from "../../../engine/base/replay.ts";
import { historySentence, withCosts } from "../../../server/forecast/advice.ts";
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
  const message = historySentence(played);
  return message && formatMessage(message);
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

  it("compares a step that was split by its first part", () => {
    const split = replay([step("RUN npm ci && npm test", 50)], [step("RUN npm ci", 2), step("RUN npm test", 50)]);
    assert.match(sentence(split) ?? "", /npm ci again; in the proposed order 2/);
  });

  it("says nothing when nothing is gained", () => {
    assert.equal(sentence(replay([step("RUN npm ci", 3)], [step("RUN npm ci", 3)])), undefined);
    assert.equal(sentence(replay([step("RUN npm ci", 0)], [step("RUN npm ci", 0)])), undefined);
    assert.equal(sentence({ commits: [], variants: [] }), undefined);
  });

  it("stands under the words of the finding, and under no other", () => {
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
    const finding = (code: string): Diagnostic => ({ range, code, message: "words" });
    const shown = withCosts(
      [finding("cache/copy-before-install"), finding("run/other")],
      undefined,
      msg("history"),
      formatMessage,
    );
    assert.deepEqual(
      shown.map(({ message }) => message),
      ["words\nhistory", "words"],
    );
  });

  it("proposes the order of the quick fix, and nothing for a good one", () => {
    const good = "FROM node\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\n";
    assert.equal(proposedOrder("FROM node\nWORKDIR /app\nCOPY . .\nRUN npm ci\n"), good);
    assert.equal(proposedOrder(good), undefined);
  });
});
