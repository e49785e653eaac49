import { fileNameOf } from "../graph/add.ts";
import type { CopyOp } from "../graph/graph.ts";
import type { GitAccess } from "./git.ts";
import { type Fetched, fetchForAdd, type Remotes } from "./remotes.ts";

interface AddSourcesOptions {
  readonly remotes: Remotes;
  /** How repositories are logged in to. */
  readonly access?: GitAccess;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly onStart: (vertex: number) => void;
  readonly onProgress: (vertex: number, item: string, currentBytes: number, totalBytes?: number) => void;
}

/**
 * What the ADDs of one build fetch, each once. It decides their keys, so that such a step begins before it is known whether
 * it is cached.
 */
export class AddSources {
  readonly #options: AddSourcesOptions;
  readonly #fetched = new Map<number, Promise<readonly Fetched[]>>();

  constructor(options: AddSourcesOptions) {
    this.#options = options;
  }

  /** In the order of `op.remotes`. */
  of(vertex: number, op: CopyOp): Promise<readonly Fetched[]> {
    let fetched = this.#fetched.get(vertex);
    if (!fetched) {
      fetched = op.remotes ? this.#fetch(vertex, op.remotes) : Promise.resolve([]);
      if (op.remotes) this.#fetched.set(vertex, fetched);
    }
    return fetched;
  }

  #fetch(vertex: number, sources: NonNullable<CopyOp["remotes"]>): Promise<readonly Fetched[]> {
    const { remotes, access = {}, signal, now, onStart, onProgress } = this.#options;
    onStart(vertex);
    return Promise.all(
      sources.map((source) => {
        const item = source.kind === "url" ? fileNameOf(source.url) : "git";
        let last = now();
        const onBytes = (currentBytes: number, totalBytes?: number) => {
          if (currentBytes !== totalBytes && now() - last < 100) return;
          last = now();
          onProgress(vertex, item, currentBytes, totalBytes);
        };
        return fetchForAdd(remotes, source, { ...access, signal, onBytes });
      }),
    );
  }
}
