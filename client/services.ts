import path from "node:path";
import * as vscode from "vscode";
import { Builds } from "./builds/builds.ts";
import { Freshness } from "./builds/freshness.ts";
import { answerImageQuestions } from "./completion-sources.ts";
import { Engines } from "./engines/engines.ts";
import { Forecasts } from "./forecast/forecasts.ts";
import { answerImageFiles } from "./image-files.ts";
import { answerImageInfo } from "./image-info.ts";
import { createLanguage, type Language } from "./language.ts";
import { Registries } from "./registries/registries.ts";
import { createUi, type Ui } from "./ui/ui.ts";

/** What commands and views work with. Passed as an argument, never a global. */
export interface Services {
  readonly engines: Engines;
  readonly language: Language;
  readonly builds: Builds;
  readonly forecasts: Forecasts;
  readonly freshness: Freshness;
  readonly registries: Registries;
  readonly ui: Ui;
  /** What the user chose last, per workspace. */
  readonly storage: vscode.Memento;
  /** What is remembered for every workspace. */
  readonly memory: vscode.Memento;
  readonly log: vscode.LogOutputChannel;
  /** Where our programs are. */
  readonly distDir: string;
  readonly extension: vscode.Extension<unknown>;
}

/** Nothing is started here: the engine and the language server start with their first use. */
export function createServices(context: vscode.ExtensionContext): Services {
  const { extension } = context;
  const log = vscode.window.createOutputChannel("Drydock", { log: true });
  const ui = createUi(log);
  const distDir = vscode.Uri.joinPath(context.extensionUri, "dist").fsPath;
  const engines = new Engines({ distDir, log });
  const language = createLanguage(context, log, (client) => {
    const onProblem = (problem: string) => log.debug(`language: ${problem}`);
    answerImageQuestions(client, engines, onProblem);
    answerImageInfo(client, engines, onProblem);
    answerImageFiles(client, engines, onProblem);
  });
  context.subscriptions.push(log, engines, language);
  const state = context.storageUri ?? context.globalStorageUri;
  const builds = new Builds(context.workspaceState, path.join(state.fsPath, "builds"));
  const parts = {
    engines,
    language,
    builds,
    ui,
    storage: context.workspaceState,
    memory: context.globalState,
    registries: new Registries(context.globalState, distDir),
    log,
    distDir,
    extension,
  };
  const forecasts = new Forecasts(parts);
  const freshness = new Freshness({ ...parts, forecasts });
  context.subscriptions.push(forecasts, freshness);
  return { ...parts, forecasts, freshness };
}
