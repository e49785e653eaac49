export interface Place<T> {
  show(drawn: T): void;
  /** It takes longer than a person's eye: said instead of what was there. */
  wait(): void;
  fail(error: unknown): void;
}

/**
 * Draws what was asked for last, whatever asked for before it still takes: that one neither shows itself, nor says that it is late, nor
 * that it failed. Resolves once nothing newer is to come.
 */
export function latestOnly<T>(place: Place<T>, patienceMs = 300): (draw: () => Promise<T>) => Promise<void> {
  let latest: Promise<void> | undefined;
  return (draw) => {
    const mine: Promise<void> = (async () => {
      const isLatest = () => mine === latest;
      const late = setTimeout(() => isLatest() && place.wait(), patienceMs);
      try {
        const drawn = await draw();
        if (isLatest()) place.show(drawn);
      } catch (error) {
        if (isLatest()) place.fail(error);
      } finally {
        clearTimeout(late);
      }
      if (!isLatest()) await latest;
    })();
    latest = mine;
    return mine;
  };
}
