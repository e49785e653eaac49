import type { ImageInfo } from "dockerode";
import { type Message, msg } from "../../engine/base/message.ts";
import { formatAge, formatBytes } from "../ui/format.ts";
import type { Arrangement } from "./arrange.ts";
import type { Node } from "./node.ts";

export interface ImageNode extends Node {
  /** `name:tag`, or the id of an image without a name. */
  readonly reference: string;
  readonly imageId: string;
  readonly sizeBytes: number;
  readonly createdAtMs: number;
  /** Without a tag; absent for one without a name. */
  readonly repository?: string;
}

interface Surroundings {
  readonly nowMs: number;
  readonly translate: (message: Message) => string;
  /** By image id: why it is not any more what its sources would make. */
  readonly stale?: ReadonlyMap<string, string>;
}

/** Rows of the Images view: one a name, newest first; images without a name last. */
export function imageNodes(
  images: readonly ImageInfo[],
  { nowMs, translate, stale }: Surroundings,
  children?: (image: Pick<ImageNode, "imageId" | "reference">) => Promise<readonly Node[]>,
): ImageNode[] {
  const rows = images.flatMap((image) => {
    const names = (image.RepoTags ?? []).filter((name) => name !== "<none>:<none>");
    return (names.length > 0 ? names : [undefined]).map((name) => ({ image, name }));
  });
  rows.sort((a, b) => Number(b.name !== undefined) - Number(a.name !== undefined) || b.image.Created - a.image.Created);
  return rows.map(({ image, name }) => {
    const shortId = image.Id.replace("sha256:", "").slice(0, 12);
    const size = formatBytes(image.Size);
    const age = translate(formatAge(image.Created * 1000, nowMs));
    const reason = stale?.get(image.Id);
    const mark = reason === undefined ? undefined : translate(msg("Its sources have changed: {reason}", { reason }));
    const old = mark && translate(msg("out of date"));
    return {
      id: `${image.Id}/${name ?? ""}`,
      imageId: image.Id,
      reference: name ?? image.Id,
      sizeBytes: image.Size,
      createdAtMs: image.Created * 1000,
      ...(name === undefined ? {} : { repository: repositoryOf(name) }),
      label: name ?? shortId,
      description: [old, size, age].filter((part) => part !== undefined).join(" · "),
      tooltip: [name ?? "", mark ?? "", shortId, size, age].filter((part) => part !== "").join("\n"),
      icon: { id: name === undefined ? "circle-outline" : "package" },
      accessibleLabel: [name ?? shortId, mark, size, age].filter((part) => part !== undefined).join(", "),
      kind: name === undefined ? "image.dangling" : mark ? "image.named.stale" : "image.named",
      ...(children ? { loadChildren: () => children({ imageId: image.Id, reference: name ?? image.Id }) } : {}),
    };
  });
}

export function imageArrangement(translate: (message: Message) => string): Arrangement<ImageNode> {
  const newest = (a: ImageNode, b: ImageNode) =>
    Number(b.repository !== undefined) - Number(a.repository !== undefined) || b.createdAtMs - a.createdAtMs;
  const group = (id: string, of: (repository: string) => string) => (node: ImageNode) => {
    const label = node.repository === undefined ? translate(msg("without a name")) : of(node.repository);
    return { id: `${id}/${label}`, label, icon: { id: "library" }, kind: "group.images" };
  };
  return {
    groups: [
      { id: "none", label: msg("nothing") },
      { id: "repository", label: msg("repository"), of: group("repository", (repository) => repository) },
      { id: "registry", label: msg("registry"), of: group("registry", registryOf) },
    ],
    sorts: [
      { id: "newest", label: msg("newest first"), compare: newest },
      { id: "name", label: msg("name"), compare: (a, b) => a.label.localeCompare(b.label) },
      { id: "size", label: msg("largest first"), compare: (a, b) => b.sizeBytes - a.sizeBytes },
    ],
  };
}

/** `host:5000/a/b:tag` → `host:5000/a/b`. */
function repositoryOf(name: string): string {
  return name.replace(/@.*$/, "").replace(/:[^:/]+$/, "");
}

function registryOf(repository: string): string {
  const [first = "", ...rest] = repository.split("/");
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : "docker.io";
}
