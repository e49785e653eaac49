/** A tag taken apart, for an order that people expect. */
interface Version {
  readonly tag: string;
  /** 0: versions alone. 1: names alone (`lts`, `alpine`). 2: variants of a version. 3: not yet released. 4: the rest. */
  readonly rank: number;
  readonly numbers: readonly number[];
  readonly variant: string;
}

const hashes = /^(?:sha(?:256)?-|[0-9a-f]{7,40}$|.*[0-9a-f]{20})/;
const early = /(?:^|[.-])(?:rc|alpha|beta|dev|nightly|pre|preview|canary|snapshot|unstable|test|experimental)\d*/i;

/** Newest version first, before its variants; then names, variants newest first, what is not released, and hashes. */
export function sortTags(tags: readonly string[]): readonly string[] {
  return tags
    .map(read)
    .sort(compare)
    .map(({ tag }) => tag);
}

function read(tag: string): Version {
  const found = /^v?(\d+(?:\.\d+)*)(.*)$/.exec(tag);
  const isHash = hashes.test(tag) && !/^\d+$/.test(tag);
  if (!found || isHash) {
    const rank = isHash ? 4 : early.test(tag) ? 3 : tag === "latest" ? 4 : 1;
    return { tag, rank, numbers: [], variant: tag };
  }
  const numbers = (found[1] ?? "").split(".").map(Number);
  const variant = (found[2] ?? "").replace(/^[-+_.]/, "");
  const isDate = (numbers[0] ?? 0) >= 20_000_000;
  return {
    tag,
    rank: isDate ? 4 : early.test(tag) || /^(?:rc|a|b|alpha|beta)\d/.test(variant) ? 3 : variant === "" ? 0 : 2,
    numbers,
    variant,
  };
}

function compare(a: Version, b: Version): number {
  return (
    a.rank - b.rank ||
    compareNumbers(a.numbers, b.numbers) ||
    a.variant.length - b.variant.length ||
    (a.variant < b.variant ? -1 : a.variant > b.variant ? 1 : a.tag < b.tag ? -1 : 1)
  );
}

/** Newer first; `24` stands for the newest of its line and comes before `24.1`. */
function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const [one, other] = [a[at], b[at]];
    if (one === undefined) return -1;
    if (other === undefined) return 1;
    if (one !== other) return other - one;
  }
  return 0;
}
