import * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import type { BuildRun } from "../../builds/run.ts";
import { showLine } from "../../layers/show-line.ts";
import type { Services } from "../../services.ts";
import { escapeHtml } from "../../ui/html.ts";
import { missReason } from "../../ui/miss-cause.ts";
import { t } from "../../ui/text.ts";
import { buildState } from "../../views/builds.ts";
import { buildGone } from "../errors.ts";
import { openPanel } from "../panel.ts";
import type { FromPage, Shown, ToPage } from "./messages.ts";
import { timelineOf } from "./model.ts";
import { timelineStyle } from "./style.ts";
import { timelineWords } from "./words.ts";

/** A running build is drawn anew so often. */
const everyMs = 500;

const open = new Map<string, vscode.WebviewPanel>();

/** What of a build ran when, as bars; it follows a build that runs. One tab a build. `into`: a tab of an earlier window. */
export function openTimeline(services: Services, id: string, into?: vscode.WebviewPanel): void {
  const known = open.get(id);
  if (known) {
    into?.dispose();
    known.reveal();
    return;
  }
  const { builds, ui } = services;
  const first = builds.get(id);
  if (!first) throw buildGone();
  const words = Object.fromEntries(Object.entries(timelineWords()).map(([key, message]) => [key, t(message)]));
  const panel = openPanel({
    id: "drydock.timeline",
    title: t(msg("Timeline: {name}", { name: first.name })),
    distDir: services.distDir,
    script: "timeline-page.js",
    into,
    style: timelineStyle,
    body: `<main id="app" data-words="${escapeHtml(JSON.stringify(words))}"></main>`,
    onMessage: (message) => receive(message as FromPage).catch((error) => ui.error(error)),
  });
  open.set(id, panel);
  // A build that was taken off the list stays as it was last seen.
  let last = first;
  const send = () => {
    last = builds.get(id) ?? last;
    const message: ToPage = { type: "shown", ...shownOf(last, Date.now()) };
    void panel.webview.postMessage(message);
  };
  const clock = setInterval(() => {
    if (last.state === "running" && panel.visible) send();
  }, everyMs);
  const stop = builds.changed.on((run) => {
    if (run.id === id && run.state !== "running") send();
  });
  panel.onDidDispose(() => {
    clearInterval(clock);
    stop();
    open.delete(id);
  });

  async function receive(message: FromPage): Promise<void> {
    if (message.type === "ready") return send();
    const step = last.steps.find((one) => one.step.id === message.step)?.step;
    if (!step) return;
    const from = { file: last.file, line: step.range.start.line, text: step.text };
    await showLine(from, { viewColumn: vscode.ViewColumn.Beside });
  }
}

export function shownOf(run: BuildRun, nowMs: number): Shown {
  const causes = run.steps.flatMap(({ step, cause }) => {
    const reason = cause && missReason(cause);
    return reason ? [[step.id, t(reason)] as const] : [];
  });
  return {
    id: run.id,
    name: run.name,
    state: t(buildState(run)),
    isRunning: run.state === "running",
    file: run.file.split("/").at(-1) ?? "",
    timeline: timelineOf(run, nowMs),
    causes: Object.fromEntries(causes),
  };
}
