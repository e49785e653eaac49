/** Something of the build cache: what a step made, or the folder of a `RUN --mount=type=cache`. */
export interface CacheItem {
  readonly id: string;
  readonly kind: "regular" | "exec.cachemount";
  /** What a person calls it. */
  readonly description: string;
  /** What holds its bytes; items that share one are one on the disk. */
  readonly storage: string;
  readonly sizeBytes: number;
  readonly createdAt: number;
  readonly usedAt: number;
  readonly inUse: boolean;
  /** An image holds it, too: without the cache it would be there all the same. */
  readonly shared: boolean;
}

export interface PruneWish {
  /** Also what images hold: that frees nothing now, and the next build does it again. */
  readonly all: boolean;
  /** Only what was not used since (ms since 1970). */
  readonly unusedSince?: number;
  /** Beginnings of ids. */
  readonly ids?: readonly string[];
  readonly kinds?: readonly string[];
  /** So many bytes stay, the last used ones. */
  readonly keepBytes?: number;
}

/** What goes, the longest unused first; never what is in use. */
export function planPrune(items: readonly CacheItem[], wish: PruneWish): readonly CacheItem[] {
  const users = new Map<string, number>();
  let bytes = 0;
  for (const { storage, shared, sizeBytes } of items) {
    const known = users.get(storage) ?? 0;
    if (known === 0 && !shared) bytes += sizeBytes;
    users.set(storage, known + 1);
  }
  const candidates = items
    .filter(({ inUse, shared }) => !inUse && (wish.all || !shared))
    .filter(({ usedAt }) => wish.unusedSince === undefined || usedAt < wish.unusedSince)
    .filter(({ kind }) => !wish.kinds || wish.kinds.includes(kind))
    .filter(({ id }) => !wish.ids || wish.ids.some((start) => start !== "" && id.startsWith(start)))
    .toSorted((a, b) => a.usedAt - b.usedAt);
  const gone: CacheItem[] = [];
  for (const item of candidates) {
    if (wish.keepBytes !== undefined && bytes <= wish.keepBytes) break;
    gone.push(item);
    const left = (users.get(item.storage) ?? 1) - 1;
    users.set(item.storage, left);
    if (left === 0 && !item.shared) bytes -= item.sizeBytes;
  }
  return gone;
}
