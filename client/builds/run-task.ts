import path from "node:path";
import * as vscode from "vscode";
import { EngineError } from "../../engine/base/errors.ts";
import { msg } from "../../engine/base/message.ts";
import type { Services } from "../services.ts";
import { runSession, streamPseudoterminal } from "../terminals/stream-terminal.ts";
import { t } from "../ui/text.ts";
import { errorText } from "../ui/ui.ts";
import { createOptions, problemsOf } from "../webviews/run-form/options.ts";
import { absolute, fileEnvOf } from "../webviews/run-form/surroundings.ts";
import { optionsOf, type RunTask } from "./run-task-options.ts";

export function runTaskOf(services: Services, definition: RunTask, folder: vscode.WorkspaceFolder): vscode.Task {
  const what = definition.image ?? definition.dockerfile ?? "Dockerfile";
  const task = new vscode.Task(
    definition,
    folder,
    `run ${what}`,
    "drydock",
    new vscode.CustomExecution(async () => terminalOf(services, definition, folder)),
    [],
  );
  task.detail = t(msg("Runs {image} until the task is ended", { image: what }));
  return task;
}

function terminalOf(services: Services, definition: RunTask, folder: vscode.WorkspaceFolder): vscode.Pseudoterminal {
  return streamPseudoterminal(
    async (size) => {
      const { docker } = await services.engines.connection();
      const options = optionsOf(definition, imageOf(services, definition, folder));
      const [problem] = problemsOf(options);
      if (problem) throw new EngineError({ code: "invalid-argument", message: problem.message });
      const base = folder.uri.fsPath;
      const wanted = createOptions(absolute(options, base), await fileEnvOf(options, base));
      return runSession(docker, wanted, true)(size);
    },
    (error, write) => {
      write(`${errorText(error)}\n`);
      return 1;
    },
  );
}

/** @throws EngineError `not-found` when the Dockerfile was not built yet */
function imageOf({ builds }: Services, definition: RunTask, folder: vscode.WorkspaceFolder): string {
  if (definition.image !== undefined) return definition.image;
  const dockerfile = definition.dockerfile ?? "Dockerfile";
  const file = vscode.Uri.file(path.resolve(folder.uri.fsPath, dockerfile)).toString();
  const built = builds.list.find((run) => run.file === file && run.state === "done");
  const image = built?.tag ?? built?.imageId;
  if (image !== undefined) return image;
  throw new EngineError({
    code: "not-found",
    message: msg("No image was built from {file} yet.", { file: dockerfile }),
    hint: msg('Name a task that builds it in "dependsOn", or build it once.'),
  });
}
