import { readFileSync } from "node:fs";
import type { FileChange } from "../base/build-events.ts";
import { type Digest, hexOf } from "../base/digest.ts";
import { changesBetween, type Listing } from "../cache/cause.ts";
import type { PastStep } from "../cache/forecast-state.ts";
import { StepHistory } from "../cache/history.ts";
import type { BuildGraph } from "../graph/graph.ts";
import { vertexOf } from "../graph/vertices.ts";
import { listingFile, listingOf } from "../solver/listings.ts";
import type { Taken } from "./contexts.ts";

const mostKept = 64;

interface Compared {
  /** Between what was taken and what is on disk. */
  readonly changes: readonly FileChange[];
  readonly was: Listing;
}

/** Which files a COPY would take that it did not take before: worked out once for each pair of contents. */
export class FileChanges {
  readonly #home: string;
  readonly #compared = new Map<string, Compared | undefined>();
  listingsRead = 0;

  constructor(home: string) {
    this.#home = home;
  }

  /** By vertex, where it is known. */
  async of(
    graph: BuildGraph,
    stepsBefore: readonly PastStep[],
    copied: ReadonlyMap<number, Taken>,
  ): Promise<ReadonlyMap<number, readonly FileChange[]>> {
    const history = new StepHistory(graph, () => stepsBefore);
    const changes = new Map<number, readonly FileChange[]>();
    for (const [id, taken] of copied) {
      const before = history.before(vertexOf(graph, id))?.content;
      if (before === undefined || before === taken.digest) continue;
      const compared = await this.#compare(before, taken);
      if (compared) changes.set(id, withEdited(compared, taken.unsaved));
    }
    return changes;
  }

  async #compare(before: Digest, { digest, unsaved, selected, stats }: Taken): Promise<Compared | undefined> {
    const key = `${before} ${unsaved?.onDisk ?? digest}`;
    if (this.#compared.has(key)) return this.#compared.get(key);
    const was = this.#read(before);
    const is = was === undefined ? undefined : await listingOf(selected, stats).catch(() => undefined);
    const compared = was === undefined || is === undefined ? undefined : { changes: changesBetween(was, is), was };
    if (this.#compared.size >= mostKept) this.#compared.clear();
    this.#compared.set(key, compared);
    return compared;
  }

  #read(content: Digest): Listing | undefined {
    try {
      const listing = readFileSync(listingFile(this.#home, content), "utf8");
      this.listingsRead += 1;
      return listing;
    } catch {
      return undefined;
    }
  }
}

/** The Dockerfile in the editor instead of the one on disk. */
function withEdited({ changes, was }: Compared, unsaved: Taken["unsaved"]): readonly FileChange[] {
  if (!unsaved) return changes;
  const { path, content } = unsaved;
  const known = changes.find((change) => change.path === path);
  if (known?.change === "added" || known?.change === "mode") return changes;
  const others = changes.filter((change) => change !== known);
  // As `listingOf` writes it.
  if (
    was.includes(` file ${hexOf(content).slice(0, 32)}\n`) &&
    lineOf(was, path)?.endsWith(hexOf(content).slice(0, 32))
  ) {
    return others;
  }
  return [...others, { path, change: "content" as const }].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function lineOf(listing: Listing, path: string): string | undefined {
  const from = listing.startsWith(`${path}\t`) ? 0 : listing.indexOf(`\n${path}\t`) + 1;
  return from === 0 && !listing.startsWith(`${path}\t`) ? undefined : listing.slice(from, listing.indexOf("\n", from));
}
