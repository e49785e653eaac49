import type { FileEntry, FileList } from "../../engine/base/files-api.ts";
import { formatBytes } from "../ui/format.ts";
import type { Node } from "../views/node.ts";
import { below, kindOf, modeText, type Place, placeParts, scheme } from "./place.ts";

export interface FileNode extends Node {
  readonly place: Place;
}

/** Rows of a folder: folders first. `list` is asked again when a folder is opened. */
export function fileNodes(
  folder: Place,
  { entries = [], writable }: FileList,
  list: (place: Place) => Promise<FileList>,
): FileNode[] {
  return [...entries]
    .sort((a, b) => Number(kindOf(b) === "folder") - Number(kindOf(a) === "folder") || a.name.localeCompare(b.name))
    .map((entry) => fileNode(below(folder, entry.name), entry, writable, list));
}

function fileNode(
  place: Place,
  entry: FileEntry,
  writable: boolean,
  list: (place: Place) => Promise<FileList>,
): FileNode {
  const kind = kindOf(entry);
  const isFolder = kind === "folder";
  const link = entry.linkTarget === undefined ? undefined : `→ ${entry.linkTarget}`;
  const size = isFolder || entry.type === "link" ? undefined : formatBytes(entry.size);
  const owner = `${modeText(entry)} ${entry.uid}:${entry.gid}`;
  const shown = (parts: readonly (string | undefined)[], by: string) =>
    parts.filter((part) => part !== undefined).join(by);
  const { authority, path } = placeParts(place);
  const uri = `${scheme}://${authority}${path.split("/").map(encodeURIComponent).join("/")}`;
  return {
    id: uri,
    place,
    label: entry.name,
    description: shown([link, size], " · "),
    tooltip: shown([place.path, link, size, owner, new Date(entry.mtimeMs).toISOString()], "\n"),
    resource: uri,
    icon: { id: isFolder ? "folder" : kind === "file" ? "file" : "circuit-board" },
    accessibleLabel: shown([entry.name, link, size], ", "),
    kind: isFolder ? (writable ? "folder.writable" : "folder.fixed") : writable ? "file.writable" : "file.fixed",
    ...(isFolder
      ? { loadChildren: async () => fileNodes(place, await list(place), list) }
      : kind === "file"
        ? { command: { id: "drydock.files.open", arguments: [{ place }] } }
        : {}),
  };
}
