/** `latest` first, then versions, the highest first (1.10 above 1.9, 2.0 above 2.0-rc1), then words. */
export function compareTags(a: string, b: string): number {
  const [left, right] = [rank(a), rank(b)];
  if (left.kind !== right.kind) return left.kind - right.kind;
  for (let at = 0; at < Math.max(left.numbers.length, right.numbers.length); at++) {
    // 24 stands for the newest 24.x: above 24.1.
    const difference = (right.numbers[at] ?? Number.POSITIVE_INFINITY) - (left.numbers[at] ?? Number.POSITIVE_INFINITY);
    if (difference !== 0 && !Number.isNaN(difference)) return difference;
  }
  return left.rest.localeCompare(right.rest, "en", { numeric: true });
}

interface Rank {
  readonly kind: 0 | 1 | 2;
  readonly numbers: readonly number[];
  readonly rest: string;
}

function rank(tag: string): Rank {
  if (tag === "latest") return { kind: 0, numbers: [], rest: "" };
  const [, numbers, rest = ""] = /^v?(\d{1,15}(?:\.\d{1,15})*)(?:$|[-_+.](.*))/s.exec(tag) ?? [];
  if (numbers === undefined) return { kind: 2, numbers: [], rest: tag };
  return { kind: 1, numbers: numbers.split(".").map(Number), rest };
}
