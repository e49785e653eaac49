import type { Position, Range } from "../../engine/base/ranges.ts";
import { contains } from "./fixes.ts";

/** Ranges by the lines that they touch. */
export class Covered {
  readonly #byLine = new Map<number, Range[]>();

  add(range: Range): void {
    for (let { line } = range.start; line <= range.end.line; line += 1) {
      const ranges = this.#byLine.get(line);
      if (ranges) ranges.push(range);
      else this.#byLine.set(line, [range]);
    }
  }

  has(position: Position): boolean {
    return this.#byLine.get(position.line)?.some((range) => contains(range, position)) ?? false;
  }
}
