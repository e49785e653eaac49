import path from "node:path";
import { type Digest, digestOf, isDigest } from "../base/digest.ts";
import type { ForeignEngine } from "../base/forecast.ts";
import type { BaseImage } from "../graph/graph.ts";
import { layoutScheme } from "../graph/named-contexts.ts";
import type { BaseReference } from "../graph/plan.ts";
import { standIn } from "../solver/request.ts";
import { openSelectionMemo, type SelectionMemo } from "../solver/selection-memo.ts";
import { findStored } from "../solver/stored-images.ts";
import { readOnlyContent } from "../store/content-store.ts";
import { openImageStore } from "../store/image-store.ts";
import type { ImageStore } from "../store/types.ts";
import { StatWatch } from "./folder-watch.ts";

/** Base images as the store has them now; nothing is pulled, nothing is changed. */
export class StoredImages {
  readonly #home: string;
  readonly #memoFile: string;
  readonly #memoWatch: StatWatch;
  #memo: SelectionMemo | undefined;
  #images: Promise<ImageStore> | undefined;

  constructor(home: string) {
    this.#home = home;
    this.#memoFile = path.join(home, "selections.json");
    this.#memoWatch = new StatWatch(this.#memoFile);
  }

  /** Once before a forecast. What selections of layers contain, and which image a name was for another platform. */
  refresh(): void {
    if (this.#memoWatch.hasChanged() || !this.#memo) this.#memo = openSelectionMemo(this.#memoFile);
  }

  selection(key: Digest): Digest | undefined {
    return this.#memo?.get(key);
  }

  async find(reference: BaseReference): Promise<BaseImage | undefined> {
    // Whoever builds reads it anew.
    if (reference.name.startsWith(layoutScheme)) return undefined;
    this.#images ??= openImageStore({
      home: this.#home,
      content: readOnlyContent(this.#home),
      cache: { digests: async () => new Set() },
      readOnly: true,
    });
    return findStored(reference, await this.#images, { get: (key) => this.selection(key) });
  }
}

/** As its engine has it; one that it was not asked for is known by its name alone. */
export function foreignImage(reference: BaseReference, { images = {} }: ForeignEngine): BaseImage {
  const known = Object.hasOwn(images, reference.name) ? images[reference.name] : undefined;
  const stand = standIn(reference);
  if (!known) return stand;
  return {
    id: isDigest(known.id) ? known.id : digestOf(known.id),
    config: {
      ...stand.config,
      ...(known.config === undefined ? {} : { config: known.config }),
      rootfs: { type: "layers", diff_ids: known.layers.filter(isDigest) },
    },
  };
}
