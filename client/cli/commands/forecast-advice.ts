import type { Forecast, ForecastRequest } from "../../../engine/base/forecast.ts";
import type { Replay } from "../../../engine/base/replay.ts";
import type { Forecaster } from "../../../engine/forecast.ts";
import { type Advice, adviceOfText, costRules } from "../../../server/forecast/advice.ts";
import { lintText, prepareLint } from "../../../server/lint/lint.ts";
import { LintContexts } from "../../../server/lint/lint-context.ts";
import { proposedOrder } from "../../../server/lint/proposed-order.ts";
import { codes } from "../../../server/rules/codes.ts";

const replayedCommits = 200;

/** What the findings that are about cost would have been worth, by records and by git history where there is one. */
export async function adviceFor(
  request: ForecastRequest,
  forecast: Forecast,
  forecaster: Forecaster,
): Promise<readonly Advice[]> {
  const { text, dockerfilePath } = request;
  await prepareLint(text);
  const layer = { severities: {}, options: {} };
  const input = new LintContexts(codes).of({ file: dockerfilePath, layer, root: undefined });
  const findings = lintText(text, input).filter(({ rule }) => costRules.has(rule));
  if (findings.length === 0 || forecast.problem) return [];
  const proposed = proposedOrder(text, input);
  const variants = [{ id: "now", text }, ...(proposed === undefined ? [] : [{ id: "proposed", text: proposed }])];
  // No git, no repository: then records alone say what it is worth.
  const replay: Replay | undefined = await forecaster
    .replay({ ...request, variants, commits: replayedCommits })
    .catch(() => undefined);
  return adviceOfText(text, findings, { forecast, replay });
}
