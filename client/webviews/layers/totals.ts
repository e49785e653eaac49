import { formatBytes } from "../../../engine/base/format.ts";
import { fill } from "../dom.ts";
import type { LayerWords } from "./words.ts";

/** What an image has in it. */
export function totalsText(words: Pick<LayerWords, "totals" | "oneFile">, files: number, bytes: number): string {
  return fill(files === 1 ? words.oneFile : words.totals, { files, size: formatBytes(bytes) });
}

/** What a map has no room for. */
export function othersText(words: Pick<LayerWords, "others" | "oneOther">, count: number): string {
  return count === 1 ? words.oneOther : fill(words.others, { count });
}
