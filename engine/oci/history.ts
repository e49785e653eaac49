import type { ImageConfig } from "./types.ts";

/** A name is a path of at most some thousand characters and a script some thousand more: what is longer is cut. */
const longest = 20_000;

/**
 * What made a layer, as a Dockerfile says it: builders put their shell around it (`RUN |1 A=b /bin/sh -c x # buildkit`,
 * `/bin/sh -c #(nop) CMD ["x"]`, `|1 A=b /bin/sh -c x`).
 */
export function instructionOf(createdBy: string): string {
  const text = createdBy
    .slice(0, longest)
    .trim()
    .replace(/ # buildkit$/, "");
  const nothing = /^\S*sh -c #\(nop\)\s*/.exec(text);
  if (nothing) return text.slice(nothing[0].length).trim();
  const isRun = /^RUN\s/.test(text);
  const rest = isRun ? text.slice(4).trimStart() : text;
  const shell = /(?:^|\s)(?:\/\S{1,200}\/)?(?:ba|da|a|z|k)?sh(?: -[\w-]{1,20}| pipefail){0,6}? -\w{0,5}c /.exec(rest);
  // With build arguments in front, or the shell at once.
  if (shell && (shell.index === 0 || /^\|\d+(?:\s|$)/.test(rest))) {
    return `RUN ${rest.slice(shell.index + shell[0].length).trim()}`;
  }
  return isRun ? `RUN ${rest}` : text;
}

export interface HistoryStep {
  readonly instruction: string;
  readonly createdMs?: number;
  /** Index in `rootfs.diff_ids`. */
  readonly layer?: number;
}

/** The history of an image and which layer each entry made. What the history does not know of is a layer without words. */
export function historySteps({ history = [], rootfs }: Pick<ImageConfig, "history" | "rootfs">): HistoryStep[] {
  const count = rootfs.diff_ids.length;
  const named = history.filter((entry) => !entry.empty_layer).length;
  // More words than layers: nobody can say which belong together, but the last ones were made last.
  let next = count - named;
  const steps: HistoryStep[] = Array.from({ length: Math.max(0, next) }, (_, layer) => ({ instruction: "", layer }));
  for (const { created, created_by: createdBy = "", empty_layer: isEmpty } of history) {
    const createdMs = Date.parse(created ?? "");
    const layer = isEmpty ? undefined : next++;
    steps.push({
      instruction: instructionOf(createdBy),
      ...(createdMs > 0 ? { createdMs } : {}),
      ...(layer !== undefined && layer >= 0 ? { layer } : {}),
    });
  }
  return steps;
}
