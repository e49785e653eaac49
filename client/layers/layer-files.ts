import type { FileEntry } from "../../engine/base/files-api.ts";
import type { LayerEntry } from "../../engine/base/layers-api.ts";
import type { FileBackend } from "../files/backend.ts";
import type { Place } from "../files/place.ts";
import type { LayerSource } from "./source.ts";

/** The place of a file as an image has it up to a layer. */
export function layerPlace(image: string, layer: number, path: string): Place {
  return { kind: "layer", id: `${image}@${layer}`, path };
}

/** Files of layers for the editor: read only. */
export function layerFiles(source: LayerSource): Pick<FileBackend, "list" | "read"> {
  const parts = ({ id }: Place) => {
    const at = id.lastIndexOf("@");
    return { image: id.slice(0, at), layer: Number(id.slice(at + 1)) };
  };
  return {
    async list(place) {
      const { image, layer } = parts(place);
      const folder = await source.folder(image, { layer, path: place.path, view: "image" });
      const { self, entries } = folder;
      const entry = self ? fileEntry(self) : rootEntry;
      if (entry.type !== "folder") return { entry, writable: false };
      const there = entries.filter(({ change }) => change !== "removed");
      return { entry, entries: there.map(fileEntry), writable: false };
    },
    read(place) {
      const { image, layer } = parts(place);
      return source.read(image, layer, place.path);
    },
  };
}

const rootEntry: FileEntry = { name: "", type: "folder", size: 0, mode: 0o755, uid: 0, gid: 0, mtimeMs: 0 };

function fileEntry({ name, type, size, mode, uid, gid, mtimeMs, linkTarget, targetType }: LayerEntry): FileEntry {
  const plain = { name, size, mode, uid, gid, mtimeMs };
  if (type === "hard-link") return { ...plain, type: "file" };
  return { ...plain, type, ...(linkTarget === undefined ? {} : { linkTarget }), ...(targetType ? { targetType } : {}) };
}
