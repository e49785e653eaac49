import * as vscode from "vscode";
import { uploadTo } from "../commands/files/files.ts";
import type { Place } from "../files/place.ts";
import { uriOf } from "../files/provider.ts";
import type { Services } from "../services.ts";
import type { Node } from "./node.ts";

const uriList = "text/uri-list";

/** Files are dragged out of containers into editors, and dropped from the explorer into a container's folder. */
export function fileDrops(services: Services): vscode.TreeDragAndDropController<Node> {
  return {
    dragMimeTypes: [uriList],
    dropMimeTypes: [uriList],
    handleDrag(nodes, transfer) {
      const uris = nodes.flatMap((node) => placeIn(node) ?? []).map((place) => uriOf(place).toString());
      if (uris.length > 0) transfer.set(uriList, new vscode.DataTransferItem(uris.join("\r\n")));
    },
    async handleDrop(target, transfer) {
      const folder = target && folderOf(target);
      const text = await transfer.get(uriList)?.asString();
      if (!folder || !text) return;
      const uris = text.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#"));
      try {
        await uploadTo(
          services,
          folder,
          uris.map((uri) => vscode.Uri.parse(uri)),
        );
      } catch (error) {
        services.ui.error(error);
      }
    },
  };
}

function placeIn(node: Node): Place | undefined {
  return "place" in node ? (node.place as Place) : undefined;
}

/** The folder itself, or a container's root. */
function folderOf(node: Node): Place | undefined {
  if (node.kind.startsWith("folder.")) return placeIn(node);
  return "containerId" in node && "name" in node
    ? { kind: "container", id: node.name as string, path: "/" }
    : undefined;
}
