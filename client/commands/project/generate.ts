import path from "node:path";
import * as vscode from "vscode";
import { EngineError } from "../../../engine/base/errors.ts";
import type { ProjectFiles, ProjectProposals } from "../../../engine/base/language-api.ts";
import { msg } from "../../../engine/base/message.ts";
import type { Services } from "../../services.ts";
import { t } from "../../ui/text.ts";
import { buildImage } from "../images/build.ts";

const scheme = "drydock-proposal";

/** `drydock-proposal:/<path>?<text>`: a file as it would be, beside the one that there is. */
export function registerProposals(context: vscode.ExtensionContext): void {
  const provider = { provideTextDocumentContent: ({ query }: vscode.Uri) => query };
  context.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(scheme, provider));
}

/** Writes a Dockerfile and a .dockerignore for what the folder's files say it is. What is there is replaced only after a look at both. */
export async function generateDockerfile(services: Services, target?: vscode.Uri): Promise<vscode.Uri | undefined> {
  const folder = await folderOf(target);
  if (!folder) return undefined;
  const client = await services.language.ready();
  const found = await client.sendRequest<ProjectProposals>("drydock/template", { folder: folder.toString() });
  const files = await choose(services, found);
  if (!files) return undefined;

  const names = (await vscode.workspace.fs.readDirectory(folder)).map(([name]) => name);
  const name = names.find((one) => /^(?:Dockerfile|Containerfile)$/.test(one)) ?? "Dockerfile";
  const file = vscode.Uri.joinPath(folder, name);
  if (names.includes(name) && !(await mayReplace(services, file, files.dockerfile))) return undefined;
  await vscode.workspace.fs.writeFile(file, Buffer.from(files.dockerfile));
  // A list of the person's own stays: what it lacks is underlined in the Dockerfile.
  const hasIgnore = names.includes(".dockerignore") || names.includes(`${name}.dockerignore`);
  const ignore = vscode.Uri.joinPath(folder, ".dockerignore");
  if (!hasIgnore) await vscode.workspace.fs.writeFile(ignore, Buffer.from(files.dockerignore));

  await vscode.window.showTextDocument(file, { preview: false });
  const { kind } = files;
  services.ui.info(
    hasIgnore
      ? msg("Wrote {name} for {kind}. Read it, then build it.", { name, kind })
      : msg("Wrote {name} and .dockerignore for {kind}. Read them, then build.", { name, kind }),
    { label: msg("Build"), run: () => buildImage(services, file).catch(services.ui.error) },
  );
  return file;
}

/** The chosen folder, the one of the chosen file, or the workspace's. */
async function folderOf(target: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
  if (target instanceof vscode.Uri && target.scheme === "file") {
    const { type } = await vscode.workspace.fs.stat(target);
    return type & vscode.FileType.Directory ? target : vscode.Uri.file(path.dirname(target.fsPath));
  }
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file");
  if (folders.length === 0) {
    throw new EngineError({
      code: "not-found",
      message: msg("No folder of this machine is open."),
      hint: msg("Open the folder of your app first."),
    });
  }
  return folders.length === 1 ? folders[0]?.uri : (await vscode.window.showWorkspaceFolderPick())?.uri;
}

/** Nobody is asked when there is one answer. */
async function choose({ ui }: Services, { fitting, others }: ProjectProposals): Promise<ProjectFiles | undefined> {
  const [only] = fitting;
  if (only && fitting.length === 1) return only;
  return ui.pick(
    [...fitting, ...others].map((files) => ({ label: files.kind, description: files.says, value: files })),
    fitting.length > 0
      ? msg("This folder holds several kinds of project. Which one goes into the image?")
      : msg("What kind of project is this?"),
  );
}

async function mayReplace({ ui }: Services, file: vscode.Uri, text: string): Promise<boolean> {
  const document = await vscode.workspace.openTextDocument(file);
  if (document.getText().trim() === "" && !document.isDirty) return true;
  const proposal = file.with({ scheme, query: text, fragment: "" });
  const name = path.basename(file.fsPath);
  await vscode.commands.executeCommand("vscode.diff", file, proposal, t(msg("{name}: yours ↔ proposed", { name })));
  const answer = await ui.pick(
    [
      { label: t(msg("Keep mine")), value: false },
      { label: t(msg("Replace it with the proposed one")), value: true },
    ],
    msg("There is a {name} already. What shall be done?", { name }),
    { stays: true },
  );
  await closeProposal(proposal);
  if (answer && document.isDirty) await document.save();
  return answer ?? false;
}

async function closeProposal(proposal: vscode.Uri): Promise<void> {
  const shown = vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(
      ({ input }) => input instanceof vscode.TabInputTextDiff && input.modified.toString() === proposal.toString(),
    );
  await vscode.window.tabGroups.close(shown);
}
