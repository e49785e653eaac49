import path from "node:path";
import * as vscode from "vscode";
import { msg } from "../../engine/base/message.ts";
import type { Services } from "../services.ts";
import { t } from "../ui/text.ts";
import { errorText } from "../ui/ui.ts";
import { executeBuild } from "./execute.ts";
import { contextOf } from "./facts.ts";
import { runTaskOf } from "./run-task.ts";
import type { RunTask } from "./run-task-options.ts";
import { requestFor, type SecretPlace } from "./settings.ts";

export const taskType = "drydock";

/** A task of type `drydock` in tasks.json, as package.json describes it. */
export interface BuildTask extends vscode.TaskDefinition {
  readonly type: typeof taskType;
  readonly task: "build";
  readonly dockerfile?: string;
  readonly context?: string;
  readonly tag?: string;
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly platform?: string;
  readonly noCache?: boolean;
  readonly pull?: boolean;
  /** By id, `file:path` or `env:NAME`. */
  readonly secrets?: Readonly<Record<string, string>>;
}

const pattern = "**/{[Dd]ockerfile,*.dockerfile,[Cc]ontainerfile}";

/** `drydock: build` for each Dockerfile of the workspace, `drydock: run` for those that were built, and what tasks.json says of such tasks. */
export function registerTasks(context: vscode.ExtensionContext, services: Services): void {
  context.subscriptions.push(
    vscode.tasks.registerTaskProvider(taskType, {
      async provideTasks() {
        const found = await vscode.workspace.findFiles(pattern, "**/node_modules/**", 100);
        return found.flatMap((file) => {
          const folder = vscode.workspace.getWorkspaceFolder(file);
          if (!folder || file.scheme !== "file") return [];
          const dockerfile = path.relative(folder.uri.fsPath, file.fsPath);
          const build = taskOf(services, { type: taskType, task: "build", dockerfile }, folder);
          const wasBuilt = services.builds.list.some((run) => run.file === file.toString() && run.state === "done");
          return wasBuilt ? [build, runTaskOf(services, { type: taskType, task: "run", dockerfile }, folder)] : [build];
        });
      },
      resolveTask(task) {
        const definition = task.definition as BuildTask | RunTask;
        const folder = typeof task.scope === "object" ? task.scope : vscode.workspace.workspaceFolders?.[0];
        if (!folder) return undefined;
        if (definition.task === "run") return runTaskOf(services, definition, folder);
        return definition.task === "build" ? taskOf(services, definition, folder) : undefined;
      },
    }),
  );
}

function taskOf(services: Services, definition: BuildTask, folder: vscode.WorkspaceFolder): vscode.Task {
  const name = `build ${definition.dockerfile ?? "Dockerfile"}`;
  // No problem matcher: a failed build is in Problems already, at its instruction.
  const task = new vscode.Task(
    definition,
    folder,
    name,
    taskType,
    new vscode.CustomExecution(async () => terminalOf(services, definition, folder)),
    [],
  );
  task.group = vscode.TaskGroup.Build;
  task.detail = t(msg("Builds the image of {file}", { file: definition.dockerfile ?? "Dockerfile" }));
  return task;
}

function terminalOf(services: Services, definition: BuildTask, folder: vscode.WorkspaceFolder): vscode.Pseudoterminal {
  const output = new vscode.EventEmitter<string>();
  const closed = new vscode.EventEmitter<number>();
  const stop = new AbortController();
  const write = (text: string) => output.fire(text.replace(/\r?\n/g, "\r\n"));
  return {
    onDidWrite: output.event,
    onDidClose: closed.event,
    async open() {
      try {
        closed.fire((await runTask(services, definition, folder, write, stop.signal)) ? 0 : 1);
      } catch (error) {
        write(`${errorText(error)}\n`);
        closed.fire(1);
      }
    },
    close: () => stop.abort(),
    handleInput(text) {
      if (text === "\x03") stop.abort();
    },
  };
}

async function runTask(
  services: Services,
  { dockerfile = "Dockerfile", tag, secrets = {}, ...definition }: BuildTask,
  folder: vscode.WorkspaceFolder,
  write: (text: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const absolute = (file: string) => path.resolve(folder.uri.fsPath, file);
  const file = vscode.Uri.file(absolute(dockerfile));
  const places = Object.entries(secrets).map(([id, place]): [string, SecretPlace] => [
    id,
    place.startsWith("env:")
      ? { kind: "environment", name: place.slice(4) }
      : { kind: "file", path: absolute(place.replace(/^file:/, "")) },
  ]);
  const settings = { ...definition, secrets: Object.fromEntries(places) };
  const context = definition.context === undefined ? await contextOf(services, file) : absolute(definition.context);
  const request = requestFor(settings, { dockerfile: file.fsPath, context, tag }, process.env);
  const name = tag ?? path.basename(file.fsPath);
  return (await executeBuild(services, { file, name, tag, request }, write, signal)) !== undefined;
}
