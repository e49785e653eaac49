import path from "node:path";
import * as vscode from "vscode";
import { EngineError } from "../../../engine/base/errors.ts";
import { msg } from "../../../engine/base/message.ts";
import type { DebugState } from "../../debug/adapter.ts";
import { asRun } from "../../debug/as-instruction.ts";
import { debugType } from "../../debug/configuration.ts";
import { throwawayOptions } from "../../debug/throwaway.ts";
import type { Services } from "../../services.ts";
import { openStreamTerminal, runSession } from "../../terminals/stream-terminal.ts";
import { t } from "../../ui/text.ts";
import { shellCommand } from "../containers/shell.ts";
import { chooseDockerfile } from "../images/build.ts";
import { type StageTarget, stageOf } from "../stages/stage.ts";

/** Goes through the build of a Dockerfile, with what was chosen for its builds. */
export async function debugBuild(services: Services, target?: vscode.Uri): Promise<void> {
  // Refuses in a workspace that is not trusted.
  await services.engines.connection();
  const file = await chooseDockerfile(services, target);
  if (file) await start(file, {});
}

/** The same, up to the stage under the lens. */
export async function debugStage(services: Services, target?: StageTarget): Promise<void> {
  await services.engines.connection();
  const { file, choice } = stageOf(target);
  if (file) await start(file, "stage" in choice ? { target: choice.stage } : {});
}

/** A terminal in the state before the next step, in a container that goes with it. */
export async function openShellHere(services: Services): Promise<void> {
  const { session, state } = await stateHere();
  const { docker } = await services.engines.connection();
  const options = {
    ...throwawayOptions(
      { image: state.image, entrypoint: shellCommand("auto"), command: [], env: [...state.env, "TERM=xterm-256color"] },
      session.id,
    ),
    Tty: true,
    OpenStdin: true,
    HostConfig: { AutoRemove: true },
  };
  const name = t(msg("Shell: {name}", { name: session.name }));
  const connect = runSession(docker, options, true);
  openStreamTerminal(name, "debug-console", connect, (error) => services.ui.error(error)).show();
}

/** The view with the file system before the next step. */
export async function showFilesHere(services: Services): Promise<void> {
  await stateHere();
  await services.ui.run("drydock.debug.files.focus");
}

/** The last command of the Debug Console that went well becomes a RUN before the next step. */
export async function insertRun(services: Services): Promise<void> {
  const { state } = await stateHere();
  if (state.command === undefined) {
    throw new EngineError({
      code: "not-found",
      message: msg("No command has gone well at this step yet."),
      hint: msg("Type one into the Debug Console first."),
    });
  }
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(state.file));
  const editor = await vscode.window.showTextDocument(document);
  const line = Math.min(state.line, document.lineCount);
  const isBelow = line > 0 && line === document.lineCount && document.lineAt(line - 1).text !== "";
  const text = `${isBelow ? "\n" : ""}${asRun(state.command)}`;
  await editor.edit((edit) => edit.insert(new vscode.Position(line, 0), text));
  services.ui.info(msg("RUN was inserted. Press Restart to build it."));
}

async function start(file: vscode.Uri, choice: { readonly target?: string }): Promise<void> {
  const folder = vscode.workspace.getWorkspaceFolder(file);
  await vscode.debug.startDebugging(folder, {
    type: debugType,
    request: "launch",
    name: [path.basename(file.fsPath), choice.target].filter(Boolean).join(" "),
    dockerfile: file.fsPath,
    ...choice,
  });
}

async function stateHere(): Promise<{ readonly session: vscode.DebugSession; readonly state: DebugState }> {
  const session = vscode.debug.activeDebugSession;
  if (session?.type !== debugType) {
    throw new EngineError({
      code: "not-found",
      message: msg("No build is being debugged."),
      hint: msg("Start one with Debug Build."),
    });
  }
  try {
    return { session, state: await session.customRequest("drydock/state") };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new EngineError({ code: "conflict", message: msg("{text}", { text }) });
  }
}
