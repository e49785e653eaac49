import type { Connection } from "vscode-languageserver";
import type { ForecastWish } from "../engine/base/language-api.ts";
import type { ForeignOutcome } from "../engine/forecast.ts";
import type { Analysis } from "./analysis.ts";
import { forecastNews } from "./features/forecast-hints.ts";
import { Advisor } from "./forecast/advisor.ts";
import { Forecasts, type Foretold } from "./forecast/forecasts.ts";
import { Histories } from "./forecast/histories.ts";
import { openForecaster } from "./forecast/open.ts";
import { proposedOrder, reorderRule } from "./lint/proposed-order.ts";
import type { Session } from "./session.ts";

const replayedCommits = 200;

interface Surroundings {
  readonly connection: Connection;
  readonly session: Session;
  /** What is said of the document is not what it was. */
  readonly changed: (uri: string) => void;
}

/** The forecasts of open Dockerfiles, what they advise and what history says: tells the client, and answers what it asks about them. */
export function startForecasting({ connection, session, changed }: Surroundings) {
  const { translate } = session;
  /** What the client is able to ask for again. */
  const refreshes = { hints: false, lenses: false };
  const forecasts = new Forecasts({
    textOf(uri) {
      const analysis = session.analysis(uri);
      return analysis && { version: analysis.version, text: analysis.text, model: analysis.dockerfile };
    },
    open: openForecaster,
    changed(uri, { version, forecast }) {
      tell(uri, { version, forecast });
      advisor.consider(uri);
      const analysis = session.analysis(uri);
      if (analysis) {
        const hasFinding = analysis.recentFindings.some(({ rule }) => rule === reorderRule);
        histories.consider(uri, analysis.text, hasFinding);
      }
      if (session.settings.forecast.hints === "off") return;
      if (refreshes.hints) void connection.languages.inlayHint.refresh();
      if (refreshes.lenses) void connection.sendRequest("workspace/codeLens/refresh");
    },
    failed: (problem) => connection.console.error(`forecast: ${problem}`),
  });
  function tell(uri: string, { version, forecast }: Foretold) {
    const news = forecastNews(uri, version, { forecast, advice: advisor.now(uri) }, translate);
    void connection.sendNotification("drydock/forecast", news);
  }
  const advisor = new Advisor({
    analysis: (uri) => session.analysis(uri),
    forecast: (uri) => forecasts.of(uri)?.forecast,
    replay: (uri) => histories.of(uri),
    changed,
  });
  /** The text as it stands, and in the order that is proposed. */
  async function replayOf(wish: ForecastWish, text: string, commits: number) {
    const proposed = proposedOrder(text, session.lintInput(wish.uri));
    const variants = [{ id: "now", text }, ...(proposed === undefined ? [] : [{ id: "proposed", text: proposed }])];
    return forecasts.replay(wish, variants, commits);
  }
  const histories = new Histories({
    async replay(uri) {
      const wish = forecasts.wishOf(uri);
      const text = session.analysis(uri)?.text;
      return wish && text !== undefined ? replayOf(wish, text, replayedCommits) : undefined;
    },
    changed(uri) {
      advisor.consider(uri);
      const known = forecasts.of(uri);
      if (known) tell(uri, known);
    },
    failed: (problem) => connection.console.info(`history: ${problem}`),
  });
  /** Of this very version, for what cannot wait. */
  function foretold({ uri, version }: Analysis) {
    const known = forecasts.of(uri);
    return known?.version === version ? known.forecast : undefined;
  }

  connection.onNotification("drydock/visible", ({ wishes }: { readonly wishes: readonly ForecastWish[] }) =>
    forecasts.watch(wishes),
  );
  connection.onNotification("drydock/contextChanged", ({ paths }: { readonly paths?: readonly string[] }) =>
    forecasts.invalidate(paths),
  );
  /** Builds by other engines that go on: what is to be written when they end. */
  const foreignBuilds = new Map<string, Awaited<ReturnType<typeof forecasts.recordForeign>>>();
  connection.onRequest(
    "drydock/foreignBuildBegins",
    async ({ id, wish, text }: { readonly id: string; readonly wish: ForecastWish; readonly text: string }) => {
      const begun = await forecasts.recordForeign(wish, text);
      foreignBuilds.set(id, begun);
      return begun.causes;
    },
  );
  connection.onRequest(
    "drydock/foreignBuildEnds",
    async ({ id, outcome }: { readonly id: string; readonly outcome: ForeignOutcome }) => {
      const build = foreignBuilds.get(id);
      foreignBuilds.delete(id);
      await build?.finish(outcome);
      forecasts.again();
    },
  );
  connection.onRequest(
    "drydock/replay",
    ({ wish, text, commits }: { readonly wish: ForecastWish; readonly text: string; readonly commits: number }) =>
      replayOf(wish, text, commits),
  );
  connection.onNotification("drydock/forecastAgain", () => forecasts.again());
  connection.onRequest(
    "drydock/forecast",
    async ({ wish, text }: { readonly wish: ForecastWish; readonly text: string }) =>
      forecastNews(wish.uri, 0, { forecast: await forecasts.once(wish, text), advice: [] }, translate),
  );

  return { forecasts, advisor, foretold, refreshes };
}
