import * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import { showLog } from "../../builds/execute.ts";
import type { BuildRun } from "../../builds/run.ts";
import type { Services } from "../../services.ts";
import { formatDuration } from "../../ui/format.ts";
import { t } from "../../ui/text.ts";
import { type BuildNode, buildNodes, type StepNode } from "../../views/builds.ts";
import { openTimeline } from "../../webviews/timeline/timeline.ts";
import { buildChosen } from "../images/build.ts";

/** Opens the log of a build, running or past. */
export async function openBuildLog(services: Services, target?: BuildNode): Promise<void> {
  const run = await chooseBuild(services, target, () => true);
  if (run) showLog(services, run.id, vscode.Uri.parse(run.file), run.name);
}

/** Opens what of a build ran when, running or past. */
export async function showTimeline(services: Services, target?: BuildNode): Promise<void> {
  const run = await chooseBuild(services, target, () => true);
  if (run) openTimeline(services, run.id);
}

/** Builds the same Dockerfile up to the same stage under the same name, without questions. */
export async function rebuild(services: Services, target?: BuildNode): Promise<string | undefined> {
  const run = await chooseBuild(services, target, ({ state }) => state !== "running");
  if (!run) return undefined;
  const choice = { ...(run.target === undefined ? {} : { stage: run.target }) };
  const naming = run.tag === undefined ? "none" : "usual";
  const built = await buildChosen(services, vscode.Uri.parse(run.file), { ...choice, naming });
  return built?.imageId;
}

export async function cancelBuild(services: Services, target?: BuildNode): Promise<void> {
  const run = await chooseBuild(services, target, ({ state }) => state === "running");
  if (run) services.builds.cancel(run.id);
}

export async function removeBuild({ builds }: Services, target?: BuildNode, all?: readonly BuildNode[]): Promise<void> {
  const nodes = all ?? (target ? [target] : []);
  builds.remove(nodes.map(({ buildId }) => buildId));
}

/** Takes all that have ended off the list; images stay. */
export async function clearBuilds({ builds, ui }: Services): Promise<void> {
  const ended = builds.list.filter(({ state }) => state !== "running");
  if (ended.length === 0) {
    ui.info(msg("There is no build for this."));
    return;
  }
  const question = msg("Forget all builds ({count})?", { count: ended.length });
  if (await ui.confirm(question, msg("Their logs are removed. Images stay."), msg("Forget"))) {
    builds.remove(ended.map(({ id }) => id));
  }
}

export async function goToStep(_services: Services, target?: Pick<StepNode, "file" | "line">): Promise<void> {
  if (!target) return;
  const selection = new vscode.Range(target.line, 0, target.line, 0);
  await vscode.window.showTextDocument(vscode.Uri.parse(target.file), { selection, preserveFocus: true });
}

async function chooseBuild(
  { builds, ui }: Services,
  target: BuildNode | undefined,
  fits: (run: BuildRun) => boolean,
): Promise<BuildRun | undefined> {
  if (target) return builds.get(target.buildId);
  const runs = builds.list.filter(fits);
  if (runs.length === 0) {
    ui.info(msg("There is no build for this."));
    return undefined;
  }
  const nodes = buildNodes(runs, { nowMs: Date.now(), translate: t });
  return ui.pick(
    runs.map((run, index) => ({
      label: run.name,
      description: nodes[index]?.description ?? formatDuration(0),
      value: run,
    })),
    msg("Which build?"),
  );
}
