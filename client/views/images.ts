import type { ImageInfo } from "dockerode";
import type { Message } from "../../engine/base/message.ts";
import { formatAge, formatBytes } from "../ui/format.ts";
import type { Node } from "./tree.ts";

export interface ImageNode extends Node {
  /** `name:tag`, or the id of an image without a name. */
  readonly reference: string;
  readonly imageId: string;
}

interface Surroundings {
  readonly nowMs: number;
  readonly translate: (message: Message) => string;
}

/** Rows of the Images view: one a name, newest first; images without a name last. */
export function imageNodes(images: readonly ImageInfo[], { nowMs, translate }: Surroundings): ImageNode[] {
  const rows = images.flatMap((image) => {
    const names = (image.RepoTags ?? []).filter((name) => name !== "<none>:<none>");
    return (names.length > 0 ? names : [undefined]).map((name) => ({ image, name }));
  });
  rows.sort((a, b) => Number(b.name !== undefined) - Number(a.name !== undefined) || b.image.Created - a.image.Created);
  return rows.map(({ image, name }) => {
    const shortId = image.Id.replace("sha256:", "").slice(0, 12);
    const size = formatBytes(image.Size);
    const age = translate(formatAge(image.Created * 1000, nowMs));
    return {
      id: `${image.Id}/${name ?? ""}`,
      imageId: image.Id,
      reference: name ?? image.Id,
      label: name ?? shortId,
      description: `${size} · ${age}`,
      tooltip: [name ?? "", shortId, size, age].filter((part) => part !== "").join("\n"),
      icon: { id: name === undefined ? "circle-outline" : "package" },
      accessibleLabel: `${name ?? shortId}, ${size}, ${age}`,
      kind: name === undefined ? "image.dangling" : "image.named",
    };
  });
}
