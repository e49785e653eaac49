import type { ImageLayers, LayerFolder, LayerSearch, LayersSummary } from "../../../engine/base/layers-api.ts";
import type { FolderQuestion, SearchQuestion } from "../../layers/source.ts";

/** What the page shows first. */
export interface Start {
  readonly imageId: string;
  readonly name: string;
  readonly image: ImageLayers;
  /** By layer: `Dockerfile:4`. */
  readonly lines: Readonly<Record<number, string>>;
  readonly hasContents: boolean;
  /** The layer that was asked for. */
  readonly layer?: number;
}

export type Question =
  | { readonly ask: "summary" }
  | ({ readonly ask: "folder" } & FolderQuestion)
  | ({ readonly ask: "search" } & SearchQuestion);

export interface Answers {
  readonly summary: LayersSummary;
  readonly folder: LayerFolder;
  readonly search: LayerSearch;
}

export type FromPage =
  | { readonly type: "ready" }
  | { readonly type: "question"; readonly id: number; readonly question: Question }
  | { readonly type: "open"; readonly layer: number; readonly path: string }
  /** `layers`: those that have the file. */
  | { readonly type: "compare"; readonly layer: number; readonly path: string; readonly layers: readonly number[] }
  | { readonly type: "line"; readonly layer: number };

export type ToPage =
  | { readonly type: "start"; readonly start: Start }
  /** The panel was there already: another layer is asked for. */
  | { readonly type: "show"; readonly layer: number }
  | { readonly type: "answer"; readonly id: number; readonly answer: Answers[keyof Answers] }
  | { readonly type: "failed"; readonly id: number; readonly text: string };
