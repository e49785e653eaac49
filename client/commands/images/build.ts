import path from "node:path";
import * as vscode from "vscode";
import type { BuildEvent, BuildStep } from "../../../engine/base/build-events.ts";
import { EngineError } from "../../../engine/base/errors.ts";
import { msg } from "../../../engine/base/message.ts";
import { tryParseReference } from "../../../engine/oci/reference.ts";
import type { Services } from "../../services.ts";
import { type LogTerminal, openLogTerminal } from "../../terminals/log-terminal.ts";
import { createBuildLog } from "../../ui/build-log.ts";
import { formatBytes, formatDuration } from "../../ui/format.ts";
import { imageNameFor } from "../../ui/names.ts";
import { t } from "../../ui/text.ts";
import { errorText } from "../../ui/ui.ts";
import { runImage } from "./run.ts";

const pattern = "**/{[Dd]ockerfile,[Dd]ockerfile.*,*.dockerfile,[Cc]ontainerfile,[Cc]ontainerfile.*}";

/** One terminal a Dockerfile: the next build of it starts it anew. */
const logs = new Map<string, LogTerminal>();

/** Problems of the last build of each Dockerfile. Made with the first build. */
let problems: vscode.DiagnosticCollection | undefined;

/** What is built of a Dockerfile, when it is not all of it. */
export interface StageChoice {
  /** As `--target` names it. */
  readonly stage?: string;
  /** Where the image's name comes from: `usual` is the one of the last time or the folder's, and nobody is asked. */
  readonly naming?: "ask" | "usual" | "none";
}

export interface BuiltImage {
  readonly imageId: string;
  /** Its name, or its id when it has none. */
  readonly reference: string;
}

/** Asks for the tag, builds with the folder of the Dockerfile as context, and shows progress, log and problems. */
export async function buildImage(services: Services, target?: vscode.Uri): Promise<string | undefined> {
  return (await buildChosen(services, target, {}))?.imageId;
}

export async function buildChosen(
  services: Services,
  target: vscode.Uri | undefined,
  { stage, naming = "ask" }: StageChoice,
): Promise<BuiltImage | undefined> {
  // First of all: nobody should answer questions for a build that cannot be.
  const { build } = await services.engines.connection();
  const file = await chooseDockerfile(services, target);
  if (!file) return undefined;
  const contextPath = path.dirname(file.fsPath);
  const tag = await tagFor(services, file, { stage, naming });
  if (tag === "") return undefined;
  await saveBelow(contextPath);

  const shown = tag ?? `${path.basename(file.fsPath)} ${stage ?? ""}`.trim();
  const log = logOf(file, shown);
  log.terminal.show(true);
  const lines = createBuildLog({ color: true, translate: t });
  problems ??= vscode.languages.createDiagnosticCollection("drydock-build");
  problems.delete(file);

  const request = {
    contextPath,
    dockerfile: file.fsPath,
    tags: tag === undefined ? [] : [tag],
    ...(stage !== undefined && { target: stage }),
  };
  const last = await services.ui.withProgress(msg("Building {name}", { name: shown }), async (report, signal) => {
    let steps: readonly BuildStep[] = [];
    let final: BuildEvent | undefined;
    try {
      for await (const event of build(request, signal)) {
        if (event.type === "started") steps = event.steps;
        if (event.type === "step-started") report(`${event.step + 1}/${steps.length} ${steps[event.step]?.text ?? ""}`);
        if (event.type === "progress" && event.totalBytes !== undefined) {
          report(
            `${event.step + 1}/${steps.length} ${formatBytes(event.currentBytes)} / ${formatBytes(event.totalBytes)}`,
          );
        }
        for (const line of lines(event)) log.write(`${line}\n`);
        final = event;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (signal.aborted)
      log.write(`${t(msg("The build was cancelled. What was finished is kept for the next one."))}\n`);
    return signal.aborted ? undefined : final;
  });

  if (last?.type === "failed") {
    reportFailure(services, file, last, () => log.terminal.show());
    return undefined;
  }
  if (last?.type !== "done") return undefined;
  const done = msg("Built {name} in {duration}, {cached} of {total} steps reused.", {
    name: shown,
    duration: formatDuration(last.durationMs),
    cached: last.cachedSteps,
    total: last.totalSteps,
  });
  const reference = tag ?? last.imageId;
  services.ui.info(done, {
    label: msg("Run"),
    run: () => runImage(services, { reference }).catch(services.ui.error),
  });
  return { imageId: last.imageId, reference };
}

/** Undefined: it shall have no name. Empty: the person has changed their mind. */
async function tagFor(
  { storage, ui }: Services,
  file: vscode.Uri,
  { stage, naming }: { readonly stage: string | undefined; readonly naming: StageChoice["naming"] },
): Promise<string | undefined> {
  if (naming === "none") return undefined;
  const key = `build.tag:${file.toString()}${stage === undefined ? "" : `#${stage}`}`;
  const name = imageNameFor(path.basename(path.dirname(file.fsPath)));
  const usual = storage.get<string>(key) ?? `${name}:${stage ?? "latest"}`;
  if (naming === "usual" && tryParseReference(usual)) return usual;
  const tag = await ui.input({
    title: msg("Build Image"),
    prompt: msg("Name of the image. Without a tag it is :latest."),
    value: usual,
    validate: (text) =>
      tryParseReference(text.trim())
        ? undefined
        : msg("An image name is lower case, like node:24 or ghcr.io/owner/app:1.0."),
  });
  if (tag) await storage.update(key, tag);
  return tag ?? "";
}

/** The given file, the one in the editor, the only one there is, or the one that the user picks. */
async function chooseDockerfile(services: Services, target: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
  const active = vscode.window.activeTextEditor?.document;
  const shown = active?.languageId === "dockerfile" ? active.uri : undefined;
  const meant = target instanceof vscode.Uri ? target : shown;
  if (meant?.scheme === "file") return meant;
  // Untitled, or in a virtual workspace. Another Dockerfile than the one in sight is not what was meant.
  if (meant) {
    throw new EngineError({
      code: "invalid-argument",
      message: msg("This Dockerfile is not a file on this machine."),
      hint: msg("Save it in the folder of your app: the build reads that folder."),
    });
  }
  const found = await vscode.workspace.findFiles(pattern, "**/node_modules/**", 200);
  if (found.length === 0) {
    throw new EngineError({
      code: "not-found",
      message: msg("There is no Dockerfile in this workspace."),
      hint: msg("Create a file named Dockerfile in the folder of your app."),
    });
  }
  if (found.length === 1) return found[0];
  return services.ui.pick(
    found
      .map((uri) => ({ label: vscode.workspace.asRelativePath(uri), value: uri }))
      .sort((a, b) => a.label.localeCompare(b.label)),
    msg("Which Dockerfile shall be built?"),
  );
}

function logOf(file: vscode.Uri, tag: string): LogTerminal {
  const key = file.toString();
  const log = logs.get(key) ?? openLogTerminal(t(msg("Build: {name}", { name: tag })), "tools", () => logs.delete(key));
  if (logs.has(key)) log.clear();
  logs.set(key, log);
  return log;
}

/** The build reads the disk: what is edited below the context must be there. */
async function saveBelow(folder: string): Promise<void> {
  const below = `${folder}${path.sep}`;
  for (const document of vscode.workspace.textDocuments) {
    if (document.isDirty && document.uri.scheme === "file" && document.uri.fsPath.startsWith(below))
      await document.save();
  }
}

function reportFailure(
  services: Services,
  file: vscode.Uri,
  { error }: Extract<BuildEvent, { type: "failed" }>,
  showLog: () => void,
): void {
  const details = error.drydock ?? { code: "internal" as const, message: msg("{text}", { text: error.message }) };
  if (details.range) {
    const { start, end } = details.range;
    const range = new vscode.Range(start.line, start.character, end.line, end.character);
    const text = errorText(new EngineError(details));
    const problem = new vscode.Diagnostic(range, text, vscode.DiagnosticSeverity.Error);
    problem.source = "drydock build";
    problem.code = details.code;
    problems?.set(file, [problem]);
  }
  const show = { label: msg("Show Log"), run: showLog };
  const go = details.range && {
    label: msg("Go to Line"),
    run: () => {
      const start = details.range?.start ?? { line: 0, character: 0 };
      const selection = new vscode.Range(start.line, start.character, start.line, start.character);
      return vscode.window.showTextDocument(file, { selection });
    },
  };
  const { action: _, ...rest } = details;
  services.ui.error(new EngineError(rest), ...(go ? [go, show] : [show]));
}
