import type * as vscode from "vscode";
import { registerBuildHover } from "./builds/hover.ts";
import { registerRebuildOnSave } from "./builds/on-save.ts";
import { registerTasks } from "./builds/tasks.ts";
import { registerProposals } from "./commands/project/generate.ts";
import { registerCommands } from "./commands/register.ts";
import { registerDebug } from "./debug/register.ts";
import { registerFiles } from "./files/provider.ts";
import { registerFirstMinutes } from "./first-minutes.ts";
import { registerForecast } from "./forecast/show.ts";
import { registerNeighbours } from "./neighbours.ts";
import { registerRuleDocs } from "./rule-docs.ts";
import { createServices, type Services } from "./services.ts";
import { registerStageSeparators } from "./stage-separators.ts";
import { registerPlaceLinks } from "./terminals/links.ts";
import { registerEngineStatus } from "./ui/engine-status.ts";
import { registerViews } from "./views/register.ts";
import { registerPages } from "./webviews/restore.ts";

/** Returned for tests that run inside the extension host. */
export interface Api {
  readonly services: Services;
}

export function activate(context: vscode.ExtensionContext): Api {
  const services = createServices(context);
  registerCommands(context, services);
  registerViews(context, services);
  registerEngineStatus(context, services);
  registerRebuildOnSave(context, services);
  registerTasks(context, services);
  registerPlaceLinks(context);
  registerFiles(context, services);
  registerDebug(context, services);
  registerForecast(context, services);
  registerBuildHover(context, services);
  registerRuleDocs(context, services);
  registerProposals(context);
  registerFirstMinutes(context, services);
  registerNeighbours(context, services);
  registerStageSeparators(context, services);
  registerPages(context, services);
  return { services };
}
