import path from "node:path";
import * as vscode from "vscode";
import type { BuildPlan } from "../../engine/base/build-plan.ts";
import { contextOf } from "../builds/facts.ts";
import { readSettings } from "../builds/settings.ts";
import type { Services } from "../services.ts";
import { t } from "../ui/text.ts";
import { DebugAdapter, type Prepared } from "./adapter.ts";
import { engineHost } from "./engine-host.ts";
import { type LaunchConfiguration, partRequest, settingsFor } from "./launch.ts";
import { cannotBeRead, noStage, nothingToBuild } from "./problems.ts";
import { Program } from "./program.ts";
import type { Request } from "./protocol.ts";

/** The debugger of one session, in the extension host. `errorText`: of the bundle whose errors the services throw. */
export function openAdapter(
  services: Services,
  session: vscode.DebugSession,
  errorText: (error: unknown) => string,
): vscode.DebugAdapter {
  const messages = new vscode.EventEmitter<vscode.DebugProtocolMessage>();
  const adapter = new DebugAdapter({
    prepare: (given) => prepare(services, session, given as LaunchConfiguration, errorText),
    send: (message) => messages.fire(message),
    translate: t,
    errorText,
  });
  return {
    onDidSendMessage: messages.event,
    handleMessage: (message) => void adapter.handle(message as Request),
    dispose: () => {
      adapter.close().catch((error) => services.log.warn(errorText(error)));
      messages.dispose();
    },
  };
}

async function prepare(
  services: Services,
  { id, workspaceFolder }: vscode.DebugSession,
  launch: LaunchConfiguration,
  errorText: (error: unknown) => string,
): Promise<Prepared> {
  const connection = await services.engines.connection();
  const folder = workspaceFolder?.uri.fsPath ?? path.dirname(launch.dockerfile ?? "");
  const file = path.resolve(folder, launch.dockerfile ?? "Dockerfile");
  const uri = vscode.Uri.file(file);
  const text = (await vscode.workspace.openTextDocument(uri)).getText();
  const settings = settingsFor(launch, readSettings(services.storage, uri.toString()), folder);
  const context = await contextOf(services, uri, settings);
  const plan = await planOf(services, { text, target: settings.target, buildArgs: settings.buildArgs });
  const request = partRequest(settings, { dockerfile: file, context }, process.env);
  return {
    program: new Program(plan, text),
    file,
    ...(launch.stopOnEntry === undefined ? {} : { stopOnEntry: launch.stopOnEntry }),
    ...(launch.noDebug === undefined ? {} : { noDebug: launch.noDebug }),
    host: await engineHost({ connection, request, session: id, translate: t, errorText }),
  };
}

/** @throws DebugProblem when there is nothing to go through */
async function planOf(
  { language }: Services,
  wish: { readonly text: string; readonly target: string | undefined; readonly buildArgs: object | undefined },
): Promise<BuildPlan> {
  const plan = await (await language.ready()).sendRequest<BuildPlan>("drydock/buildPlan", wish);
  if (plan.problem) throw cannotBeRead(plan.problem.line + 1, t(plan.problem.message));
  if (plan.stages.length === 0) throw nothingToBuild();
  if (plan.target === undefined) throw noStage(wish.target ?? "");
  return plan;
}
