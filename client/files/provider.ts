import * as vscode from "vscode";
import type { EngineError } from "../../engine/base/errors.ts";
import type { FileEntry } from "../../engine/base/files-api.ts";
import { toEngineError } from "../engines/http.ts";
import type { Services } from "../services.ts";
import { errorText } from "../ui/ui.ts";
import { backendOf, type FileBackend } from "./backend.ts";
import { kindOf, type Place, placeOf, placeParts, scheme } from "./place.ts";

export function uriOf(place: Place): vscode.Uri {
  return vscode.Uri.from({ scheme, ...placeParts(place) });
}

export function registerFiles(context: vscode.ExtensionContext, services: Services): void {
  context.subscriptions.push(
    vscode.workspace.registerFileSystemProvider(scheme, new ContainerFiles(services), { isCaseSensitive: true }),
  );
}

/** Containers (running or not), images and volumes as a file system of the editor. */
class ContainerFiles implements vscode.FileSystemProvider {
  readonly #services: Services;
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;

  constructor(services: Services) {
    this.#services = services;
  }

  /** Nothing tells when a container writes: whoever opens a file again sees it as it is then. */
  watch(): vscode.Disposable {
    return { dispose: () => {} };
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const { entry, writable } = await this.#do(uri, (backend, place) => backend.list(place));
    return {
      type: fileType(entry),
      size: entry.size,
      mtime: entry.mtimeMs,
      ctime: entry.mtimeMs,
      ...(writable ? {} : { permissions: vscode.FilePermission.Readonly }),
    };
  }

  async readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    const { entries = [] } = await this.#do(uri, (backend, place) => backend.list(place));
    return entries.map((entry) => [entry.name, fileType(entry)]);
  }

  readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return this.#do(uri, (backend, place) => backend.read(place));
  }

  async writeFile(
    uri: vscode.Uri,
    content: Uint8Array,
    options: { create: boolean; overwrite: boolean },
  ): Promise<void> {
    if (options.create && !options.overwrite && (await this.#exists(uri))) throw vscode.FileSystemError.FileExists(uri);
    await this.#do(uri, (backend, place) => backend.write(place, content, options));
    this.#changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  async createDirectory(uri: vscode.Uri): Promise<void> {
    await this.#do(uri, (backend, place) => backend.mkdir(place));
    this.#changed.fire([{ type: vscode.FileChangeType.Created, uri }]);
  }

  async delete(uri: vscode.Uri, options: { recursive: boolean }): Promise<void> {
    await this.#do(uri, (backend, place) => backend.remove(place, options));
    this.#changed.fire([{ type: vscode.FileChangeType.Deleted, uri }]);
  }

  async rename(from: vscode.Uri, to: vscode.Uri, options: { overwrite: boolean }): Promise<void> {
    const target = placeOf(to);
    if (!target) throw vscode.FileSystemError.Unavailable(to);
    await this.#do(from, (backend, place) => {
      if (place.kind !== target.kind || place.id !== target.id) throw vscode.FileSystemError.NoPermissions(to);
      return backend.rename(place, target, options);
    });
    this.#changed.fire([
      { type: vscode.FileChangeType.Deleted, uri: from },
      { type: vscode.FileChangeType.Created, uri: to },
    ]);
  }

  #exists(uri: vscode.Uri): Promise<boolean> {
    return this.stat(uri).then(
      () => true,
      () => false,
    );
  }

  async #do<T>(uri: vscode.Uri, work: (backend: FileBackend, place: Place) => Promise<T>): Promise<T> {
    const place = placeOf(uri);
    if (!place) throw vscode.FileSystemError.FileNotFound(uri);
    try {
      return await work(backendOf(await this.#services.engines.connection()), place);
    } catch (error) {
      throw fileError(error, uri);
    }
  }
}

function fileType(entry: FileEntry): vscode.FileType {
  const kind = kindOf(entry);
  const plain =
    kind === "folder" ? vscode.FileType.Directory : kind === "file" ? vscode.FileType.File : vscode.FileType.Unknown;
  return entry.type === "link" ? plain | vscode.FileType.SymbolicLink : plain;
}

/** VS Code decides by the kind of a failure what it offers. */
function fileError(error: unknown, uri: vscode.Uri): unknown {
  if (error instanceof vscode.FileSystemError) return error;
  const failure: EngineError = toEngineError(error);
  const text = errorText(failure);
  switch (failure.code) {
    case "not-found":
      return vscode.FileSystemError.FileNotFound(uri);
    case "conflict":
      return vscode.FileSystemError.FileExists(text);
    case "forbidden":
    case "unsupported":
      return vscode.FileSystemError.NoPermissions(text);
    default:
      return vscode.FileSystemError.Unavailable(text);
  }
}
