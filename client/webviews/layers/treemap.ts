export interface Tile<T> {
  readonly item: T;
  /** Of the whole, 0 to 1. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Rectangles whose areas are in the relation of the sizes, as square as can be (Bruls, Huizing, van Wijk: "Squarified Treemaps").
 * `aspect`: width of the whole in relation to its height. `items` begin with the largest; those of size 0 have no tile.
 */
export function treemap<T>(items: readonly T[], sizeOf: (item: T) => number, aspect: number): Tile<T>[] {
  const sized = items.filter((item) => sizeOf(item) > 0);
  const total = sized.reduce((sum, item) => sum + sizeOf(item), 0);
  const area = (item: T) => (sizeOf(item) / total) * aspect;
  const tiles: Tile<T>[] = [];
  let [x, y, width, height] = [0, 0, aspect, 1];
  for (let next = 0; next < sized.length; ) {
    const side = Math.min(width, height);
    const row: T[] = [];
    let sum = 0;
    let worst = Number.POSITIVE_INFINITY;
    for (; next < sized.length; next++) {
      const item = sized[next] as T;
      const grown = sum + area(item);
      // The largest and the smallest of a row are its least square ones.
      const first = area(row[0] ?? item);
      const ratio = Math.max((side ** 2 * first) / grown ** 2, grown ** 2 / (side ** 2 * area(item)));
      if (row.length > 0 && ratio > worst) break;
      row.push(item);
      sum = grown;
      worst = ratio;
    }
    const depth = side > 0 ? sum / side : 0;
    let along = 0;
    for (const item of row) {
      const length = depth > 0 ? area(item) / depth : 0;
      const tile =
        width >= height
          ? { x, y: y + along, width: depth, height: length }
          : { x: x + along, y, width: length, height: depth };
      tiles.push({ item, x: tile.x / aspect, y: tile.y, width: tile.width / aspect, height: tile.height });
      along += length;
    }
    if (width >= height) {
      x += depth;
      width -= depth;
    } else {
      y += depth;
      height -= depth;
    }
  }
  return tiles;
}
