import type { FileList } from "../../engine/base/files-api.ts";
import type { ImageLayers } from "../../engine/base/layers-api.ts";
import { type Message, msg } from "../../engine/base/message.ts";
import { fileNodes } from "../files/nodes.ts";
import type { Place } from "../files/place.ts";
import type { LayerLine } from "../layers/lines.ts";
import { formatAge, formatBytes } from "../ui/format.ts";
import type { Node } from "./node.ts";

export interface LayerNode extends Node {
  readonly imageId: string;
  /** As the image's row calls it. */
  readonly reference: string;
  readonly layer: number;
  readonly digest?: string;
  readonly from?: LayerLine;
}

interface Sources {
  readonly nowMs: number;
  readonly translate: (message: Message) => string;
  readonly lines: ReadonlyMap<number, LayerLine>;
  /** Absent: the engine cannot show files of images. */
  readonly list?: (place: Place) => Promise<FileList>;
}

/** Below an image's row: its files, and its layers as the Dockerfile has them, the base first. */
export function imageChildren(
  { imageId, reference }: { readonly imageId: string; readonly reference: string },
  { layers }: ImageLayers,
  { nowMs, translate, lines, list }: Sources,
): Node[] {
  const id = `${imageId}/${reference}`;
  const root: Place = { kind: "image", id: imageId, path: "/" };
  const files = list && {
    id: `${id}/files`,
    label: translate(msg("Files")),
    icon: { id: "files" },
    kind: "folder.fixed",
    place: root,
    loadChildren: async () => under(id, fileNodes(root, await list(root), list)),
  };
  const rows = layers.map(({ index, instruction, sizeBytes, createdMs, digest, diffId }): LayerNode => {
    const from = lines.get(index);
    const label = instruction || translate(msg("layer {number}", { number: index + 1 }));
    const size = formatBytes(sizeBytes);
    const age = createdMs === undefined ? undefined : translate(formatAge(createdMs, nowMs));
    const line = from && translate(msg("line {line}", { line: from.line + 1 }));
    const shown = [size, line, age].filter((part) => part !== undefined);
    const known = digest ?? diffId;
    return {
      id: `${id}/layer/${index}`,
      imageId,
      reference,
      layer: index,
      ...(known === undefined ? {} : { digest: known }),
      ...(from ? { from } : {}),
      label,
      description: shown.join(" · "),
      tooltip: [label, ...shown, ...(known === undefined ? [] : [known])].join("\n"),
      icon: { id: "layers" },
      accessibleLabel: [label, ...shown].join(", "),
      kind: from ? "layer.line" : "layer.plain",
      command: {
        id: from ? "drydock.layers.goToLine" : "drydock.images.exploreLayers",
        arguments: [{ imageId, reference, layer: index, ...(from ? { from } : {}) }],
      },
    };
  });
  return [...(files ? [files as Node] : []), ...rows];
}

/** An image has a row for each of its names: what is below them must not be called the same. */
function under(id: string, nodes: readonly Node[]): Node[] {
  return nodes.map(({ loadChildren, ...node }) => ({
    ...node,
    id: `${id}/${node.id}`,
    ...(loadChildren ? { loadChildren: async () => under(id, await loadChildren()) } : {}),
  }));
}
