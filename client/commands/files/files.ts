import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import { msg } from "../../../engine/base/message.ts";
import { backendOf, type FileBackend } from "../../files/backend.ts";
import type { FileNode } from "../../files/nodes.ts";
import { below, kindOf, type Place } from "../../files/place.ts";
import { uriOf } from "../../files/provider.ts";
import type { Services } from "../../services.ts";
import type { ContainerNode } from "../../views/containers.ts";
import { rowsOf } from "../many.ts";
import { pickContainer } from "../pick.ts";

type Target = Pick<FileNode, "place">;

export async function openFile(_services: Services, target?: Target): Promise<void> {
  if (target) await vscode.commands.executeCommand("vscode.open", uriOf(target.place));
}

/** A path that is typed, of a container: a folder opens in the explorer's way, a file in the editor. */
export async function goToPath(services: Services, target?: ContainerNode | FileNode): Promise<void> {
  const start: Place | undefined =
    target && "place" in target ? target.place : await containerPlace(services, target as ContainerNode | undefined);
  if (!start) return;
  const typed = await services.ui.input({
    title: msg("Go to Path"),
    prompt: msg("An absolute path of a file in the container."),
    value: start.path === "/" ? "/" : `${start.path}/`,
    validate: (text) => (text.startsWith("/") ? undefined : msg("A path in a container begins with /.")),
  });
  if (!typed) return;
  const place = { ...start, path: typed };
  const { entry, entries = [] } = await (await backend(services)).list(place);
  if (kindOf(entry) !== "folder") return openFile(services, { place });
  const picked = await services.ui.pick(
    entries.map((one) => ({ label: `$(${kindOf(one) === "folder" ? "folder" : "file"}) ${one.name}`, value: one })),
    msg("{path}: which file?", { path: typed }),
  );
  if (!picked) return;
  const chosen = below(place, picked.name);
  await (kindOf(picked) === "folder"
    ? goToPath(services, { place: chosen } as FileNode)
    : openFile(services, { place: chosen }));
}

/** Files and folders into a folder of this machine. */
export async function downloadFiles(services: Services, target?: FileNode, all?: readonly FileNode[]): Promise<void> {
  const nodes = rowsOf(target, all);
  if (nodes.length === 0) return;
  const [folder] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      openLabel: services.ui.text(msg("Download Here")),
    })) ?? [];
  if (!folder) return;
  const files = await backend(services);
  await services.ui.withProgress(msg("Downloading"), async (report, signal) => {
    for (const { place } of nodes) {
      const name = safeName(place.path.split("/").at(-1) ?? "");
      await download(files, place, path.join(folder.fsPath, name), report, signal);
    }
  });
}

async function download(
  files: FileBackend,
  place: Place,
  to: string,
  report: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  report(place.path);
  const { entry, entries = [] } = await files.list(place);
  const kind = kindOf(entry);
  if (kind === "file") await writeFile(to, await files.read(place), { mode: 0o600 | (entry.mode & 0o111) });
  if (kind !== "folder") return;
  await mkdir(to, { recursive: true });
  for (const child of entries) {
    // A link may lead to a folder above: it is not followed while copying a tree.
    if (child.type === "link") continue;
    await download(files, below(place, child.name), path.join(to, safeName(child.name)), report, signal);
  }
}

/** A name out of a container must not lead out of the folder it is written to. */
function safeName(name: string): string {
  return name === "." || name === ".." || /[/\\\0]/.test(name) ? "_" : name;
}

export async function uploadFiles(services: Services, target?: FileNode | ContainerNode): Promise<void> {
  if (!target) return;
  const folder: Place = "place" in target ? target.place : { kind: "container", id: target.name, path: "/" };
  const chosen = await vscode.window.showOpenDialog({
    canSelectMany: true,
    canSelectFolders: false,
    openLabel: services.ui.text(msg("Upload")),
  });
  if (chosen) await uploadTo(services, folder, chosen);
}

/** Files and folders of the workspace or this machine. */
export async function uploadTo(services: Services, folder: Place, uris: readonly vscode.Uri[]): Promise<void> {
  const files = await backend(services);
  const { entries = [] } = await files.list(folder);
  const names = uris.map((uri) => uri.path.split("/").at(-1) ?? "");
  const there = names.filter((name) => entries.some((entry) => entry.name === name));
  if (there.length > 0) {
    const question = msg("Replace {names}?", { names: there.join(", ") });
    if (!(await services.ui.confirm(question, undefined, msg("Replace")))) return;
  }
  await services.ui.withProgress(msg("Uploading"), async (report, signal) => {
    for (const [index, uri] of uris.entries())
      await upload(files, uri, below(folder, names[index] ?? ""), report, signal);
  });
}

async function upload(
  files: FileBackend,
  uri: vscode.Uri,
  to: Place,
  report: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  report(to.path);
  const { type } = await vscode.workspace.fs.stat(uri);
  if (type & vscode.FileType.Directory) {
    await files.mkdir(to).catch(() => {});
    for (const [name] of await vscode.workspace.fs.readDirectory(uri)) {
      await upload(files, vscode.Uri.joinPath(uri, name), below(to, name), report, signal);
    }
  } else await files.write(to, await vscode.workspace.fs.readFile(uri), { create: true });
}

export async function newFolder(services: Services, target?: FileNode): Promise<void> {
  if (!target) return;
  const name = await askName(services, msg("New Folder"), "");
  if (name) await (await backend(services)).mkdir(below(target.place, name));
}

export async function newFile(services: Services, target?: FileNode): Promise<void> {
  if (!target) return;
  const name = await askName(services, msg("New File"), "");
  if (!name) return;
  const place = below(target.place, name);
  await vscode.workspace.fs.writeFile(uriOf(place), new Uint8Array());
  await openFile(services, { place });
}

export async function renameFile(services: Services, target?: FileNode): Promise<void> {
  if (!target) return;
  const name = await askName(services, msg("Rename"), target.label);
  if (!name || name === target.label) return;
  const { path: whole } = target.place;
  const to = { ...target.place, path: `${whole.slice(0, whole.lastIndexOf("/") + 1)}${name}` };
  await vscode.workspace.fs.rename(uriOf(target.place), uriOf(to), { overwrite: false });
}

export async function deleteFiles(services: Services, target?: FileNode, all?: readonly FileNode[]): Promise<void> {
  const nodes = rowsOf(target, all);
  if (nodes.length === 0) return;
  const names = nodes.map(({ place }) => place.path).join(", ");
  if (!(await services.ui.confirm(msg("Delete {names}?", { names }), undefined, msg("Delete")))) return;
  for (const { place } of nodes) await vscode.workspace.fs.delete(uriOf(place), { recursive: true });
}

/** Beside a file of the workspace: the one of the same name when there is just one, else the one that is picked. */
export async function compareFile(services: Services, target?: FileNode): Promise<void> {
  if (!target) return;
  const name = target.label;
  const found = await vscode.workspace.findFiles(`**/${name.replace(/[[\]{}*?]/g, "?")}`, "**/node_modules/**", 50);
  const mine =
    found.length === 1
      ? found[0]
      : found.length > 1
        ? await services.ui.pick(
            found.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), value: uri })),
            msg("Compare with which file?"),
          )
        : (await vscode.window.showOpenDialog())?.[0];
  if (!mine) return;
  const title = `${vscode.workspace.asRelativePath(mine)} ↔ ${target.place.path}`;
  await vscode.commands.executeCommand("vscode.diff", mine, uriOf(target.place), title);
}

export async function copyPath(_services: Services, target?: FileNode): Promise<void> {
  if (target) await vscode.env.clipboard.writeText(target.place.path);
}

async function backend({ engines }: Services): Promise<FileBackend> {
  return backendOf(await engines.connection());
}

async function containerPlace(services: Services, target: ContainerNode | undefined): Promise<Place | undefined> {
  const node = await pickContainer(services, target, "any", msg("Which container?"));
  return node && { kind: "container", id: node.name, path: "/" };
}

function askName({ ui }: Services, title: Parameters<Services["ui"]["input"]>[0]["title"], value: string) {
  return ui.input({
    title,
    prompt: msg("Name"),
    value,
    validate: (text) =>
      text === "" || /[/\0]/.test(text) || text === "." || text === ".." ? msg("This cannot be a name.") : undefined,
  });
}
