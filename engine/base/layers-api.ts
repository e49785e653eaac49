import type { Digest } from "./digest.ts";
import type { FileType } from "./files-api.ts";

/**
 * What the layers of an image hold, below `/drydock/images/{name}/layers`. All are GET:
 *
 *   (nothing)               ImageLayers: at once, no layer is read
 *   /summary                LayersSummary: what each layer adds, changes and removes, and what is wasted
 *   /{index}/files?path=    LayerFolder: one folder. `view=image`: the image up to this layer, not this layer alone;
 *                           `order=size`: the largest first; `offset=`, `limit=`: a part of many
 *   /{index}/file?path=     a file's bytes as the image has it up to this layer; links are followed inside of it
 *   /search?q=              LayerSearch: paths with the word in them (`*` and `?` as in a shell); `layer=`: what happens in this layer;
 *                           `changes=added,removed`; `limit=`
 *
 * The first question about an image reads its layers from one end to the other; the answer is kept by digest.
 */
export interface ImageLayers {
  readonly imageId: string;
  /** Oldest first, with those that changed nothing but the configuration. */
  readonly steps: readonly ImageStep[];
  /** Bottom first. */
  readonly layers: readonly ImageLayer[];
}

export interface ImageStep {
  /** As in a Dockerfile: `RUN npm ci`. Empty when the image does not say. */
  readonly instruction: string;
  /** ms since 1970. */
  readonly createdMs?: number;
  /** Which layer it made. */
  readonly layer?: number;
}

export interface ImageLayer {
  readonly index: number;
  readonly instruction: string;
  /** Of the blob as it is stored, and of its uncompressed tar. Engines of others know the second only. */
  readonly digest?: Digest;
  readonly diffId?: Digest;
  /** As stored, perhaps compressed; of the files in it where nothing else is known. */
  readonly sizeBytes: number;
  readonly createdMs?: number;
}

export type LayerChange = "added" | "changed" | "removed";

export interface LayersSummary {
  readonly layers: readonly LayerTotals[];
  /** In the image as a container sees it. */
  readonly fileCount: number;
  readonly fileBytes: number;
  /** In all layers together. */
  readonly storedBytes: number;
  /** Bytes that the image carries and nobody sees: replaced or removed by a later layer. */
  readonly wastedBytes: number;
  /** 0 to 1: the smallest size that each path ever had, in relation to all that is stored of it. */
  readonly efficiency: number;
  readonly wastedCount: number;
  /** The largest, at most 500. */
  readonly wasted: readonly WastedFile[];
}

export interface LayerTotals {
  /** Of the files in it. */
  readonly bytes: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Of what it has, or what it removes, of files of layers below: it replaced or removed so much. */
  readonly hiddenBytes: number;
}

export interface WastedFile {
  readonly path: string;
  readonly wastedBytes: number;
  /** In which layers it is stored. */
  readonly layers: readonly number[];
  /** The layer that removed it; absent when it is there in the end. */
  readonly removedIn?: number;
}

export interface LayerFolder {
  readonly path: string;
  /** What the path itself is; a hard link is the file that it names. Absent for the root. */
  readonly self?: LayerEntry;
  /** Folders first, by name, or the largest first. */
  readonly entries: readonly LayerEntry[];
  /** Of all, not only of the part that was asked for. */
  readonly total: number;
}

export interface LayerEntry {
  readonly name: string;
  /** `hard-link`: another name of `linkTarget`, its bytes are counted there. */
  readonly type: FileType | "hard-link";
  /** Of a folder: of all that is below it (in this layer, or in the image). Of what is removed: how much it was. */
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeMs: number;
  readonly linkTarget?: string;
  /** Of a link that was asked for itself: what it leads to; absent when it leads nowhere. */
  readonly targetType?: "file" | "folder";
  /** What this layer does to it. */
  readonly change?: LayerChange;
  /** Of a folder: what this layer does below it. */
  readonly below?: Readonly<Record<LayerChange, number>>;
  /** Before this layer, when it was changed. */
  readonly before?: Pick<LayerEntry, "size" | "mode" | "uid" | "gid">;
  /** Layers that have it, when there are several. */
  readonly layers?: readonly number[];
}

export interface LayerSearch {
  readonly found: readonly FoundPath[];
  /** There are more. */
  readonly more: boolean;
}

export interface FoundPath {
  /** Absolute. */
  readonly path: string;
  readonly type: LayerEntry["type"];
  /** What happens to it, layer by layer. */
  readonly history: readonly { readonly layer: number; readonly change: LayerChange; readonly size: number }[];
}
