import path from "node:path";
import * as vscode from "vscode";
import { EngineError } from "../../../engine/base/errors.ts";
import { msg } from "../../../engine/base/message.ts";
import { tryParseReference } from "../../../engine/oci/reference.ts";
import { executeBuild } from "../../builds/execute.ts";
import { contextOf } from "../../builds/facts.ts";
import { readSettings, requestFor } from "../../builds/settings.ts";
import type { Services } from "../../services.ts";
import { formatDuration } from "../../ui/format.ts";
import { imageNameFor } from "../../ui/names.ts";
import { runImage } from "./run.ts";

const pattern = "**/{[Dd]ockerfile,[Dd]ockerfile.*,*.dockerfile,[Cc]ontainerfile,[Cc]ontainerfile.*}";

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

/** Asks for the tag, builds with what was chosen for the Dockerfile, and shows progress, log and problems. */
export async function buildImage(services: Services, target?: vscode.Uri): Promise<string | undefined> {
  return (await buildChosen(services, target, {}))?.imageId;
}

export async function buildChosen(
  services: Services,
  target: vscode.Uri | undefined,
  { stage, naming = "ask" }: StageChoice,
): Promise<BuiltImage | undefined> {
  // First of all: nobody should answer questions for a build that cannot be.
  await services.engines.connection();
  const file = await chooseDockerfile(services, target);
  if (!file) return undefined;
  const settings = readSettings(services.storage, file.toString());
  const wanted = stage ?? settings.target;
  const tag = await tagFor(services, file, { stage: wanted, naming });
  if (tag === "") return undefined;
  const context = await contextOf(services, file, settings);
  const name = tag ?? `${path.basename(file.fsPath)} ${wanted ?? ""}`.trim();
  const request = requestFor(
    wanted === undefined ? settings : { ...settings, target: wanted },
    { dockerfile: file.fsPath, context, tag },
    process.env,
  );
  const done = await executeBuild(services, { file, name, tag, request });
  if (!done) return undefined;
  const reference = tag ?? done.imageId;
  services.ui.info(
    msg("Built {name} in {duration}, {cached} of {total} steps reused.", {
      name,
      duration: formatDuration(done.durationMs),
      cached: done.cachedSteps,
      total: done.totalSteps,
    }),
    { label: msg("Run"), run: () => runImage(services, { reference }).catch(services.ui.error) },
  );
  return { imageId: done.imageId, reference };
}

/** Where the name of a Dockerfile's image is remembered. */
export function tagKey(file: vscode.Uri, stage: string | undefined): string {
  return `build.tag:${file.toString()}${stage === undefined ? "" : `#${stage}`}`;
}

/** Undefined: it shall have no name. Empty: the person has changed their mind. */
async function tagFor(
  { storage, ui }: Services,
  file: vscode.Uri,
  { stage, naming }: { readonly stage: string | undefined; readonly naming: StageChoice["naming"] },
): Promise<string | undefined> {
  if (naming === "none") return undefined;
  const key = tagKey(file, stage);
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
export async function chooseDockerfile(
  services: Services,
  target: vscode.Uri | undefined,
): Promise<vscode.Uri | undefined> {
  const active = vscode.window.activeTextEditor?.document;
  const shown = active?.languageId === "dockerfile" ? active.uri : undefined;
  const meant = target instanceof vscode.Uri ? target : shown;
  if (meant?.scheme === "file") return meant;
  // Untitled, or in a virtual workspace. Another Dockerfile than the one in sight is not what was meant.
  if (meant) throw notOnThisMachine();
  const all = await vscode.workspace.findFiles(pattern, "**/node_modules/**", 200);
  const found = all.filter(({ scheme }) => scheme === "file");
  if (found.length === 0) {
    if (all.length > 0) throw notOnThisMachine();
    const missing = new EngineError({
      code: "not-found",
      message: msg("There is no Dockerfile in this workspace."),
      hint: msg("Create a file named Dockerfile in the folder of your app."),
    });
    services.ui.error(missing, {
      label: msg("Add Dockerfile…"),
      run: () => services.ui.run("drydock.project.generate"),
    });
    return undefined;
  }
  if (found.length === 1) return found[0];
  return services.ui.pick(
    found
      .map((uri) => ({ label: vscode.workspace.asRelativePath(uri), value: uri }))
      .sort((a, b) => a.label.localeCompare(b.label)),
    msg("Which Dockerfile?"),
  );
}

function notOnThisMachine(): EngineError {
  return new EngineError({
    code: "invalid-argument",
    message: msg("This Dockerfile is not a file on this machine."),
    hint: msg("Save it in the folder of your app: the build reads that folder."),
  });
}
