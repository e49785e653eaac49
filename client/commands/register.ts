import * as vscode from "vscode";
import type { Services } from "../services.ts";
import {
  cancelBuild,
  clearBuilds,
  goToStep,
  openBuildLog,
  rebuild,
  removeBuild,
  showTimeline,
} from "./builds/builds.ts";
import { attachContainer, startAttached } from "./containers/attach.ts";
import { attachShell, attachShellWithOptions } from "./containers/attach-shell.ts";
import { copyContainerId, copyRunCommand } from "./containers/copy.ts";
import { execCommand } from "./containers/exec.ts";
import { filterLog, openLogDocument, refreshLog, registerLogDocuments } from "./containers/log-document.ts";
import { chooseLogOptions, viewLogs } from "./containers/logs.ts";
import { openInBrowser, openPortOf } from "./containers/open-in-browser.ts";
import { rebuildAndRestart } from "./containers/rebuild-and-restart.ts";
import { pruneContainers, removeContainer } from "./containers/remove.ts";
import { renameContainer } from "./containers/rename.ts";
import {
  killContainer,
  pauseContainer,
  restartContainer,
  startContainer,
  stopContainer,
  unpauseContainer,
} from "./containers/state.ts";
import { explainContext } from "./context/explain.ts";
import { showLargest } from "./context/show-largest.ts";
import { debugBuild, debugStage, insertRun, openShellHere, showFilesHere } from "./debug/debug.ts";
import { debugNodeApp } from "./debug/node-app.ts";
import { useEngine } from "./engines/use.ts";
import {
  compareFile,
  copyPath,
  deleteFiles,
  downloadFiles,
  goToPath,
  newFile,
  newFolder,
  openFile,
  renameFile,
  uploadFiles,
} from "./files/files.ts";
import { replayHistory } from "./forecast/replay.ts";
import { showForecast } from "./forecast/show.ts";
import { showEngineStatus } from "./help/engine-status.ts";
import { reportIssue } from "./help/report-issue.ts";
import { showWalkthrough } from "./help/walkthrough.ts";
import { buildImage } from "./images/build.ts";
import { buildWithOptions } from "./images/build-with-options.ts";
import { copyLayerDigest, exploreLayers, goToLayerLine } from "./images/layers.ts";
import { copyImageName, loadImages, pruneImages, pushImage, saveImage, tagImage } from "./images/more.ts";
import { pullImage } from "./images/pull.ts";
import { removeImage } from "./images/remove.ts";
import { runImage } from "./images/run.ts";
import { runInteractive } from "./images/run-interactive.ts";
import { runWithOptions } from "./images/run-with-options.ts";
import { inspectContainer, inspectImage, inspectNetwork, inspectVolume, registerInspect } from "./inspect.ts";
import { turnOff } from "./lint/turn-off.ts";
import { connectNetwork, createNetwork, disconnectNetwork, pruneNetworks, removeNetwork } from "./networks/networks.ts";
import { generateDockerfile } from "./project/generate.ts";
import { openSample } from "./project/sample.ts";
import {
  addToRegistry,
  connectRegistry,
  copyReference,
  disconnectRegistry,
  pullFromRegistry,
} from "./registries/registries.ts";
import { buildStage } from "./stages/build.ts";
import { buildToHere } from "./stages/build-to-here.ts";
import { runStage } from "./stages/run.ts";
import { pruneBuildCache, pruneSystem, showDiskUse } from "./system/system.ts";
import { createVolume, pruneVolumes, removeVolume } from "./volumes/volumes.ts";

/** A command takes the services and what the menu passes (a file, a row of a view, all chosen rows), or nothing from the palette. */
type Command = (services: Services, target?: never, all?: never) => Promise<unknown>;

const commands: Readonly<Record<string, Command>> = {
  "drydock.images.build": buildImage,
  "drydock.images.buildWithOptions": buildWithOptions,
  "drydock.builds.openLog": openBuildLog,
  "drydock.builds.showTimeline": showTimeline,
  "drydock.builds.rebuild": rebuild,
  "drydock.builds.cancel": cancelBuild,
  "drydock.builds.remove": removeBuild,
  "drydock.builds.clear": clearBuilds,
  "drydock.builds.goToStep": goToStep,
  "drydock.images.exploreLayers": exploreLayers,
  "drydock.layers.goToLine": goToLayerLine,
  "drydock.layers.copyDigest": copyLayerDigest,
  "drydock.images.run": runImage,
  "drydock.images.runInteractive": runInteractive,
  "drydock.images.runWithOptions": runWithOptions,
  "drydock.images.pull": pullImage,
  "drydock.images.remove": removeImage,
  "drydock.stages.build": buildStage,
  "drydock.stages.buildToHere": buildToHere,
  "drydock.stages.run": runStage,
  "drydock.stages.debug": debugStage,
  "drydock.debug.build": debugBuild,
  "drydock.debug.openShell": openShellHere,
  "drydock.debug.showFiles": showFilesHere,
  "drydock.debug.insertRun": insertRun,
  "drydock.containers.debugNode": debugNodeApp,
  "drydock.engines.use": useEngine,
  "drydock.context.explain": explainContext,
  "drydock.context.showLargest": showLargest,
  "drydock.containers.start": startContainer,
  "drydock.containers.stop": stopContainer,
  "drydock.containers.restart": restartContainer,
  "drydock.containers.openPort": openPortOf,
  "drydock.containers.goToPath": goToPath,
  "drydock.files.open": openFile,
  "drydock.files.download": downloadFiles,
  "drydock.files.upload": uploadFiles,
  "drydock.files.newFile": newFile,
  "drydock.files.newFolder": newFolder,
  "drydock.files.rename": renameFile,
  "drydock.files.delete": deleteFiles,
  "drydock.files.compare": compareFile,
  "drydock.files.copyPath": copyPath,
  "drydock.containers.pause": pauseContainer,
  "drydock.containers.unpause": unpauseContainer,
  "drydock.containers.kill": killContainer,
  "drydock.containers.rename": renameContainer,
  "drydock.containers.attach": attachContainer,
  "drydock.containers.startAttached": startAttached,
  "drydock.containers.exec": execCommand,
  "drydock.containers.inspect": inspectContainer,
  "drydock.containers.copyId": copyContainerId,
  "drydock.containers.copyRunCommand": copyRunCommand,
  "drydock.containers.prune": pruneContainers,
  "drydock.images.tag": tagImage,
  "drydock.images.push": pushImage,
  "drydock.images.copyName": copyImageName,
  "drydock.images.inspect": inspectImage,
  "drydock.images.save": saveImage,
  "drydock.images.load": loadImages,
  "drydock.images.prune": pruneImages,
  "drydock.volumes.create": createVolume,
  "drydock.volumes.inspect": inspectVolume,
  "drydock.volumes.remove": removeVolume,
  "drydock.volumes.prune": pruneVolumes,
  "drydock.networks.create": createNetwork,
  "drydock.networks.inspect": inspectNetwork,
  "drydock.networks.connect": connectNetwork,
  "drydock.networks.disconnect": disconnectNetwork,
  "drydock.networks.remove": removeNetwork,
  "drydock.networks.prune": pruneNetworks,
  "drydock.registries.connect": connectRegistry,
  "drydock.registries.disconnect": disconnectRegistry,
  "drydock.registries.add": addToRegistry,
  "drydock.registries.pull": pullFromRegistry,
  "drydock.registries.copyReference": copyReference,
  "drydock.forecast.show": showForecast,
  "drydock.forecast.replay": replayHistory,
  "drydock.project.generate": generateDockerfile,
  "drydock.project.sample": openSample,
  "drydock.lint.turnOff": turnOff,
  "drydock.help.walkthrough": showWalkthrough,
  "drydock.help.reportIssue": reportIssue,
  "drydock.help.engineStatus": showEngineStatus,
  "drydock.system.diskUse": showDiskUse,
  "drydock.system.prune": pruneSystem,
  "drydock.system.pruneBuildCache": pruneBuildCache,
  "drydock.containers.rebuildAndRestart": rebuildAndRestart,
  "drydock.containers.remove": removeContainer,
  "drydock.containers.logs": viewLogs,
  "drydock.containers.logOptions": chooseLogOptions,
  "drydock.containers.logDocument": openLogDocument,
  "drydock.logs.filter": filterLog,
  "drydock.logs.refresh": refreshLog,
  "drydock.containers.attachShell": attachShell,
  "drydock.containers.attachShellWithOptions": attachShellWithOptions,
  "drydock.containers.openInBrowser": openInBrowser,
};

export function registerCommands(context: vscode.ExtensionContext, services: Services): void {
  registerInspect(context, services);
  registerLogDocuments(context, services);
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
