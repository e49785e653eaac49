import path from "node:path";
import * as vscode from "vscode";
import type { BuildEvent, BuildRequest, BuildStep } from "../../engine/base/build-events.ts";
import { msg } from "../../engine/base/message.ts";
import type { Services } from "../services.ts";
import { linkFiles } from "../terminals/links.ts";
import { type LogTerminal, openLogTerminal } from "../terminals/log-terminal.ts";
import { createBuildLog } from "../ui/build-log.ts";
import { formatBytes } from "../ui/format.ts";
import { t } from "../ui/text.ts";
import { forgetProblems, showFailure } from "./problems.ts";

/** One terminal a Dockerfile: the next build of it starts it anew. */
const logs = new Map<string, LogTerminal>();

/** How much of a step's output is kept to explain its failure. */
const keptLines = 30;

export interface BuildOrder {
  readonly file: vscode.Uri;
  /** For people. */
  readonly name: string;
  readonly tag: string | undefined;
  readonly request: BuildRequest;
}

export type Built = Extract<BuildEvent, { readonly type: "done" }>;

/**
 * Builds, and shows it: in the Builds view, a terminal, a notification with Cancel, and Problems when it fails. Undefined when it failed or
 * was cancelled. `write` gets the log as well, for a task's terminal; then none is opened.
 */
export async function executeBuild(
  services: Services,
  { file, name, tag, request }: BuildOrder,
  write?: (text: string) => void,
  outerSignal?: AbortSignal,
): Promise<Built | undefined> {
  const connection = await services.engines.connection();
  await saveBelow(request.contextPath);
  await saveFile(file);
  const log = write ? undefined : logOf(file, name);
  if (log) linkFiles(log.terminal, () => [request.contextPath]);
  log?.terminal.show(true);
  const lines = createBuildLog({ color: true, translate: t });
  forgetProblems(file);

  const controller = new AbortController();
  outerSignal?.addEventListener("abort", () => controller.abort(), { once: true });
  const { builds } = services;
  const run = builds.begin(
    {
      file: file.toString(),
      name,
      engine: connection.target.id,
      ...(tag === undefined ? {} : { tag }),
      ...(request.target === undefined ? {} : { target: request.target }),
    },
    controller,
  );
  const recorded = connection.isEmbedded ? undefined : await services.forecasts.recordForeign(file, request.target);
  const put = (text: string) => {
    builds.log(run.id, text);
    log?.write(text);
    write?.(text);
  };
  const lastLines: string[] = [];
  let lastStep: number | undefined;

  const last = await services.ui.withProgress(msg("Building {name}", { name }), async (report, signal) => {
    signal.addEventListener("abort", () => controller.abort(), { once: true });
    let steps: readonly BuildStep[] = [];
    let final: BuildEvent | undefined;
    try {
      for await (const told of connection.build(request, controller.signal)) {
        const event = recorded && told.type === "step-done" ? explained(told, steps, recorded.causeAt) : told;
        builds.report(run.id, event);
        if (event.type === "started") steps = event.steps;
        if (event.type === "step-started") report(`${event.step + 1}/${steps.length} ${steps[event.step]?.text ?? ""}`);
        if (event.type === "progress" && event.totalBytes !== undefined) {
          report(
            `${event.step + 1}/${steps.length} ${formatBytes(event.currentBytes)} / ${formatBytes(event.totalBytes)}`,
          );
        }
        if (event.type === "log") {
          if (event.step !== lastStep) lastLines.length = 0;
          lastStep = event.step;
          lastLines.push(event.text);
          if (lastLines.length > keptLines) lastLines.shift();
        }
        for (const line of lines(event)) put(`${line}\n`);
        final = event;
      }
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    } finally {
      builds.end(run.id);
      const ended = builds.get(run.id);
      if (recorded && ended) await recorded.finish(ended).catch((error) => services.log.warn(String(error)));
    }
    if (!controller.signal.aborted) return final;
    put(`${t(msg("The build was cancelled. What was finished is kept for the next one."))}\n`);
    return undefined;
  });

  if (last?.type === "failed") {
    const words = last.step === undefined || last.step === lastStep ? lastLines : [];
    showFailure(services, file, last, words, () => showLog(services, run.id, file, name));
  }
  return last?.type === "done" ? last : undefined;
}

/** The log of a build of this or of an earlier window. */
export function showLog(services: Services, id: string, file: vscode.Uri, name: string): void {
  const open = logs.get(file.toString());
  const isLatest = services.builds.list.find((run) => run.file === file.toString())?.id === id;
  if (open && isLatest) {
    open.terminal.show();
    return;
  }
  const past = openLogTerminal(t(msg("Build: {name}", { name })), "tools");
  past.write(services.builds.readLog(id) ?? `${t(msg("The log of this build is not there any more."))}\n`);
  past.terminal.show();
}

function logOf(file: vscode.Uri, name: string): LogTerminal {
  const key = file.toString();
  const log = logs.get(key) ?? openLogTerminal(t(msg("Build: {name}", { name })), "tools", () => logs.delete(key));
  if (logs.has(key)) log.clear();
  logs.set(key, log);
  return log;
}

/** The build reads the disk: what is edited below the context must be there. */
async function saveBelow(folder: string): Promise<void> {
  const below = `${folder}${path.sep}`;
  for (const document of vscode.workspace.textDocuments) {
    if (document.isDirty && document.uri.scheme === "file" && document.uri.fsPath.startsWith(below)) {
      await document.save();
    }
  }
}

/** The Dockerfile may stand outside of its context. */
async function saveFile(file: vscode.Uri): Promise<void> {
  const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === file.toString());
  if (document?.isDirty) await document.save();
}

type StepDone = Extract<BuildEvent, { type: "step-done" }>;

/** Why a step was done, where only we know. */
function explained(
  event: StepDone,
  steps: readonly BuildStep[],
  causeAt: (line: number) => StepDone["cause"],
): StepDone {
  const line = steps[event.step]?.range.start.line;
  const cause = event.cached || event.cause || line === undefined ? event.cause : causeAt(line + 1);
  return cause ? { ...event, cause } : event;
}
