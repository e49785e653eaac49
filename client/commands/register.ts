import * as vscode from "vscode";
import type { Services } from "../services.ts";
import { cancelBuild, clearBuilds, goToStep, openBuildLog, rebuild, removeBuild } from "./builds/builds.ts";
import { attachShell } from "./containers/attach-shell.ts";
import { viewLogs } from "./containers/logs.ts";
import { openInBrowser } from "./containers/open-in-browser.ts";
import { rebuildAndRestart } from "./containers/rebuild-and-restart.ts";
import { removeContainer } from "./containers/remove.ts";
import { restartContainer } from "./containers/restart.ts";
import { startContainer } from "./containers/start.ts";
import { stopContainer } from "./containers/stop.ts";
import { explainContext } from "./context/explain.ts";
import { showLargest } from "./context/show-largest.ts";
import { useEngine } from "./engines/use.ts";
import { buildImage } from "./images/build.ts";
import { buildWithOptions } from "./images/build-with-options.ts";
import { pullImage } from "./images/pull.ts";
import { removeImage } from "./images/remove.ts";
import { runImage } from "./images/run.ts";
import { runInteractive } from "./images/run-interactive.ts";
import { buildStage } from "./stages/build.ts";
import { buildToHere } from "./stages/build-to-here.ts";
import { runStage } from "./stages/run.ts";

/** A command takes the services and what the menu passes (a file, a row of a view, all chosen rows), or nothing from the palette. */
type Command = (services: Services, target?: never, all?: never) => Promise<unknown>;

const commands: Readonly<Record<string, Command>> = {
  "drydock.images.build": buildImage,
  "drydock.images.buildWithOptions": buildWithOptions,
  "drydock.builds.openLog": openBuildLog,
  "drydock.builds.rebuild": rebuild,
  "drydock.builds.cancel": cancelBuild,
  "drydock.builds.remove": removeBuild,
  "drydock.builds.clear": clearBuilds,
  "drydock.builds.goToStep": goToStep,
  "drydock.images.run": runImage,
  "drydock.images.runInteractive": runInteractive,
  "drydock.images.pull": pullImage,
  "drydock.images.remove": removeImage,
  "drydock.stages.build": buildStage,
  "drydock.stages.buildToHere": buildToHere,
  "drydock.stages.run": runStage,
  "drydock.engines.use": useEngine,
  "drydock.context.explain": explainContext,
  "drydock.context.showLargest": showLargest,
  "drydock.containers.start": startContainer,
  "drydock.containers.stop": stopContainer,
  "drydock.containers.restart": restartContainer,
  "drydock.containers.rebuildAndRestart": rebuildAndRestart,
  "drydock.containers.remove": removeContainer,
  "drydock.containers.logs": viewLogs,
  "drydock.containers.attachShell": attachShell,
  "drydock.containers.openInBrowser": openInBrowser,
};

export function registerCommands(context: vscode.ExtensionContext, services: Services): void {
  for (const [id, command] of Object.entries(commands)) {
    context.subscriptions.push(
      vscode.commands.registerCommand(id, async (target?: never, all?: never) => {
        try {
          return await command(services, target, all);
        } catch (error) {
          services.ui.error(error);
          return undefined;
        }
      }),
    );
  }
}
