import type { FileList } from "../../engine/base/files-api.ts";
import type { Connection } from "../engines/connection.ts";
import { readAllBytes, send } from "../engines/http.ts";
import { layerFiles } from "../layers/layer-files.ts";
import { layerSource } from "../layers/source.ts";
import { archiveBackend } from "./archive-backend.ts";
import type { Place } from "./place.ts";

/** What can be done with files of containers, images and volumes. Everything throws EngineError. */
export interface FileBackend {
  list(place: Place): Promise<FileList>;
  read(place: Place): Promise<Uint8Array>;
  /** Made when it is missing and `create` is set. */
  write(place: Place, data: Uint8Array, options: { readonly create: boolean }): Promise<void>;
  mkdir(place: Place): Promise<void>;
  rename(from: Place, to: Place, options: { readonly overwrite: boolean }): Promise<void>;
  remove(place: Place, options: { readonly recursive: boolean }): Promise<void>;
}

export function backendOf(connection: Connection): FileBackend {
  const files = connection.isEmbedded ? ownBackend(connection) : archiveBackend(connection);
  const layers = layerFiles(layerSource(connection));
  return {
    ...files,
    list: (place) => (place.kind === "layer" ? layers.list(place) : files.list(place)),
    read: (place) => (place.kind === "layer" ? layers.read(place) : files.read(place)),
  };
}

/** Ours: without any program inside, running or not (engine/base/files-api.ts). */
function ownBackend({ transport }: Connection): FileBackend {
  const url = ({ kind, id }: Place, what: string, query: Readonly<Record<string, string>>) =>
    `/drydock/${kind}s/${encodeURIComponent(id)}/${what}?${new URLSearchParams(query)}`;
  const ask = async (method: string, path: string, body?: Uint8Array) =>
    readAllBytes(await send(transport, method, path, body, undefined));
  return {
    async list(place) {
      return JSON.parse((await ask("GET", url(place, "files", { path: place.path }))).toString()) as FileList;
    },
    read: (place) => ask("GET", url(place, "file", { path: place.path })),
    async write(place, data, { create }) {
      await ask("PUT", url(place, "file", { path: place.path, ...(create ? {} : { create: "0" }) }), data);
    },
    async mkdir(place) {
      await ask("POST", url(place, "mkdir", { path: place.path }));
    },
    async rename(from, to, { overwrite }) {
      await ask(
        "POST",
        url(from, "rename", { from: from.path, to: to.path, ...(overwrite ? { overwrite: "1" } : {}) }),
      );
    },
    async remove(place, { recursive }) {
      await ask("DELETE", url(place, "file", { path: place.path, ...(recursive ? { recursive: "1" } : {}) }));
    },
  };
}
