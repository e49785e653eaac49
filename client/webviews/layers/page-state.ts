import type { LayerChange } from "../../../engine/base/layers-api.ts";
import type { Answers, FromPage, Question } from "./messages.ts";
import type { LayerWords } from "./words.ts";

export type Tab = "files" | "map" | "wasted";

/** What the person has chosen: kept while the tab is hidden. */
export interface State {
  layer: number;
  view: "layer" | "image";
  tab: Tab;
  /** Open folders of the tree. */
  expanded: readonly string[];
  /** Of the map. */
  folder: string;
  filter: string;
  /** None: all. */
  changes: readonly LayerChange[];
  /** The row with the focus. */
  focused?: string;
}

/** What the parts of the page work with. */
export interface Page {
  readonly state: State;
  readonly words: LayerWords;
  ask<Q extends Question>(question: Q): Promise<Answers[Q["ask"]]>;
  post(message: FromPage): void;
  save(): void;
  /** Changes what is chosen and draws it. Resolves once it, or what was chosen after it, has been drawn. */
  show(change: Partial<State>): Promise<void>;
  choose(layer: number): void;
}
